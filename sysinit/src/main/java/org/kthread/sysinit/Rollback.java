package org.kthread.sysinit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * What of one boot can be taken back, and by whom: the booting thread, or the shutdown. Made by the booting thread when
 * the boot begins.
 */
final class Rollback {

    /*
     * RUNNING  -> COMPLETE   the last step has run, or there was no memory to take back
     * RUNNING  -> UNDOING    a step has failed: the booting thread takes back
     * RUNNING  -> STOPPED    a shutdown has begun: its last phase takes back, unless it has no time for that
     * COMPLETE, STOPPED -> OVER      that phase takes back
     * RUNNING, STOPPED -> UNDOING    the phase is over, or left this to the booting thread: it takes back
     * UNDOING  -> OVER
     *
     * Why a shutdown that begins during the boot is let through to its last phase first: the undo of a step may close what
     * the handlers and the sync of the shutdown are about to use.
     *
     * The last phase and the booting thread wait for each other if a step, or an undo, waits for the end of the shutdown, or
     * ends the JVM. So the phase takes back all that is under it, and leaves the rest to it. An interrupt may end its wait early:
     * therefore the phase takes all of that at once, and the booting thread waits for the end of the shutdown before it goes on.
     * Each undo is given out once, under the monitor, whoever comes for it.
     *
     * Locking key: (f) final; (m) monitor.
     */
    private enum State {
        RUNNING,
        COMPLETE,
        STOPPED,
        UNDOING,
        OVER
    }

    /** How often the shutdown looks whether the thread that it waits for waits for the shutdown. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Kernel kernel; // (f)
    private final KernelClock clock; // (f)
    private final Booter booter; // (f)
    private final Object monitor = new Object();

    /** How the watch is started; a test puts a JVM here that refuses. */
    Consumer<Thread> starter = Thread::start;

    @GuardedBy("monitor")
    private final List<StepRun> ran;

    @GuardedBy("monitor")
    private final List<IllegalStateException> failures = new ArrayList<>();

    @GuardedBy("monitor")
    private State state = State.RUNNING;

    /** The last phase of the shutdown will not come back. */
    @GuardedBy("monitor")
    private boolean passed;

    /** It takes back what it has taken while the booting thread waited for it. */
    @GuardedBy("monitor")
    private boolean takesBack;

    /** Each undo that is to run at the shutdown is registered. */
    @GuardedBy("monitor")
    private boolean handedOver;

    /** One of them came to run when not all were registered: they would run out of order, so none runs. */
    @GuardedBy("monitor")
    private boolean refused;

    /** How it ended for the booting thread. */
    record Outcome(
            boolean stopped, boolean interrupted, @Nullable Error unwind, List<IllegalStateException> failures) {}

    Rollback(Kernel kernel, int steps) {
        this.kernel = kernel;
        this.clock = kernel.clock();
        this.booter = new Booter(clock);
        this.ran = new ArrayList<>(steps);
    }

    void began(StepRun run) {
        synchronized (monitor) {
            ran.add(run);
        }
    }

    List<StepRun> ran() {
        synchronized (monitor) {
            return List.copyOf(ran);
        }
    }

    Booter booter() {
        return booter;
    }

    private Undoing undoing() {
        return new Undoing(clock, booter::takeLastInterrupt, this::take);
    }

    /** Has the last phase of the shutdown come by. */
    void register() {
        try {
            kernel.onUndo("boot", this::atShutdown);
        } catch (KernelException e) {
            synchronized (monitor) {
                passed = true; // the kernel is down, or nearly so
            }
        }
    }

    /**
     * Leaves the undos to the shutdown, each by its own name, so that each has its own row in the report. False if the last phase
     * has begun without the rest: in it, "boot" does all, in order.
     */
    private boolean handOver() {
        try {
            for (StepRun run : ran()) {
                if (run.hasUndo()) {
                    kernel.onUndo(run.step.name(), () -> undo(run));
                }
            }
        } catch (KernelException e) {
            return false;
        }
        synchronized (monitor) {
            handedOver = true;
        }
        return true;
    }

