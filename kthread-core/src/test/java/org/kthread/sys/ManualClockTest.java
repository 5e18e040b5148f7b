package org.kthread.sys;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.kthread.testing.Caller;

class ManualClockTest {
    private final ManualClock clock = new ManualClock();
    private final Object monitor = new Object();

    private Caller<Boolean> waitUntil(long deadline) {
        return Caller.run("waiter", () -> {
            synchronized (monitor) {
                while (clock.nanoTime() < deadline) {
                    clock.await(monitor, deadline);
                }
            }
        });
    }

    @Test
    void standsStillUntilItIsMoved() {
        assertEquals(0, clock.nanoTime());
        clock.advance(Duration.ofNanos(7));
        clock.advance(Duration.ZERO);
        assertEquals(7, clock.nanoTime());
    }

    @Test
    void wakesWhomTheDeadlineHasReachedAndNobodyElse() throws Exception {
        Caller<Boolean> early = waitUntil(5);
        Caller<Boolean> late = waitUntil(6);
        eventually(() -> clock.waiters() == 2);
        assertEquals(5, clock.nextDeadline());
        clock.advance(Duration.ofNanos(5));
        assertTrue(early.result());
        eventually(() -> clock.waiters() == 1);
        assertTrue(late.isAlive());
        assertEquals(6, clock.nextDeadline());
        clock.advance(Duration.ofNanos(1));
        assertTrue(late.result());
        assertEquals(0, clock.waiters());
        assertEquals(KernelClock.NEVER, clock.nextDeadline());
    }

    @Test
    void doesNotWaitForADeadlineThatHasPassed() throws Exception {
        clock.advance(Duration.ofNanos(5));
        synchronized (monitor) {
            clock.await(monitor, 5);
        }
        assertEquals(0, clock.waiters());
    }

    @Test
    void anInterruptBeforeTheWaitEndsItEvenWhenTheDeadlineHasPassed() {
        for (long deadline : new long[] {0, 1, KernelClock.NEVER}) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> {
                synchronized (monitor) {
                    clock.await(monitor, deadline);
                }
            });
            assertFalse(Thread.interrupted(), "the interrupt is consumed");
        }
        assertEquals(0, clock.waiters());
    }

    @Test
    void anInterruptDuringTheWaitEndsIt() throws Exception {
        Caller<Boolean> waiter = waitUntil(5);
        eventually(() -> clock.waiters() == 1);
        waiter.interrupt();
        assertThrows(InterruptedException.class, waiter::result);
        assertEquals(0, clock.waiters());
    }

    @Test
    void whoWaitsWithoutLimitDoesNotCount() throws Exception {
        Caller<Boolean> waiter = waitUntil(KernelClock.NEVER).awaitWaiting();
        assertEquals(0, clock.waiters());
        assertEquals(KernelClock.NEVER, clock.nextDeadline());
        waiter.interrupt();
        assertThrows(InterruptedException.class, waiter::result);
    }

    @Test
    void neverDoesNotComeHoweverFarItIsMoved() {
        clock.advance(KernelClock.FOREVER);
        clock.advance(KernelClock.FOREVER);
        assertTrue(clock.nanoTime() < KernelClock.NEVER);
    }

    @Test
    void doesNotGoBack() {
        assertThrows(IllegalArgumentException.class, () -> clock.advance(Duration.ofNanos(-1)));
        assertEquals(0, clock.nanoTime());
    }
}
