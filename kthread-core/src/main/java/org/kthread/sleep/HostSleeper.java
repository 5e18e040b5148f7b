package org.kthread.sleep;

import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;

/** A thread that is no kernel thread: nobody asks it anything, so a wakeup, the time and an interrupt are all it knows. */
final class HostSleeper extends Sleeper {
    private final KernelClock clock;
    private boolean owed; // (t) an interrupt that this sleep may not end by

    HostSleeper(KernelClock clock) {
        this.clock = clock;
    }

    @Override
    public synchronized int await(int kind, long deadline) {
        while (!awake && clock.nanoTime() < deadline) {
            try {
                clock.await(this, deadline);
            } catch (InterruptedException e) {
                if ((kind & CATCH) != 0) {
                    return INTERRUPT;
                }
                owed = true;
            }
        }
        return awake ? WOKEN : TIMEOUT;
    }

    @Override
    public synchronized int settle(int kind, boolean woken, int ended) {
        owed |= woken && awaitWaker(clock);
        if (owed || (woken && ended == INTERRUPT)) {
            Thread.currentThread().interrupt();
        }
        return woken ? 0 : ended;
    }

    @Override
    public boolean isSuspended() {
        return false;
    }

    @Override
    public Error unwinding() {
        throw new AssertionError("a host thread does not unwind");
    }
}
