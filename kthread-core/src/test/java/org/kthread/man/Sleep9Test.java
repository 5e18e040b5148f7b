package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.kthread.proc.PsRow;
import org.kthread.proc.Verdict;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.SleepQueues;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;

/** sleep(9), sentence by sentence, and what the design decides otherwise. */
@DisplayName("sleep(9)")
class Sleep9Test extends KernelTest {
    private final Object chan = new Object();
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Object> history = Collections.synchronizedList(new ArrayList<>());

    private SleepQueues queues() {
        return kernel.sleepQueues();
    }

    private WakeReason msleep(int pri, Duration timo) {
        lock.lock();
        try {
            return queues().msleep(chan, lock, pri, "test", timo);
        } finally {
            lock.unlock();
        }
    }

    /** Returns when ps shows this wmesg for a thread of the process. */
    private void awaitWmesg(Proc proc, String wmesg) {
        eventually(() -> {
            for (PsRow row : kernel.kernel().ps()) {
                if (row.pid() == proc.pid() && wmesg.equals(row.wmesg())) {
                    return true;
                }
            }
            return false;
        });
    }

    /** A daemon that sleeps once, and has told why it woke when it has ended. */
    private Proc sleeper(int pri, String wmesg) {
        Proc proc = create("sleeper", () -> history.add(queues().tsleep(chan, pri, wmesg, LIMIT)));
        awaitWmesg(proc, wmesg);
        return proc;
    }

