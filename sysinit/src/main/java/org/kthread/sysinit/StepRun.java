package org.kthread.sysinit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Proc;
import org.kthread.proc.Readiness;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;

/** A step that runs or has run: its extent, and what becomes of it. */
final class StepRun {

    /*
     * Locking key: (f) final; (b) the booting thread while the step runs; this monitor: a thread of the shutdown may undo
     * what the booting thread ran.
     */
    private static final Action NOTHING = () -> {};

    /** How often the wait for one daemon of several looks at the others. */
    private static final Duration LOOK = Duration.ofMillis(100);

    final Sysinit step; // (f)
    private final String name; // (f) these three of the step: to look each up again after many others have run is slow
    private final Key key; // (f)
    private final @Nullable Action undo; // (f)
    private final String thread; // (f)

    /** Created by the booting thread while this step ran, in that order. */
    @GuardedBy("this")
    private List<Proc> processes = List.of();

    @GuardedBy("this")
    private long end;

    private boolean acted; // (b) the action has returned normally
    private @Nullable Error unnoted; // (b) why a process that it created is not among them

    /** The step has ended, its action had returned normally, and nobody has taken it to undo it. */
    @GuardedBy("this")
    private boolean stands;

    @GuardedBy("this")
    private BootReport.Result result = BootReport.Result.DONE;

    @GuardedBy("this")
    private @Nullable Throwable failure;

    StepRun(Sysinit step, long now) {
        this.step = step;
        this.name = step.name();
        this.key = step.key();
        this.undo = step.undo();
        this.end = now;
        this.thread = Thread.currentThread().getName();
    }

    boolean hasUndo() {
        return undo != null;
    }

    /** Whether taking it back may: its undo, and of a process that does not stop the handlers of kproc_hung. */
    synchronized boolean runsWhatIsNotOurs() {
        return undo != null || !processes.isEmpty();
    }

    /** Where there is no memory for it the step fails: what a handler throws does not reach it. */
    synchronized void created(Proc proc) {
        try {
            if (processes.isEmpty()) {
                processes = new ArrayList<>(1); // most steps create none
            }
            processes.add(proc);
        } catch (Error e) {
            unnoted = e;
        }
    }

    /** It has ended without having begun: not one of this step's. */
    synchronized void unborn(Proc proc) {
        if (processes.contains(proc)) {
            processes.remove(proc);
        }
    }

    /** No copy, for which there may be no memory: it does not change when the action has returned. */
    synchronized List<Proc> processes() {
        return processes;
    }

    /** Runs the action, and waits for the daemons if the step says so. */
    void run(Boot boot) throws Exception {
        step.run(boot);
        acted = true;
        if (unnoted != null) {
            throw unnoted;
        }
        if (step.ready() != null) {
            awaitReady(boot.kernel().clock(), step.ready());
        }
    }

    /** They are waited for in turn. Meanwhile another may end, also one that the one waited for waits for itself. */
    private void awaitReady(KernelClock clock, Duration timeout) throws InterruptedException {
        long deadline = clock.deadline(timeout);
        List<Proc> all = processes();
        for (Proc proc : all) {
            while (!isReady(proc, turn(all, left(clock, deadline)))) {
                for (Proc other : all) {
                    isReady(other, Duration.ZERO);
                }
                if (clock.nanoTime() >= deadline) {
                    throw new IllegalStateException(
                            "process " + name(proc) + " was not ready after " + timeout + whereabouts(proc));
                }
            }
        }
    }

    /** How long the wait for one of them is, before the others are looked at. */
    private static Duration turn(List<Proc> all, Duration left) {
        return all.size() == 1 || left.compareTo(LOOK) < 0 ? left : LOOK;
    }

    /** Whether it is ready in time. One that ends before fails the step. */
    private static boolean isReady(Proc proc, Duration timeout) throws InterruptedException {
        Readiness readiness = proc.awaitReady(timeout);
        if (readiness == Readiness.EXITED) {
            throw new IllegalStateException(
                    "process " + name(proc) + " ended with status "
                            + proc.exitStatus().orElse(0) + " before it was ready",
                    proc.cause().orElse(null));
        }
        return readiness == Readiness.READY;
    }

    /** Where its threads are. */
    private static String whereabouts(Proc proc) {
        StringBuilder text = new StringBuilder();
        proc.diagnose().forEach(thread -> text.append("\n").append(thread));
        return text.toString();
    }

    /** The end of the step: {@code why} it failed, or null. */
    synchronized void end(long now, @Nullable Throwable why) {
        end = now;
        stands = acted;
        result = why == null ? BootReport.Result.DONE : BootReport.Result.FAILED;
        failure = why;
    }

    /** Whether the caller is to take the step back: false if it does not stand, or another has come for it. */
    synchronized boolean take() {
        boolean stood = stands;
        stands = false;
        return stood;
    }

    /** What takes the step back, which may be nothing. */
    Action undo() {
        return Objects.requireNonNullElse(undo, NOTHING);
    }

    /** The step has been taken back: {@code why} that failed, or null. */
    synchronized void undone(@Nullable Throwable why) {
        if (why != null && result != BootReport.Result.FAILED) {
            result = BootReport.Result.UNDO_FAILED;
            failure = why;
        } else if (result == BootReport.Result.DONE) {
            result = BootReport.Result.UNDONE;
        }
    }

    /**
     * What there is to tell: the end as time since {@code origin}, and the begin, at which the step before it ended. If the boot
     * was stopped by a shutdown, that undoes what is not undone yet.
     */
    synchronized BootReport.Step report(long origin, Duration begin, boolean stopped) {
        return new BootReport.Step(
                name,
                key,
                begin,
                Duration.ofNanos(end - origin),
                thread,
                processes.isEmpty()
                        ? List.of()
                        : processes.stream().map(StepRun::name).toList(),
                stopped && result == BootReport.Result.DONE ? BootReport.Result.UNDONE : result,
                failure);
    }

    static String name(Proc proc) {
        return proc.comm() + '[' + proc.pid() + ']';
    }

    /** The time to a deadline: zero when it has passed. */
    static Duration left(KernelClock clock, long deadline) {
        return deadline == KernelClock.NEVER
                ? KernelClock.FOREVER
                : Duration.ofNanos(Math.max(0, deadline - clock.nanoTime()));
    }
}
