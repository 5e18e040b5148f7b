package org.kthread.sys;

import org.jspecify.annotations.Nullable;

/** The machine's clock; one thread is told nothing but an error, once, when it has read it so many times. */
public final class BrokenClock extends KernelClock {
    private final KernelClock whole = KernelClock.system();
    private volatile @Nullable Thread victim;
    private volatile int left;

    /** What is thrown. */
    public static final class Broken extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** From now on the calling thread reads it so many times, and then it throws. */
    public void breakAfter(int readings) {
        left = readings;
        victim = Thread.currentThread();
    }

    /** It works. */
    public void repair() {
        victim = null;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread only
    public long nanoTime() {
        if (Thread.currentThread() == victim && left-- == 0) {
            throw new Broken();
        }
        return whole.nanoTime();
    }

    @Override
    public void await(Object monitor, long deadline) throws InterruptedException {
        whole.await(monitor, deadline);
    }
}
