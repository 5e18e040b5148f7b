package org.kthread.sys;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A clock that stands still until a test moves it. {@link #advance} wakes those whose deadline has come.
 *
 * <pre>{@code
 * ManualClock clock = new ManualClock();
 * // ... a thread of the code under test waits for five seconds ...
 * await().until(() -> clock.waiters() == 1);
 * clock.advance(Duration.ofSeconds(5));
 * }</pre>
 */
public final class ManualClock extends KernelClock {
    /*
     * A waiter enters the list before it looks at the time once more; advance moves the time before it looks at the
     * list. So one of the two sees the other. The list's lock is the innermost of all: advance takes the monitors of
     * the waiters with nothing held.
     *
     * Locking key: (l) the lock of the list; (v) volatile, written under (l).
     */
    private final Object list = new Object();

    @GuardedBy("list")
    private final List<Waiter> waiting = new ArrayList<>(); // (l)

    private volatile long now; // (v)

    /** A clock at 0. */
    public ManualClock() {}

    @Override
    public long nanoTime() {
        return now;
    }

    /**
     * Moves the clock on, and wakes every waiter whose deadline has come.
     *
     * @param by how far
     * @throws IllegalArgumentException if it is negative
     */
    public void advance(Duration by) {
        Objects.requireNonNull(by, "by");
        List<Waiter> due = new ArrayList<>();
        synchronized (list) {
            now = Math.min(deadline(by), NEVER - 1); // NEVER does not come
            for (Waiter waiter : waiting) {
                if (waiter.deadline <= now) {
                    due.add(waiter);
                }
            }
        }
        for (Waiter waiter : due) {
            synchronized (waiter.monitor) {
                waiter.monitor.notifyAll();
            }
        }
    }

    /**
     * How many threads wait in this clock for a deadline; those that wait without limit do not count.
     *
     * @return their number
     */
    public int waiters() {
        int count = 0;
        synchronized (list) {
            for (Waiter waiter : waiting) {
                count += waiter.deadline == NEVER ? 0 : 1;
            }
        }
        return count;
    }

    /**
     * The next deadline anybody waits for.
     *
     * @return a time of this clock, or {@link #NEVER}
     */
    public long nextDeadline() {
        long next = NEVER;
        synchronized (list) {
            for (Waiter waiter : waiting) {
                next = Math.min(next, waiter.deadline);
            }
        }
        return next;
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // the caller loops: that is the contract
    public void await(Object monitor, long deadline) throws InterruptedException {
        Objects.requireNonNull(monitor, "monitor");
        Waiter waiter = new Waiter(monitor, deadline);
        synchronized (list) {
            waiting.add(waiter);
        }
        try {
            if (deadline > now) {
                monitor.wait();
            } else if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        } finally {
            synchronized (list) {
                waiting.removeIf(w -> w == waiter);
            }
        }
    }

    /** One thread that waits. */
    private static final class Waiter {
        final Object monitor;
        final long deadline;

        Waiter(Object monitor, long deadline) {
            this.monitor = monitor;
            this.deadline = deadline;
        }
    }
}
