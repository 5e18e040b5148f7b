package org.kthread.sysinit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Diagnosis;
import org.kthread.proc.Proc;
import org.kthread.proc.StopOutcome;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Unwind;

/** Takes steps back, the last first, and collects what goes wrong: nothing stops it halfway. One thread uses it. */
final class Undoing {

    private final KernelClock clock;
    private final Interrupts interrupts;
    private final Predicate<StepRun> isMine;
    private final List<IllegalStateException> failures = new ArrayList<>();
    private @Nullable Error unwind;
    private boolean interrupted;

    /** Knows whose interrupt it is that meets the thread. */
    @FunctionalInterface
    interface Interrupts {
        /** Takes the flag of the calling thread. Returns whether that, or the one {@code thrown}, is from others. */
        boolean take(boolean thrown);
    }

    /** All that it needs is made here: there may be no memory for it later. */
    Undoing(KernelClock clock, Interrupts interrupts, Predicate<StepRun> isMine) {
        this.clock = clock;
        this.interrupts = interrupts;
        this.isMine = isMine;
    }

    /** What went wrong, in the order in which it did. */
    List<IllegalStateException> failures() {
        return failures;
    }

    /** The exit of the calling kernel thread, if an undo met it: to be thrown on when all is done. */
    @Nullable
    Error unwind() {
        return unwind;
    }

    /** Whether the thread was interrupted on the way, by others. */
    boolean interrupted() {
        return interrupted;
    }

    /** Of each step, stops the processes, the last one first, and runs the undo, unless that is another's when its turn comes. */
    void takeBack(List<StepRun> ran, long deadline) {
        for (int i = ran.size() - 1; i >= 0; i--) {
            StepRun run = ran.get(i);
            Throwable first = null;
            List<Proc> processes = run.processes();
            for (int j = processes.size() - 1; j >= 0; j--) {
                Throwable late = attempt(run, processes.get(j), deadline);
                first = first == null ? late : first;
            }
            if (isMine.test(run)) {
                undo(run, first);
            }
        }
    }

    /** Of each step, which the caller has taken, runs the undo: the kernel has stopped the processes. */
    void takeBack(List<StepRun> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            undo(taken.get(i), null);
        }
    }

    private void undo(StepRun run, @Nullable Throwable before) {
        Throwable failure = attempt(run, null, KernelClock.NEVER);
        run.undone(before == null ? failure : before);
    }

    /** Stops a process of the step, or undoes it. Throws nothing: returns what failed, or null. */
    private @Nullable Throwable attempt(StepRun run, @Nullable Proc proc, long deadline) {
        boolean thrown = false;
        Throwable failure = null;
        try {
            if (proc == null) {
                run.undo().run();
            } else {
                stop(proc, deadline);
            }
        } catch (Throwable t) {
            thrown = t instanceof InterruptedException;
            failure = failed(run, proc, t);
        }
        try {
            interrupted |= interrupts.take(thrown); // not meant for the next undo
        } catch (Throwable t) {
            failure = failure == null ? failed(run, proc, t) : failure;
        }
        return failure;
    }

    private void stop(Proc proc, long deadline) throws TimeoutException {
        StopOutcome outcome = outcome(proc, deadline);
        if (!outcome.isExited()) {
            throw new TimeoutException("it has not stopped in time\n"
                    + outcome.stuck().stream().map(Diagnosis::toString).collect(Collectors.joining("\n")));
        }
    }

    /** One that does not stop costs half of the time left, so that there is time for the others. */
    private StopOutcome outcome(Proc proc, long deadline) {
        while (true) {
            try {
                return proc.stop(StepRun.left(clock, deadline).dividedBy(2));
            } catch (InterruptedException e) {
                interrupted |= interrupts.take(true);
            }
        }
    }

    /** Ends the watch, and takes the interrupt that it may have left. */
    void end(@Nullable Watch watch) {
        if (watch != null) {
            watch.end();
        }
        interrupted |= interrupts.take(false);
    }

    private @Nullable Throwable failed(StepRun run, @Nullable Proc proc, Throwable t) {
        if (t instanceof Unwind) {
            unwind = (Error) t;
            return null;
        }
        try {
            String what = proc == null ? "undoing" : "stopping process " + StepRun.name(proc) + " of";
            IllegalStateException failure =
                    new IllegalStateException(what + " boot step " + run.step + ": " + BootException.text(t), t);
            failures.add(failure);
            return failure;
        } catch (Throwable more) {
            return t; // no memory to tell it: the trace has it, and the next step its turn
        }
    }
}
