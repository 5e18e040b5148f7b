package org.kthread.sleep;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.sys.KernelClock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@code SleepChain.occupied}: a wakeup of a channel that nobody sleeps on takes no lock. */
public final class SleepStress {
    private static final KernelClock CLOCK = KernelClock.system();
    private static final SleepQueues QUEUES = new SleepQueues(CLOCK);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private SleepStress() {}

    /** One waits for a condition under a lock, the other changes it under the same lock, and wakes. */
    @JCStressTest
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "The condition was there already.")
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Woken, and sees what the waker did.")
    @Outcome(expect = FORBIDDEN, desc = "The wakeup was lost, or what was done before it.")
    @State
    public static class Wakeup {
        private final ReentrantLock lock = new ReentrantLock();
        private boolean condition;
        private int data;

        @Actor
        public void sleeper(II_Result r) {
            lock.lock();
            try {
                while (!condition && r.r1 != 2) {
                    WakeReason reason = QUEUES.msleep(this, lock, 0, "jcstress", LIMIT);
                    r.r1 = reason == WakeReason.AWAKENED ? 1 : 2;
                }
                r.r2 = data;
            } finally {
                lock.unlock();
            }
        }

        @Actor
        public void waker() {
            lock.lock();
            try {
                data = 1;
                condition = true;
            } finally {
                lock.unlock();
            }
            QUEUES.wakeup(this);
        }
    }
}
