package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.time.LocalDate;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.concurrent.locks.StampedLock;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.kthread.sys.Action;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.ManualClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Caller;

/** The sleep of threads that are no kernel threads: arguments, locks, time, interrupts. */
class SleepQueuesTest {
    private static final Duration DAY = Duration.ofDays(1);

    private final ManualClock clock = new ManualClock();
    private final IdentityHashMap<Object, SleepChain.Queue> queues = new IdentityHashMap<>();
    private final SleepChain chain = new SleepChain(queues);
    private final SleepQueues sleepQueues = new SleepQueues(clock, chain);
    private final ReentrantLock lock = new ReentrantLock();
    private final Object chan = new Object();

    @AfterEach
    void nobodyIsLeft() {
        assertTrue(queues.isEmpty());
        assertFalse(chain.occupied);
        assertEquals(0, clock.waiters());
    }

    private Callable<WakeReason> tsleep(int pri) {
        return () -> sleepQueues.tsleep(chan, pri, "test", DAY);
    }

    /** Sleeps with the lock, and tells that it has the lock again. */
    private Callable<WakeReason> msleep(int pri) {
        return () -> {
            lock.lock();
            try {
                WakeReason reason = sleepQueues.msleep(chan, lock, pri, "test", DAY);
                assertEquals(1, lock.getHoldCount());
                return reason;
            } finally {
                lock.unlock();
            }
        };
    }

    private static void holding(Lock lock, int times, Action action) throws Exception {
        lock.lock();
        try {
            if (times > 1) {
                holding(lock, times - 1, action);
            } else {
                action.run();
            }
        } finally {
            lock.unlock();
        }
    }

    private Caller<WakeReason> asleep(Callable<WakeReason> sleep) {
        int before = clock.waiters();
        Caller<WakeReason> sleeper = Caller.start("sleeper", sleep);
        eventually(() -> clock.waiters() == before + 1);
        return sleeper;
    }

    @Test
    void wakeupWakesAll() throws Exception {
        List<Caller<WakeReason>> sleepers = List.of(asleep(tsleep(0)), asleep(msleep(0)), asleep(msleep(0)));
        sleepQueues.wakeup(chan);
        for (Caller<WakeReason> sleeper : sleepers) {
            assertEquals(WakeReason.AWAKENED, sleeper.result());
        }
    }

    @Test
    void wakeupOneWakesOne() throws Exception {
        Caller<WakeReason> first = asleep(tsleep(0));
        Caller<WakeReason> second = asleep(tsleep(0));
        sleepQueues.wakeupOne(chan);
        assertEquals(WakeReason.AWAKENED, first.result());
        assertTrue(second.isAlive());
        sleepQueues.wakeupOne(chan);
        assertEquals(WakeReason.AWAKENED, second.result());
    }

    @Test
    void theTimeEndsASleep() throws Exception {
        List<Caller<WakeReason>> sleepers = List.of(asleep(tsleep(0)), asleep(msleep(SleepPriority.PCATCH)));
        clock.advance(DAY);
        for (Caller<WakeReason> sleeper : sleepers) {
            assertEquals(WakeReason.TIMED_OUT, sleeper.result());
        }
    }

    @Test
    @DisplayName("A wakeup that came before the time was over is told, however late the sleeper runs")
    void wokenAndThenLate() throws Exception {
        Caller<WakeReason> sleeper = asleep(tsleep(0));
        synchronized (chain) {
            clock.advance(DAY); // the sleeper now waits for the chain, to leave its queue
            eventually(() -> sleeper.thread().getState() == Thread.State.BLOCKED);
            chain.wakeup(chan);
        }
        assertEquals(WakeReason.AWAKENED, sleeper.result());
    }

    @Test
    @DisplayName("T3: Duration.ZERO does not wait, and the lock is held again")
    void zero() throws Exception {
        assertEquals(WakeReason.TIMED_OUT, sleepQueues.tsleep(chan, 0, "test", Duration.ZERO));
        assertEquals(WakeReason.TIMED_OUT, sleepQueues.pause("test", Duration.ZERO));
        holding(lock, 1, () -> {
            assertEquals(WakeReason.TIMED_OUT, sleepQueues.msleep(chan, lock, 0, "test", Duration.ZERO));
            assertEquals(1, lock.getHoldCount());
        });
    }

    @Test
    void zeroLeavesAnInterruptAlone() {
        Thread.currentThread().interrupt();
        assertEquals(WakeReason.TIMED_OUT, sleepQueues.tsleep(chan, SleepPriority.PCATCH, "test", Duration.ZERO));
        assertTrue(Thread.interrupted());
    }

