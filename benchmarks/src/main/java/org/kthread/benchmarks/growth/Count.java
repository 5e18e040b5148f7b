package org.kthread.benchmarks.growth;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;

/** How many have come by, and a wait for all of them. */
final class Count {
    private static final Duration MOST = Duration.ofMinutes(10);

    private final AtomicLong count = new AtomicLong();

    void add() {
        count.incrementAndGet();
    }

    long now() {
        return count.get();
    }

    /** The same, with a lock in hand: nobody who has come by has it any more. */
    void await(long wanted, Lock lock) {
        lock.lock();
        try {
            await(wanted);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until there are as many as this. */
    void await(long wanted) {
        if (!reaches(wanted, MOST)) {
            throw new IllegalStateException("only " + now() + " of " + wanted + " came within " + MOST);
        }
    }

    /** Waits for a time at most. It looks often while few are missing, so that a short wait is told exactly. */
    boolean reaches(long wanted, Duration limit) {
        long begin = System.nanoTime();
        for (long missing = wanted - now(); missing > 0; missing = wanted - now()) {
            if (System.nanoTime() - begin > limit.toNanos()) {
                return false;
            }
            if (missing > 100) {
                LockSupport.parkNanos(100_000);
            } else {
                Thread.onSpinWait();
            }
        }
        return true;
    }
}