    /** The kernel calls this in the last phase of its shutdown, of the last step first. */
    void undo(StepRun run) {
        synchronized (monitor) {
            refused |= !handedOver;
            if (refused || !run.take()) {
                return;
            }
        }
        Undoing undoing = undoing();
        undoing.takeBack(List.of(run));
        keep(undoing.failures());
        for (IllegalStateException failure : undoing.failures()) {
            throw failure; // there is one at most
        }
    }

    /** For who runs the boot. */
    private void keep(List<IllegalStateException> more) {
        synchronized (monitor) {
            failures.addAll(more);
        }
    }

    /** The booting thread has left its last step, or its last undo. */
    private void leave(State next) {
        synchronized (monitor) {
            state = next;
            monitor.notifyAll();
        }
    }

    /** All steps have run. The budget is for what a shutdown leaves to the booting thread. */
    void complete(boolean undoAtShutdown, Duration budget) {
        Undoing undoing = undoing(); // before the state changes, as in fail
        boolean late = undoAtShutdown && !handOver();
        if (!undoAtShutdown) {
            takeAll(); // for nobody
        }
        leave(late ? State.STOPPED : undoAtShutdown ? State.COMPLETE : State.OVER);
        boolean interrupted = booter.takeLastInterrupt(false);
        if (late) {
            interrupted |= awaitShutdown(undoing, budget);
        }
        if (interrupted || undoing.interrupted()) {
            booter.thread.interrupt(); // it came after the last step, and is the caller's
        }
        for (IllegalStateException failure : undoing.failures()) {
            // The boot is complete: there is no exception to tell it in.
            Log.error(String.valueOf(failure.getMessage()), failure);
        }
        Error unwind = undoing.unwind();
        if (unwind != null) {
            throw unwind;
        }
    }

    /** A step has failed, or was not started because the kernel shuts down. Takes the flag of an interrupt, and all back. */
    Outcome fail(Duration budget) {
        // What there may be no memory for comes before the state changes: this can be called again.
        Undoing undoing = undoing();
        List<StepRun> steps = ran();
        long deadline = clock.deadline(budget);
        boolean stopped = kernel.rebooting();
        if (stopped) {
            handOver();
        }
        leave(stopped ? State.STOPPED : State.UNDOING);
        boolean interrupted = booter.takeLastInterrupt(false);
        if (stopped) {
            interrupted |= awaitShutdown(undoing, budget);
        } else {
            takeBack(undoing, steps, deadline);
            interrupted |= awaitPhase();
        }
        interrupted |= undoing.interrupted();
        synchronized (monitor) {
            return new Outcome(stopped, interrupted, undoing.unwind(), List.copyOf(failures));
        }
    }

    /** Whether nothing is decided: neither is the boot complete, nor does anybody take back. */
    boolean isRunning() {
        synchronized (monitor) {
            return state == State.RUNNING;
        }
    }

    /** The boot has ended, whatever it died of: what it could not take back is for the shutdown. */
    void end() {
        synchronized (monitor) {
            if (state == State.RUNNING) {
                leave(State.COMPLETE);
            }
        }
    }

    /** Takes back within a budget. */
    private void takeBack(Undoing undoing, List<StepRun> steps, long deadline) {
        Watch watch = null;
        try {
            watch = Watch.over(steps, booter, clock, deadline, starter);
            undoing.takeBack(steps, deadline);
        } finally {
            over(undoing, watch);
        }
    }

    /** Takes back what the shutdown has left, within a budget that begins now. */
    private void takeBack(Undoing undoing, Duration budget) {
        Watch watch = null;
        try {
            List<StepRun> taken = takeAll();
            watch = Watch.over(taken, booter, clock, budget, starter);
            undoing.takeBack(taken);
        } finally {
            over(undoing, watch);
        }
    }