    @Test
    void foreverIsForMsleepOnly() throws Exception {
        assertThrows(IllegalArgumentException.class, () -> sleepQueues.tsleep(chan, 0, "test", KernelClock.FOREVER));
        assertThrows(IllegalArgumentException.class, () -> sleepQueues.pause("test", KernelClock.FOREVER));
        Caller<WakeReason> sleeper = Caller.start("sleeper", () -> {
            lock.lock();
            try {
                return sleepQueues.msleep(chan, lock, 0, "test", KernelClock.FOREVER);
            } finally {
                lock.unlock();
            }
        });
        sleeper.awaitWaiting();
        clock.advance(DAY);
        assertTrue(sleeper.isAlive());
        sleepQueues.wakeup(chan);
        assertEquals(WakeReason.AWAKENED, sleeper.result());
    }

    @Test
    void badArgumentsAreRefusedWithTheLockStillHeld() throws Exception {
        Duration negative = Duration.ofNanos(-1);
        assertThrows(IllegalArgumentException.class, () -> sleepQueues.tsleep(chan, 0, "test", negative));
        assertThrows(IllegalArgumentException.class, () -> sleepQueues.pause("test", negative));
        assertThrows(IllegalArgumentException.class, () -> sleepQueues.tsleep(chan, SleepPriority.PDROP, "test", DAY));
        holding(lock, 1, () -> {
            assertThrows(IllegalArgumentException.class, () -> sleepQueues.msleep(chan, lock, 0, "test", negative));
            assertThrows(IllegalArgumentException.class, () -> sleepQueues.msleep("chan", lock, 0, "test", DAY));
            assertThrows(NullPointerException.class, () -> sleepQueues.msleep(null, lock, 0, "test", DAY));
            assertThrows(NullPointerException.class, () -> sleepQueues.msleep(chan, lock, 0, null, DAY));
            assertThrows(NullPointerException.class, () -> sleepQueues.msleep(chan, lock, 0, "test", null));
            assertEquals(1, lock.getHoldCount());
        });
        assertThrows(NullPointerException.class, () -> sleepQueues.msleep(chan, null, 0, "test", DAY));
        assertThrows(NullPointerException.class, () -> sleepQueues.wakeup(null));
        assertThrows(NullPointerException.class, () -> sleepQueues.wakeupOne(null));
    }

    @Test
    void unknownBitsOfThePriorityAreRefusedAndTold() throws Exception {
        int pri = SleepPriority.PCATCH | 0x6000;
        holding(lock, 1, () -> {
            for (Executable sleep : List.<Executable>of(
                    () -> sleepQueues.tsleep(chan, pri, "test", DAY),
                    () -> sleepQueues.msleep(chan, lock, pri, "test", DAY))) {
                String told =
                        assertThrows(IllegalArgumentException.class, sleep).getMessage();
                assertTrue(told.contains("unknown bits 0x6000;"), told);
            }
            assertEquals(1, lock.getHoldCount());
        });
    }

    static List<Object> withoutIdentity() {
        return List.of(
                "text",
                1,
                2L,
                (short) 3,
                (byte) 4,
                5f,
                6d,
                'c',
                true,
                Optional.of("x"),
                OptionalInt.of(1),
                LocalDate.EPOCH,
                Duration.ZERO,
                List.of(1),
                List.of(1, 2, 3),
                Set.of(1),
                Map.of(1, 2),
                Map.entry(1, 2),
                Runtime.version());
    }

