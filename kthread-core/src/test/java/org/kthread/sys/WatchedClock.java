package org.kthread.sys;

/** The machine's clock, but one thread does something of the test's before each look at the time. */
public final class WatchedClock extends KernelClock {
    private final KernelClock clock = KernelClock.system();
    private final String watched;
    private volatile Runnable before = () -> {};
    private boolean inside; // by the watched thread only

    /** Watches the thread with this name. */
    public WatchedClock(String watched) {
        this.watched = watched;
    }

    /** What it does from now on. */
    public void before(Runnable action) {
        before = action;
    }

    @Override
    public long nanoTime() {
        if (Thread.currentThread().getName().equals(watched) && !inside) {
            inside = true; // what it does may look as well
            before.run();
            inside = false;
        }
        return clock.nanoTime();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // the caller loops: that is the contract
    public void await(Object monitor, long deadline) throws InterruptedException {
        clock.await(monitor, deadline);
    }
}