    /**
     * Waits until the shutdown that stopped this boot is over. Returns whether it was interrupted; then the last phase takes
     * back, unless that has gone by.
     */
    private boolean awaitShutdown(Undoing undoing, Duration budget) {
        if (Booter.isKernelThreadOf(kernel)) {
            return false; // the shutdown stops this thread before it undoes anything
        }
        boolean interrupted = awaitReport();
        synchronized (monitor) {
            boolean toCome = !passed || takesBack;
            if (state != State.STOPPED || (interrupted && toCome)) {
                return interrupted;
            }
            state = State.UNDOING;
        }
        takeBack(undoing, budget);
        return interrupted;
    }

    /** Waits for what the last phase has taken beside the booting thread, or until the shutdown has left it behind there. */
    private boolean awaitPhase() {
        synchronized (monitor) {
            if (!takesBack) {
                return false;
            }
        }
        return !Booter.isKernelThreadOf(kernel) && awaitReport();
    }

    /** Returns whether the wait was interrupted. */
    private boolean awaitReport() {
        try {
            kernel.awaitShutdown();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private boolean take(StepRun run) {
        synchronized (monitor) {
            return run.take();
        }
    }

    /** What is left to take back: nobody else gets it. */
    private List<StepRun> takeAll() {
        synchronized (monitor) {
            List<StepRun> taken = new ArrayList<>(ran.size()); // nothing fails when the first is taken
            for (StepRun run : ran) {
                if (run.take()) {
                    taken.add(run);
                }
            }
            return taken;
        }
    }

    private void over(Undoing undoing, @Nullable Watch watch) {
        leave(State.OVER);
        undoing.end(watch);
        keep(undoing.failures());
    }

    /** The kernel calls this in the last phase of its shutdown, and interrupts it when the phase is over. */
    void atShutdown() throws InterruptedException {
        Undoing undoing = undoing();
        List<StepRun> taken = awaitBooter();
        while (taken == null) {
            booter.send();
            taken = awaitBooter();
        }
        do {
            undoing.takeBack(taken);
            taken = more(undoing);
        } while (!taken.isEmpty());
        if (!undoing.failures().isEmpty()) {
            IllegalStateException e = new IllegalStateException("boot steps could not be undone");
            undoing.failures().forEach(e::addSuppressed);
            throw e;
        }
    }

    /** The step that the booting thread was in, if that has left it meanwhile: it may be gone. */
    private List<StepRun> more(Undoing undoing) {
        synchronized (monitor) {
            List<StepRun> taken = takeAll();
            if (taken.isEmpty()) {
                takesBack = false;
                failures.addAll(undoing.failures());
            }
            return taken;
        }
    }

    /**
     * Waits until the booting thread has left its step or its undo, or waits for the shutdown there. Takes what is to be taken
     * back then; null: an interrupt is to be sent first.
     */
    private @Nullable List<StepRun> awaitBooter() throws InterruptedException {
        try {
            synchronized (monitor) {
                while ((state == State.RUNNING || state == State.UNDOING) && !booter.isAwaitingShutdown(kernel)) {
                    if (state == State.RUNNING && booter.announceOnce()) {
                        return null; // one that undoes has a watch of its own
                    }
                    awaitChange();
                }
                List<StepRun> taken = takeAll();
                if (state == State.RUNNING || state == State.UNDOING) {
                    passed = true;
                    takesBack = true;
                } else {
                    state = State.OVER; // for the booting thread, also if an undo never returns
                }
                return taken;
            }
        } catch (InterruptedException e) {
            List<StepRun> steps = ran();
            StepRun last = steps.isEmpty() ? null : steps.get(steps.size() - 1);
            Log.error(booter.whereabouts(last), null);
            throw e;
        }
    }

    @GuardedBy("monitor")
    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private void awaitChange() throws InterruptedException {
        try {
            clock.await(monitor, clock.deadline(LOOK));
        } catch (InterruptedException e) {
            passed = true; // the time is over
            throw e;
        }
    }
}
