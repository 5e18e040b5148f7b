package org.kthread.sysinit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.HostThreads;
import org.kthread.sys.KernelClock;

/** Interrupts the booting thread in what it undoes when the time is over. */
final class Watch {

    /*
     * Nothing but an interrupt ends an undo that waits for ever, or a handler of kproc_hung, and the booting thread cannot
     * interrupt itself. No kernel thread does this: a hold of all, which an undo may be about to end, would park that.
     *
     * Locking key: (f) final; (m) this monitor.
     */
    private static final Duration AGAIN = Duration.ofMillis(100);

    private final Booter booter; // (f)
    private final KernelClock clock; // (f)
    private final Thread thread = HostThreads.kernelThread("bootwatch", this::run); // (f)

    /** When the booting thread is interrupted (again). */
    @GuardedBy("this")
    private long late; // (m)

    @GuardedBy("this")
    private boolean over; // (m)

    private Watch(Booter booter, KernelClock clock, long deadline) {
        this.booter = booter;
        this.clock = clock;
        this.late = deadline;
    }

    /** Over these steps, which are to be taken back; null if that runs nothing but ours, or if there is no thread to be had. */
    static @Nullable Watch over(
            List<StepRun> steps, Booter booter, KernelClock clock, long deadline, Consumer<Thread> starter) {
        try {
            if (steps.stream().noneMatch(StepRun::runsWhatIsNotOurs)) {
                return null;
            }
            Watch watch = new Watch(booter, clock, deadline);
            starter.accept(watch.thread);
            return watch;
        } catch (Error e) { // no memory, or the JVM refuses the thread
            return none(e);
        }
    }

    /** The same, within a budget that begins now. */
    static @Nullable Watch over(
            List<StepRun> steps, Booter booter, KernelClock clock, Duration budget, Consumer<Thread> starter) {
        try {
            return over(steps, booter, clock, clock.deadline(budget), starter);
        } catch (Error e) {
            return none(e);
        }
    }

    private static @Nullable Watch none(Error e) {
        Log.warning("no thread to watch the roll-back: it goes on without a limit", e);
        return null;
    }

    /** From now on it interrupts nobody; waits for the end of its thread, which comes. */
    void end() {
        synchronized (this) {
            over = true;
            notifyAll();
        }
        HostThreads.join(thread);
    }

    private void run() {
        for (boolean goesOn = true; goesOn; ) {
            try {
                goesOn = awaitLate();
                if (goesOn) {
                    booter.send();
                }
            } catch (Throwable t) {
                // no memory: it has another try
            }
        }
    }

    /** Waits for the moment to interrupt; false: there is nothing more to interrupt. */
    private synchronized boolean awaitLate() {
        while (!over) {
            if (clock.nanoTime() >= late) {
                late = clock.deadline(AGAIN); // the next undo may wait as well
                if (booter.announce()) {
                    return true;
                }
            }
            try {
                clock.await(this, late);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt the watch: it goes on
            }
        }
        return false;
    }
}
