package org.kthread.sys;

import java.util.concurrent.atomic.AtomicInteger;

/** The machine's clock, but for one thread, whose look at the time fails as if there were no memory: once, or from then on. */
public final class FailingClock extends KernelClock {
    private final KernelClock clock = KernelClock.system();
    private final String victim;
    private final boolean forGood;
    private final AtomicInteger left;

    /** Fails at this look of the thread with this name; the first is 1. */
    public FailingClock(String victim, int look, boolean forGood) {
        this.victim = victim;
        this.forGood = forGood;
        this.left = new AtomicInteger(look);
    }

    /** Whether it has failed. */
    public boolean hasFailed() {
        return left.get() <= 0;
    }

    @Override
    public long nanoTime() {
        if (Thread.currentThread().getName().equals(victim)) {
            int now = left.decrementAndGet();
            if (now == 0 || (forGood && now < 0)) {
                throw new OutOfMemoryError("planted");
            }
        }
        return clock.nanoTime();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // the caller loops: that is the contract
    public void await(Object monitor, long deadline) throws InterruptedException {
        clock.await(monitor, deadline);
    }
}
