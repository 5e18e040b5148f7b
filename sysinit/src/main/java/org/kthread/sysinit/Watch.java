package org.kthread.sysinit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.function.Consumer;
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

    Watch(Booter booter, KernelClock clock, long deadline) {
        this.booter = booter;
        this.clock = clock;
        this.late = deadline;
    }

    void start(Consumer<Thread> starter) {
        starter.accept(thread);
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
        while (awaitLate()) {
            booter.send();
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
