package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;
import org.kthread.proc.CurThread;
import org.kthread.proc.HostThreads;
import org.kthread.proc.ProcTable;
import org.kthread.shutdown.Budget.Phase;
import org.kthread.shutdown.KprocShutdown.Terms;
import org.kthread.shutdown.PhaseRunner.Ended;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * The shutdown of one kernel. Wiring: programs see {@code Kernel.reboot}.
 *
 * <p>A coordinator thread goes through the phases; what is not ours runs on a runner beside it, so that nothing that hangs can
 * hold the sequence up, nor a console that blocks. The threads are made with the kernel.
 */
public final class ShutdownSequence {
    /*
     * QUIET -> BEGUN     by the first reboot or panic: howto and budget are fixed then, and the coordinator wakes
     * BEGUN -> OVER      by the coordinator, the last thing it does: the report is there
     *
     * Locking key: (f) final; (m) this monitor; (v) volatile, written under (m); (c) the coordinator only.
     */
    private final KernelClock clock; // (f)
    private final ProcTable procs; // (f)
    private final SyncTargets syncTargets; // (f)
    private final Printer console; // (f)
    private final Panic panic = new Panic(); // (f)
    private final Undos undos = new Undos(); // (f)
    private final Duration usualBudget; // (f)
    private final boolean syncOnPanic; // (f)
    private final long boot; // (f) when the kernel was started
    private final PhaseRunner runner; // (f)
    private final List<Step> steps; // (f) what the coordinator does, in this order
    private final Thread coordinator; // (f)

    private volatile @Nullable Begun begun; // (v)

    @GuardedBy("this")
    private @Nullable ShutdownReport report; // (m)

    @GuardedBy("this")
    private final Set<Thread> waiting = Collections.newSetFromMap(new IdentityHashMap<>(1)); // (m) for the report

    /**
     * What the first call fixed; where the names of host threads that live are put; and a report for the case that there is no
     * memory for another in the end.
     */
    private record Begun(Howto howto, Budget budget, Ledger ledger, List<String> left, ShutdownReport bare) {}

    /** A phase, or what stands between two. */
    private interface Step {
        void run(Begun now);
    }

    /**
     * A shutdown that has not begun; its threads are not yet started.
     *
     * @param clock times everything
     * @param procs whom to stop
     * @param events whose handlers to run
     * @param syncTargets what to sync
     * @param console takes the kernel's lines
     * @param usualBudget how much time there is, when who begins it does not say
     * @param syncOnPanic whether to sync after a panic
     */
    public ShutdownSequence(
            KernelClock clock,
            ProcTable procs,
            ShutdownEvents events,
            SyncTargets syncTargets,
            Consumer<String> console,
            Duration usualBudget,
            boolean syncOnPanic) {
        this.clock = clock;
        this.procs = procs;
        this.syncTargets = syncTargets;
        this.console = new Printer(clock, console);
        this.usualBudget = usualBudget;
        this.syncOnPanic = syncOnPanic;
        this.boot = clock.nanoTime();
        this.runner = new PhaseRunner(clock);
        this.steps = List.of(
                now -> handlers(now, Phase.PRE_SYNC, events.preSync()),
                this::sync,
                now -> this.console.accept(Uptime.line(Duration.ofNanos(clock.nanoTime() - boot))),
                now -> handlers(now, Phase.POST_SYNC, events.postSync()),
                this::stop,
                now -> handlers(now, Phase.FINAL, events.finalEvent()),
                this::undo,
                now -> this.console.accept(
                        now.howto.isAutoboot() ? "Rebooting..." : "The operating system has halted."),
                now -> now.left.addAll(procs.close(now.budget.deadline(Phase.UNDO))),
                now -> now.left.addAll(runner.close()),
                now -> now.left.addAll(this.console.close(now.budget.deadline(Phase.UNDO))));
        this.coordinator = HostThreads.kernelThread("shutdown", this::coordinate);
    }