    private void assertEndsWith(Proc proc, WakeReason reason) throws InterruptedException {
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of(reason), history);
    }

    @Nested
    @DisplayName("tsleep, msleep")
    class Sleep {
        @Test
        @DisplayName("tsleep has no lock: without a limit a wakeup could be missed, so one must be given")
        void tsleepNeedsALimit() {
            assertThrows(IllegalArgumentException.class, () -> queues().tsleep(chan, 0, "test", KernelClock.FOREVER));
        }

        @Test
        @DisplayName("chan is any object, as an identity; null is refused")
        void anyObject() {
            assertEquals(WakeReason.TIMED_OUT, queues().tsleep(chan, 0, "test", Duration.ZERO));
            assertThrows(NullPointerException.class, () -> queues().tsleep(null, 0, "test", Duration.ZERO));
        }

        @Test
        @DisplayName("Differs: what has no identity of its own is refused as chan")
        void noIdentity() {
            assertThrows(IllegalArgumentException.class, () -> queues().tsleep("chan", 0, "test", Duration.ZERO));
        }

        @Test
        @DisplayName("wmesg is shown by ps while the thread sleeps, and no longer")
        void wmesg() throws Exception {
            Proc proc = sleeper(0, "biord");
            queues().wakeup(chan);
            assertEndsWith(proc, WakeReason.AWAKENED);
        }

        @Test
        @DisplayName("Differs: wmesg is kept whole, not cut to 8 characters")
        void longWmesg() throws Exception {
            Proc proc = sleeper(0, "waiting for a block");
            queues().wakeup(chan);
            assertEndsWith(proc, WakeReason.AWAKENED);
        }

        @Test
        @DisplayName("The lock is released once the thread is queued, and held again when the sleep returns")
        void lockReleased() throws Exception {
            Caller<Boolean> sleeper = Caller.start("sleeper", () -> {
                lock.lock();
                try {
                    queues().msleep(chan, lock, 0, "test", LIMIT);
                    return lock.getHoldCount() == 1;
                } finally {
                    lock.unlock();
                }
            });
            sleeper.awaitWaiting();
            lock.lock(); // who has it now, and wakes, finds the thread on its queue
            try {
                queues().wakeup(chan);
            } finally {
                lock.unlock();
            }
            assertTrue(sleeper.result());
        }

        @Test
        @DisplayName("PDROP: the lock is not taken again; with no lock it is refused")
        void pdrop() {
            lock.lock();
            queues().msleep(chan, lock, SleepPriority.PDROP, "test", Duration.ZERO);
            assertFalse(lock.isHeldByCurrentThread());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> queues().tsleep(chan, SleepPriority.PDROP, "test", Duration.ZERO));
        }

        @Test
        @DisplayName("Differs: a lock that is not held, or held twice, is a panic of the caller, not of the machine")
        void lockNotHeldOnce() {
            assertThrows(KernelPanic.class, () -> queues().msleep(chan, lock, 0, "test", Duration.ZERO));
            assertFalse(kernel.kernel().rebooting());
        }

        @Test
        @DisplayName("Differs: a timo of zero does not wait, FOREVER has no limit")
        void zero() throws Exception {
            assertEquals(WakeReason.TIMED_OUT, msleep(0, Duration.ZERO));
            Caller<WakeReason> sleeper = Caller.start("sleeper", () -> msleep(0, KernelClock.FOREVER))
                    .awaitWaiting();
            queues().wakeup(chan);
            assertEquals(WakeReason.AWAKENED, sleeper.result());
        }

        @Test
        @DisplayName("EWOULDBLOCK is TIMED_OUT, and comes no earlier than the time")
        void timeout() {
            long begin = System.nanoTime();
            assertEquals(WakeReason.TIMED_OUT, queues().tsleep(chan, 0, "test", Duration.ofMillis(5)));
            assertTrue(System.nanoTime() - begin >= Duration.ofMillis(5).toNanos());
        }

        @Test
        @DisplayName("A negative timo is no valid value")
        void negative() {
            assertThrows(IllegalArgumentException.class, () -> queues().tsleep(chan, 0, "test", Duration.ofNanos(-1)));
        }

        @Test
        @DisplayName("EINTR is INTERRUPTED, with PCATCH only, perhaps without having slept at all")
        void interrupted() throws Exception {
            Caller<WakeReason> sleeper = Caller.startInterrupted("sleeper", () -> msleep(SleepPriority.PCATCH, LIMIT));
            assertEquals(WakeReason.INTERRUPTED, sleeper.result());
        }
    }

    @Nested
    @DisplayName("wakeup, wakeup_one")
    class Wakeup {
        @Test
        @DisplayName("T1: a wakeup with nobody asleep is not remembered")
        void notRemembered() {
            queues().wakeup(chan);
            queues().wakeupOne(chan);
            assertEquals(WakeReason.TIMED_OUT, queues().tsleep(chan, 0, "test", Duration.ofMillis(1)));
        }

        @Test
        @DisplayName("wakeup wakes every thread on exactly that object")
        void wakesAll() throws Exception {
            List<Caller<WakeReason>> sleepers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                sleepers.add(Caller.start("sleeper", () -> msleep(0, LIMIT)).awaitWaiting());
            }
            queues().wakeup(new Object());
            assertTrue(sleepers.stream().allMatch(Caller::isAlive));
            queues().wakeup(chan);
            for (Caller<WakeReason> sleeper : sleepers) {
                assertEquals(WakeReason.AWAKENED, sleeper.result());
            }
        }

        @Test
        @DisplayName("T2: wakeup_one wakes the best priority, then who slept longest")
        void wakeupOne() throws Exception {
            List<Caller<WakeReason>> sleepers = new ArrayList<>();
            for (int pri : new int[] {20, 10, 10}) {
                sleepers.add(Caller.start("sleeper", () -> msleep(pri, LIMIT)).awaitWaiting());
            }
            for (int next : new int[] {1, 2, 0}) {
                assertTrue(sleepers.get(next).isAlive());
                queues().wakeupOne(chan);
                assertEquals(WakeReason.AWAKENED, sleepers.get(next).result());
            }
        }

        @Test
        @DisplayName("Differs: wakeup_one passes over a suspended sleeper while there is another")
        void suspendedLast() throws Exception {
            Proc daemon = sleeper(SleepPriority.SUSPENDABLE, "nowork");
            assertEquals(Verdict.SUSPENDED, daemon.suspend(Duration.ZERO).verdict());
            Caller<WakeReason> other = Caller.start("other", () -> msleep(SleepPriority.PPAUSE, LIMIT))
                    .awaitWaiting();
            queues().wakeupOne(chan);
            assertEquals(WakeReason.AWAKENED, other.result());
            queues().wakeupOne(chan);
            assertTrue(history.isEmpty(), "woken, and still suspended");
            daemon.resume();
            assertEndsWith(daemon, WakeReason.AWAKENED);
        }
    }

    @Nested
    @DisplayName("pause")
    class Pause {
        @Test
        @DisplayName("T4: returns EWOULDBLOCK when its time is over")
        void ends() {
            assertEquals(WakeReason.TIMED_OUT, queues().pause("nap", Duration.ofMillis(1)));
        }

        @Test
        @DisplayName("Negative is refused")
        void negative() {
            assertThrows(IllegalArgumentException.class, () -> queues().pause("nap", Duration.ofNanos(-1)));
        }
    }

    @Nested
    @DisplayName("Kernel threads asleep, which BSD leaves to sleep on")
    class KernelThreads {
        @Test
        @DisplayName("A suspendable sleep answers an ask at once and does not return before resume")
        void suspendable() throws Exception {
            Proc daemon = sleeper(SleepPriority.SUSPENDABLE, "nowork");
            assertEquals(Verdict.SUSPENDED, daemon.suspend(Duration.ZERO).verdict());
            queues().wakeup(chan);
            assertTrue(history.isEmpty());
            daemon.resume();
            assertEndsWith(daemon, WakeReason.AWAKENED);
        }

        @Test
        @DisplayName("A PCATCH sleep returns SUSPEND_REQUESTED")
        void pcatch() throws Exception {
            Proc daemon = sleeper(SleepPriority.PCATCH, "catch");
            daemon.ask(null);
            assertEndsWith(daemon, WakeReason.SUSPEND_REQUESTED);
        }

        @Test
        @DisplayName("A plain sleep is left alone by an ask")
        void plain() throws Exception {
            Proc daemon = sleeper(0, "plain");
            assertEquals(Verdict.TIMED_OUT, daemon.suspend(Duration.ofMillis(5)).verdict());
            assertTrue(history.isEmpty());
            daemon.resume();
            queues().wakeup(chan);
            assertEndsWith(daemon, WakeReason.AWAKENED);
        }

        @Test
        @DisplayName("A plain sleep tells of a stop, the next one ends the thread")
        void stop() throws Exception {
            AtomicReference<WakeReason> second = new AtomicReference<>();
            Proc daemon = create("sleeper", () -> {
                history.add(queues().tsleep(chan, 0, "first", LIMIT));
                second.set(queues().tsleep(chan, 0, "second", LIMIT));
            });
            assertEquals(Verdict.EXITED, daemon.stop(LIMIT).verdict());
            assertTrue(second.get() == null);
            assertTrue(history.isEmpty() || history.equals(List.of(WakeReason.STOPPING)));
        }

        @Test
        @DisplayName("A sleep inside a region gives the region its wmesg back")
        void wmesgOfARegion() throws Exception {
            Proc daemon = create(
                    "region",
                    () -> CurThread.quiescent("outer", () -> {
                        queues().tsleep(chan, 0, "inner", Duration.ZERO);
                        synchronized (chan) {
                            while (history.isEmpty()) {
                                chan.wait();
                            }
                        }
                    }));
            awaitWmesg(daemon, "outer");
            synchronized (chan) {
                history.add(true);
                chan.notifyAll();
            }
            assertTrue(daemon.join(LIMIT));
        }
    }
}
