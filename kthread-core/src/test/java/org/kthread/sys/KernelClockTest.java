package org.kthread.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.kthread.testing.Caller;

class KernelClockTest {
    private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE, 999_999_999);

    private final KernelClock system = KernelClock.system();
    private final ManualClock manual = new ManualClock();
    private final Object monitor = new Object();

    @Test
    void zeroIsOverAtOnce() {
        manual.advance(Duration.ofSeconds(3));
        assertEquals(manual.nanoTime(), manual.deadline(Duration.ZERO));
    }

    @Test
    void aDeadlineIsNowAndTheTimeout() {
        manual.advance(Duration.ofSeconds(3));
        assertEquals(3_000_000_007L, manual.deadline(Duration.ofNanos(7)));
    }

    @Test
    void aNegativeTimeoutIsRefusedAndTheRemedyNamed() {
        for (Duration negative : new Duration[] {Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE)}) {
            String message = assertThrows(IllegalArgumentException.class, () -> manual.deadline(negative))
                    .getMessage();
            assertTrue(message.contains("ZERO") && message.contains("FOREVER"), message);
        }
    }

    @Test
    void hugeSaturates() {
        assertEquals(KernelClock.NEVER, KernelClock.nanos(KernelClock.FOREVER));
        assertEquals(KernelClock.NEVER, KernelClock.nanos(LONGEST));
        assertEquals(KernelClock.NEVER, KernelClock.nanos(Duration.ofNanos(Long.MAX_VALUE)));
        assertEquals(9_223_372_035_999_999_999L, KernelClock.nanos(Duration.ofSeconds(9_223_372_035L, 999_999_999)));
        manual.advance(Duration.ofNanos(1));
        assertEquals(KernelClock.NEVER, manual.deadline(Duration.ofSeconds(9_223_372_036L)));
        assertEquals(KernelClock.NEVER, system.deadline(KernelClock.FOREVER));
    }

    @Test
    void theSystemClockBeginsNearZeroAndDoesNotGoBack() {
        long first = system.nanoTime();
        assertTrue(first >= 0 && first < Duration.ofMinutes(10).toNanos());
        for (int i = 0; i < 1_000; i++) {
            long next = system.nanoTime();
            assertTrue(next >= first);
            first = next;
        }
    }

    @Test
    void theSystemClockWaitsNoShorterThanAsked() throws Exception {
        long deadline = system.deadline(Duration.ofNanos(1_500_000));
        synchronized (monitor) {
            while (system.nanoTime() < deadline) {
                system.await(monitor, deadline);
            }
        }
        assertTrue(system.nanoTime() >= deadline);
    }

    @Test
    void lessThanAMillisecondIsNotForEver() throws Exception {
        Caller<Boolean> waiter = Caller.run("waiter", () -> {
            synchronized (monitor) {
                long deadline = system.nanoTime() + 1;
                while (system.nanoTime() < deadline) {
                    system.await(monitor, deadline);
                }
            }
        });
        assertTrue(waiter.result());
    }

    @Test
    void anInterruptBeforeTheWaitEndsItEvenWhenTheDeadlineHasPassed() {
        for (long deadline : new long[] {0, system.deadline(Duration.ofDays(1)), KernelClock.NEVER}) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> {
                synchronized (monitor) {
                    system.await(monitor, deadline);
                }
            });
        }
    }

    @Test
    void anInterruptWithoutMemoryEndsTheWaitAndIsOver() {
        KernelClock poor = new KernelClock.SystemClock() {
            @Override
            void waitOn(Object on, long deadline) {
                Thread.currentThread().interrupt();
                throw new OutOfMemoryError("planted"); // and the flag is left, as by a virtual thread's wait
            }
        };
        assertThrows(InterruptedException.class, () -> poor.await(monitor, KernelClock.NEVER));
        assertFalse(Thread.interrupted());
    }

    @Test
    void aNotificationEndsTheWaitWithoutLimit() throws Exception {
        Caller<Boolean> waiter = Caller.run("waiter", () -> {
            synchronized (monitor) {
                system.await(monitor, KernelClock.NEVER);
            }
        });
        waiter.awaitWaiting();
        synchronized (monitor) {
            monitor.notifyAll();
        }
        assertTrue(waiter.result());
    }
}
