package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.testing.KernelTest;

@DisplayName("A lock given to msleep whose unlock")
class BrokenLockTest extends KernelTest {
    private final Object chan = new Object();

    /** Breaks once. */
    private abstract static class Broken extends ReentrantLock {
        private static final long serialVersionUID = 1L;
        private boolean broken;

        @Override
        public void unlock() {
            if (!broken) {
                broken = true;
                fail();
            }
            super.unlock();
        }

        abstract void fail();
    }

    private void requireSleeps() {
        assertEquals(WakeReason.TIMED_OUT, kernel.sleepQueues().tsleep(chan, 0, "after", Duration.ofMillis(1)));
    }

    @Test
    @DisplayName("throws an error leaves nobody asleep: the error comes out, and the next sleep is as good as any")
    void error() throws Exception {
        StackOverflowError planted = new StackOverflowError("planted");
        Broken lock = new Broken() {
            private static final long serialVersionUID = 1L;

            @Override
            void fail() {
                throw planted;
            }
        };
        onKernelThread("sleeper", () -> {
            lock.lock();
            assertSame(planted, assertThrows(StackOverflowError.class, () -> msleep(lock)));
            requireSleeps();
            return true;
        });
    }

    @Test
    @DisplayName("sleeps itself is told so, and leaves nobody asleep")
    void sleeps() throws Exception {
        Broken lock = new Broken() {
            private static final long serialVersionUID = 1L;

            @Override
            void fail() {
                kernel.sleepQueues().pause("nested", Duration.ofMillis(1));
            }
        };
        onKernelThread("sleeper", () -> {
            lock.lock();
            assertThrows(Error.class, () -> msleep(lock));
            requireSleeps();
            CurThread.suspendCheck();
            return true;
        });
    }

    private void msleep(ReentrantLock lock) {
        kernel.sleepQueues().msleep(chan, lock, SleepPriority.SUSPENDABLE, "broken", LIMIT);
    }
}
