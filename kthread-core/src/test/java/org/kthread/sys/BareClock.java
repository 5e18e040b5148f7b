package org.kthread.sys;

/** A clock as bare as can be, so that the model checker spends its schedules on what is checked, not on the clock. */
public final class BareClock extends KernelClock {
    private volatile long now;

    @Override
    public long nanoTime() {
        return now;
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // the caller loops: that is the contract
    public void await(Object monitor, long deadline) throws InterruptedException {
        if (deadline > now) {
            monitor.wait();
        }
    }

    /** Moves the clock, and tells those who wait on this monitor. */
    public void moveTo(long time, Object monitor) {
        now = time;
        synchronized (monitor) {
            monitor.notifyAll();
        }
    }
}