    @ParameterizedTest
    @MethodSource
    void withoutIdentity(Object value) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> sleepQueues.tsleep(value, 0, "test", Duration.ZERO))
                .getMessage();
        assertTrue(message.contains(value.getClass().getName()), message);
        assertTrue(message.contains("test"), message);
    }

    /** Equal to every other, and still its own channel. */
    private record Point(int x) {}

    static List<Object> withIdentity() {
        return List.of(
                new Object(),
                new int[0],
                new HashMap<>(),
                new AtomicInteger(),
                Thread.State.NEW,
                String.class,
                new Point(1));
    }

    @ParameterizedTest
    @MethodSource
    void withIdentity(Object chan) {
        assertEquals(WakeReason.TIMED_OUT, sleepQueues.tsleep(chan, 0, "test", Duration.ZERO));
    }

    @Test
    void channelsAreIdentitiesNotEquals() throws Exception {
        Point point = new Point(1);
        Caller<WakeReason> sleeper = asleep(() -> sleepQueues.tsleep(point, 0, "test", DAY));
        sleepQueues.wakeup(new Point(1));
        assertTrue(sleeper.isAlive());
        sleepQueues.wakeup(point);
        assertEquals(WakeReason.AWAKENED, sleeper.result());
    }

    @Test
    void aLockNotHeldOnceIsAPanic() throws Exception {
        ReentrantReadWriteLock readWrite = new ReentrantReadWriteLock();
        for (Lock each : List.of(lock, readWrite.writeLock())) {
            assertThrows(KernelPanic.class, () -> sleepQueues.msleep(chan, each, 0, "test", DAY));
            holding(each, 2, () -> {
                KernelPanic panic =
                        assertThrows(KernelPanic.class, () -> sleepQueues.msleep(chan, each, 0, "test", DAY));
                assertTrue(panic.getMessage().contains("2 times"), panic.getMessage());
            });
            assertThrows(IllegalMonitorStateException.class, each::unlock, "as often as it was locked");
        }
    }

    @Test
    void aLockThatCannotTellAndIsNotHeldIsAPanicAndNobodyStaysQueued() {
        for (Lock each : List.of(new StampedLock().asWriteLock(), new ReentrantReadWriteLock().readLock())) {
            assertThrows(KernelPanic.class, () -> sleepQueues.msleep(chan, each, 0, "test", DAY));
            assertTrue(queues.isEmpty());
        }
    }

    /** Says that it is held once, and is not; and a wakeup comes before that shows. */
    private final class Liar extends ReentrantLock {
        private static final long serialVersionUID = 1L;

        @Override
        public int getHoldCount() {
            return 1;
        }

        @Override
        public void unlock() {
            sleepQueues.wakeupOne(chan);
            super.unlock();
        }
    }

    @Test
    @DisplayName("A wakeup given to a sleep that was a panic is handed on")
    void handedOnByAPanic() throws Exception {
        Caller<WakeReason> other = asleep(tsleep(SleepPriority.PPAUSE));
        assertThrows(KernelPanic.class, () -> sleepQueues.msleep(chan, new Liar(), SleepPriority.PVM, "test", DAY));
        assertEquals(WakeReason.AWAKENED, other.result());
    }

    /** A kernel thread that is told to stop while it sleeps. */
    private static final class Stopped extends Sleeper implements Sleeper.Bearer {
        private static final class Unwinding extends Error {
            private static final long serialVersionUID = 1L;
        }

        private final Runnable asleep;

        Stopped(Runnable asleep) {
            this.asleep = asleep;
        }

        @Override
        public Sleeper sleeper() {
            return this;
        }

        @Override
        public int await(int kind, long deadline) {
            asleep.run();
            return 0;
        }

        @Override
        public int settle(int kind, boolean woken, int ended) {
            return STOP | DEAD;
        }

        @Override
        public boolean isSuspended() {
            return false;
        }

        @Override
        public Error unwinding() {
            return new Unwinding();
        }
    }

    /** Two sleep; the first is stopped after something has happened. Gives the other. */
    private Caller<WakeReason> stopped(Runnable before) {
        Caller<WakeReason> other = asleep(tsleep(SleepPriority.PPAUSE));
        CurrentThread.set(new Stopped(before));
        try {
            assertThrows(
                    Stopped.Unwinding.class, () -> tsleep(SleepPriority.PVM).call());
        } finally {
            CurrentThread.set(null);
        }
        return other;
    }

    @Test
    @DisplayName("A wakeup given to a sleeper that unwinds instead is handed on")
    void handedOnByAStop() throws Exception {
        assertEquals(
                WakeReason.AWAKENED, stopped(() -> sleepQueues.wakeupOne(chan)).result());
    }

    @Test
    @DisplayName("A sleeper that unwinds and was not chosen wakes nobody")
    void nothingToHandOn() throws Exception {
        Caller<WakeReason> other = stopped(() -> {});
        assertEquals(1, clock.waiters());
        clock.advance(DAY);
        assertEquals(WakeReason.TIMED_OUT, other.result());
    }

    @Test
    @DisplayName("T3: with PDROP the lock is not taken again, without it is, however the sleep ends")
    void pdrop() throws Exception {
        Caller<Boolean> dropper = Caller.start("sleeper", () -> {
            lock.lock();
            sleepQueues.msleep(chan, lock, SleepPriority.PDROP, "test", DAY);
            return lock.isHeldByCurrentThread();
        });
        eventually(() -> clock.waiters() == 1);
        sleepQueues.wakeup(chan);
        assertFalse(dropper.result());
        assertFalse(lock.isLocked());
    }

    @Test
    @DisplayName("T3: nor does a sleeper that unwinds take it again with PDROP, and without it does")
    void unwindsWithAndWithoutPdrop() {
        for (int pri : new int[] {0, SleepPriority.PDROP}) {
            lock.lock();
            CurrentThread.set(new Stopped(() -> {}));
            try {
                assertThrows(Stopped.Unwinding.class, () -> sleepQueues.msleep(chan, lock, pri, "test", DAY));
            } finally {
                CurrentThread.set(null);
            }
            assertEquals(pri == 0, lock.isHeldByCurrentThread());
            if (pri == 0) {
                lock.unlock();
            }
        }
    }

    @Test
    void doesNotReturnBeforeItHasTheLock() throws Exception {
        Caller<WakeReason> sleeper = asleep(msleep(0));
        holding(lock, 1, () -> {
            sleepQueues.wakeup(chan);
            eventually(() -> lock.hasQueuedThread(sleeper.thread()));
        });
        assertEquals(WakeReason.AWAKENED, sleeper.result());
    }

    @Test
    @DisplayName("T4: a pause ends when its time is over, and no wakeup reaches it")
    void pause() throws Exception {
        Caller<WakeReason> sleeper = asleep(() -> sleepQueues.pause("nap", DAY));
        sleepQueues.wakeup("nap");
        sleepQueues.wakeup(sleepQueues);
        assertTrue(sleeper.isAlive());
        clock.advance(DAY);
        assertEquals(WakeReason.TIMED_OUT, sleeper.result());
    }

    @Test
    void anInterruptBeforeOrDuringASleepWithPcatchEndsItAndIsConsumed() throws Exception {
        for (Callable<WakeReason> sleep : List.of(tsleep(SleepPriority.PCATCH), msleep(SleepPriority.PCATCH))) {
            Caller<WakeReason> before = Caller.startInterrupted("before", sleep);
            assertEquals(WakeReason.INTERRUPTED, before.result());
            assertFalse(before.wasInterrupted());
            Caller<WakeReason> during = asleep(sleep);
            during.interrupt();
            assertEquals(WakeReason.INTERRUPTED, during.result());
            assertFalse(during.wasInterrupted());
        }
    }

    @Test
    void anInterruptBeforeOrDuringAPlainSleepIsRememberedAndSetAtItsEnd() throws Exception {
        for (int pri : new int[] {0, SleepPriority.SUSPENDABLE}) {
            for (Callable<WakeReason> sleep : List.of(tsleep(pri), msleep(pri))) {
                Caller<WakeReason> before = Caller.startInterrupted("before", sleep);
                eventually(() -> clock.waiters() == 1);
                Caller<WakeReason> during = asleep(sleep);
                during.interrupt();
                sleepQueues.wakeup(chan);
                assertEquals(WakeReason.AWAKENED, before.result());
                assertTrue(before.wasInterrupted());
                assertEquals(WakeReason.AWAKENED, during.result());
                assertTrue(during.wasInterrupted());
            }
        }
    }

    @Test
    @DisplayName("An interrupt after the wakeup stays set; the wakeup is told")
    void anInterruptAfterTheWakeup() throws Exception {
        Caller<WakeReason> sleeper = asleep(tsleep(SleepPriority.PCATCH));
        synchronized (chain) {
            sleeper.interrupt(); // the sleeper now waits for the chain, to leave its queue
            eventually(() -> sleeper.thread().getState() == Thread.State.BLOCKED);
            chain.wakeup(chan);
        }
        assertEquals(WakeReason.AWAKENED, sleeper.result());
        assertTrue(sleeper.wasInterrupted());
    }

    @Test
    void manyChannelsOnManyChains() throws Exception {
        SleepQueues many = new SleepQueues(clock);
        for (int i = 0; i < 1_000; i++) {
            Object own = new Object();
            many.wakeup(own);
            assertEquals(WakeReason.TIMED_OUT, many.tsleep(own, 0, "test", Duration.ZERO));
        }
        Caller<WakeReason> sleeper = asleep(() -> many.tsleep(chan, 0, "test", DAY));
        many.wakeup(chan);
        assertEquals(WakeReason.AWAKENED, sleeper.result());
    }

    @Test
    @DisplayName("Channels are spread over the chains: a busy one leaves most others without a lock to take")
    void spread() {
        SleepChain[] chains = Stream.generate(SleepChain::new).limit(8).toArray(SleepChain[]::new);
        SleepQueues some = new SleepQueues(clock, chains);
        Set<SleepChain> used = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            CurrentThread.set(new Stopped(
                    () -> Stream.of(chains).filter(each -> each.occupied).forEach(used::add)));
            assertThrows(Stopped.Unwinding.class, () -> some.tsleep(new Object(), 0, "test", DAY));
        }
        CurrentThread.set(null);
        assertEquals(chains.length, used.size());
    }
}