    /**
     * Starts the threads.
     *
     * @throws KernelException EAGAIN if the JVM refuses one; none is left then
     */
    public void start() {
        try {
            runner.start();
            console.start();
            coordinator.start();
        } catch (OutOfMemoryError e) {
            runner.close();
            console.close(clock.nanoTime());
            throw new KernelException(
                    Errno.EAGAIN, "the JVM refused a thread for the shutdown; raise the limits of the system", e);
        }
    }

    /* ---- Those who want it. ---- */

    /**
     * Begins the shutdown, if nobody has, and waits for its report; see {@code Kernel.reboot} for who does not wait.
     *
     * @param howto how
     * @param budget how much time there is
     * @return the report
     * @throws InterruptedException if interrupted while waiting
     */
    public ShutdownReport reboot(Howto howto, Duration budget) throws InterruptedException {
        try {
            begin(howto, budget, true);
            return awaitReport();
        } finally {
            synchronized (this) {
                waiting.remove(Thread.currentThread());
            }
        }
    }

    /** The calling kernel thread has nothing to wait for but its stop. An interrupt does not end that; it is remembered. */
    private Error leave() {
        if (CurThread.shouldStop()) {
            throw CurThread.exit(0); // it is unwinding as it is, or runs the handlers of its end
        }
        boolean interrupted = false;
        try {
            for (boolean over = false; !over; ) {
                try {
                    CurThread.quiescent("reboot", this::awaitOver);
                    over = true;
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (Exception e) {
                    throw new AssertionError("awaitOver throws nothing else", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        throw CurThread.exit(0);
    }

    /**
     * Waits for the end of a shutdown that somebody begins. Inside the shutdown, and to a kernel thread, it does what
     * {@link #reboot} does.
     *
     * @return the report
     * @throws InterruptedException if interrupted
     */
    public ShutdownReport awaitReport() throws InterruptedException {
        Begun now = begun;
        if (now != null && isInside()) {
            return now.ledger.report(panic.text(), List.of(), false);
        }
        if (isOwnKernelThread()) {
            throw leave();
        }
        ShutdownReport over = awaitOver();
        HostThreads.join(coordinator);
        return over;
    }

    private ShutdownReport awaitOver() throws InterruptedException {
        synchronized (this) {
            waiting.add(Thread.currentThread());
            try {
                while (report == null) {
                    clock.await(this, KernelClock.NEVER);
                }
                return report;
            } finally {
                waiting.remove(Thread.currentThread());
            }
        }
    }

    /**
     * Whether a thread waits for the report.
     *
     * @param thread any thread
     * @return true while it does
     */
    public synchronized boolean isAwaiting(Thread thread) {
        return waiting.contains(Objects.requireNonNull(thread, "thread"));
    }

    /**
     * Whether the shutdown has begun.
     *
     * @return true from then on
     */
    public boolean rebooting() {
        return begun != null;
    }

    /**
     * Begins the shutdown after something went wrong beyond repair. The first text is kept. Returns at once, except to a
     * kernel thread: that does not do any more.
     *
     * @param text what is wrong
     */
    public void panic(String text) {
        panic.declare(Objects.requireNonNull(text, "text"));
        Howto howto = syncOnPanic ? Howto.HALT : Howto.HALT.nosync();
        begin(howto, usualBudget, false); // first: the console may be what is broken
        console.accept("panic: " + text);
        if (isOwnKernelThread()) {
            throw leave();
        }
    }

    /**
     * Adds something to undo in the last phase, before all that was added before.
     *
     * @param name for the report
     * @param undo runs on a thread of the shutdown's
     * @throws KernelException ESHUTDOWN if that phase has begun
     */
    public void onUndo(String name, Action undo) {
        undos.add(name, undo);
    }

    private void begin(Howto howto, Duration budget, boolean waits) {
        Objects.requireNonNull(howto, "howto");
        long length = KernelClock.nanos(Objects.requireNonNull(budget, "budget"));
        synchronized (this) {
            if (begun == null) {
                Budget shares = new Budget(clock.nanoTime(), length);
                Ledger ledger = new Ledger(clock, howto, shares, budget);
                begun = new Begun(howto, shares, ledger, new ArrayList<>(), ledger.report(null, List.of(), false));
                notifyAll();
            }
            if (waits) {
                waiting.add(Thread.currentThread()); // at once: who asks for it may come before it does wait
            }
        }
    }

    private boolean isInside() {
        return Thread.currentThread() == coordinator || runner.isInside() || console.isInside();
    }

    private boolean isOwnKernelThread() {
        return CurThread.isKernelThread() && procs.owns(CurThread.curproc());
    }

    /* ---- The coordinator. ---- */

    private void coordinate() {
        Begun now = awaitBegin();
        try {
            for (int i = 0; i < steps.size(); i++) {
                attempt(now, steps.get(i));
            }
        } finally {
            publish(lastReport(now));
        }
    }

    /**
     * One step. What fails in it (only what is ours, or lack of memory, can) does not keep the others from their turn; between
     * two steps nothing is allocated.
     */
    private void attempt(Begun now, Step step) {
        try {
            console.beginPhase();
            step.run(now);
        } catch (Throwable t) {
            tellFailed(now, t);
        }
        try {
            now.ledger.endPhase();
        } catch (Throwable t) {
            tellFailed(now, t);
        }
    }

    private static void tellFailed(Begun now, Throwable failure) {
        try {
            System.getLogger("org.kthread.shutdown")
                    .log(
                            System.Logger.Level.ERROR,
                            "a phase of the shutdown failed; what was done is in its report",
                            failure);
        } catch (Throwable t) {
            // a line less
        }
        try {
            now.ledger.failed(failure);
        } catch (Throwable t) {
            // a row less
        }
    }

    /** Who waits for it gets one, whatever happens here. */
    private ShutdownReport lastReport(Begun now) {
        try {
            return now.ledger.report(panic.text(), now.left, true);
        } catch (Throwable t) {
            return now.bare;
        }
    }

    private synchronized Begun awaitBegin() {
        while (begun == null) {
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt the coordinator: it goes on
            }
        }
        return Objects.requireNonNull(begun);
    }

    private synchronized void publish(ShutdownReport over) {
        report = over;
        notifyAll();
    }

    private void handlers(Begun now, Phase phase, EventList<Howto> list) {
        now.ledger.beginPhase(phase.title);
        List<KprocShutdown> asked = new ArrayList<>();
        int priority = 0; // theirs
        for (EventTag<Howto> tag = list.next(null); tag != null; tag = list.next(tag)) {
            EventTag<Howto> turn = tag;
            if (turn.priority() != priority) {
                letGo(asked);
            }
            priority = turn.priority();
            if (turn.unnamed() instanceof KprocShutdown handler) {
                suspend(now, phase, list, turn, handler, asked);
            } else {
                long deadline = now.budget.deadline(phase);
                run(now, deadline, HandlerName.of(turn), () -> HandlerName.itself(turn), () -> turn.call(now.howto));
            }
        }
        letGo(asked);
    }

    /** Those that were asked and had no turn: somebody deregistered them meanwhile. After a panic they wait for their stop. */
    private void letGo(List<KprocShutdown> asked) {
        if (!panic.isDeclared()) {
            asked.forEach(KprocShutdown::withdraw);
        }
        asked.clear();
    }

    /** A daemon's turn: all of its priority are asked with the first. After a panic none is. */
    private void suspend(
            Begun now,
            Phase phase,
            EventList<Howto> list,
            EventTag<Howto> turn,
            KprocShutdown handler,
            List<KprocShutdown> asked) {
        if (panic.isDeclared()) {
            return;
        }
        if (!handler.isAsked()) {
            Terms terms = Terms.of(clock, groupDeadline(now, phase, list, turn), panic, console);
            for (EventTag<Howto> each = turn;
                    each != null && each.priority() == turn.priority();
                    each = list.next(each)) {
                if (each.unnamed() instanceof KprocShutdown other && !other.isAsked()) {
                    other.ask(terms);
                    asked.add(other);
                }
            }
        }
        boolean done = run(now, now.budget.limit(phase), turn.handler().toString(), () -> turn.call(now.howto));
        if (!done || handler.isInTurn()) { // or somebody has deregistered it meanwhile: it is let go
            handler.tell(now.ledger);
            asked.remove(handler);
        }
    }

    /** A priority has the rest of the phase; half of it if daemons of a later priority are still to be asked. */
    private long groupDeadline(Begun now, Phase phase, EventList<Howto> list, EventTag<Howto> turn) {
        long end = now.budget.deadline(phase);
        for (EventTag<Howto> later = list.next(turn); later != null; later = list.next(later)) {
            if (later.priority() != turn.priority()
                    && later.unnamed() instanceof KprocShutdown
                    && end != KernelClock.NEVER) {
                long time = clock.nanoTime();
                return time + Math.max(0, end - time) / 2;
            }
        }
        return end;
    }

    private void sync(Begun now) {
        if (now.howto.isNosync() || isSyncCancelled()) {
            return;
        }
        now.ledger.beginPhase(Phase.SYNC.title);
        long deadline = now.budget.deadline(Phase.SYNC);
        BufSync sync = new BufSync(clock, runner, syncTargets.all(), console, deadline, this::isSyncCancelled);
        sync.run();
        sync.tell(now.ledger);
    }

    /** Stops and joins every kernel thread; after a panic nobody waits for them. */
    private void stop(Begun now) {
        now.ledger.beginPhase(Phase.STOP.title);
        procs.refuseCreation("the kernel is shutting down");
        Thread.interrupted(); // nobody has a reason to interrupt the coordinator, and it could not wait
        boolean patient = panic.beginWait();
        try {
            procs.stopAll(patient ? now.budget.deadline(Phase.STOP) : clock.nanoTime())
                    .forEach(now.ledger::stopped);
        } finally {
            panic.endWait();
        }
    }

    private boolean isSyncCancelled() {
        return panic.isDeclared() && !syncOnPanic;
    }

    private void undo(Begun now) {
        now.ledger.beginPhase(Phase.UNDO.title);
        List<Undos.Undo> all = undos.take();
        for (int i = 0; i < all.size(); i++) {
            Undos.Undo undo = all.get(i);
            run(now, undoDeadline(now, i == all.size() - 1), undo.name(), undo.action());
        }
    }

    /** One that does not return costs half of the time left, so that there is time for those behind it. */
    private long undoDeadline(Begun now, boolean isLast) {
        long end = now.budget.deadline(Phase.UNDO);
        long time = clock.nanoTime();
        return isLast || end == KernelClock.NEVER ? end : time + Math.max(0, end - time) / 2;
    }

    private boolean run(Begun now, long deadline, String name, Action action) {
        return run(now, deadline, name, () -> name, action);
    }

    /** Runs something that is not ours, and what it calls itself, up to a deadline; writes down what came of it: whether it is done. */
    private boolean run(Begun now, long deadline, String name, Supplier<String> itself, Action action) {
        int number = now.ledger.beginRun(name);
        if (clock.nanoTime() >= deadline) {
            now.ledger.endRun(Result.NOT_RUN, null, List.of());
            return false;
        }
        Action named = () -> {
            now.ledger.rename(number, itself.get());
            action.run();
        };
        Ended ended = runner.run(named, deadline);
        Result result = ended.abandoned() ? Result.ABANDONED : ended.failure() != null ? Result.FAILED : Result.DONE;
        now.ledger.endRun(result, ended.failure(), ended.stack());
        return result == Result.DONE;
    }
}
