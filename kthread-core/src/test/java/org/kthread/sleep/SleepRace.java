package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;
import org.kthread.testing.Schedules.Scenario;

/**
 * Sleepers, wakers and the clock. A lost wakeup is seen as threads that cannot go on. One item is to be had, in {@link
 * Kind#LATE_SLEEPER} and those after it: who is woken takes it and tells the other; who ends in another way
 * leaves it, and the wakeup, to the other.
 */
final class SleepRace implements Scenario {
    /** In place of the number of a bug: not the twin, the sleep queues. */
    static final int REAL = -1;

    static final int NO_BUG = 0;

    private static final Duration LIMIT = Duration.ofNanos(5);

    /** What races. */
    enum Kind {
        WAKEUP("two sleepers and a waker that changes the condition under the lock: both are woken"),
        WAKEUP_ONE("two sleepers and two items, each told by wakeupOne: each gets one"),
        PDROP("the lock is not taken again"),
        LATE_SLEEPER("chosen by wakeupOne when its time was over: AWAKENED, or the other is chosen"),
        STOPPED_SLEEPER("chosen by wakeupOne and stopped: it hands the wakeup on"),
        INTERRUPTED_SLEEPER(
                "chosen by wakeupOne and interrupted: AWAKENED, the interrupt stands, or the other is chosen");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** Checks this race on the sleep queues, or on their twin with a bug. */
        void check(int schedules, int bug, boolean orders) {
            Schedules.Maker maker = new On(this, bug);
            if (orders) {
                Schedules.checkOrders(schedules, maker);
            } else {
                Schedules.check(schedules, maker);
            }
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /** What the race needs of sleep queues. */
    interface Queues {
        WakeReason msleep(Object chan, Lock lock, int pri, Duration timo);

        void wakeup(Object chan);

        void wakeupOne(Object chan);
    }

    private static final class RealQueues implements Queues {
        private final SleepQueues queues;

        RealQueues(KernelClock clock) {
            queues = OneChain.of(clock);
        }

        @Override
        public WakeReason msleep(Object chan, Lock lock, int pri, Duration timo) {
            return queues.msleep(chan, lock, pri, "race", timo);
        }

        @Override
        public void wakeup(Object chan) {
            queues.wakeup(chan);
        }

        @Override
        public void wakeupOne(Object chan) {
            queues.wakeupOne(chan);
        }
    }

    private static final class On implements Schedules.Maker {
        private final Kind kind;
        private final int bug;

        On(Kind kind, int bug) {
            this.kind = kind;
            this.bug = bug;
        }

        @Override
        public Scenario make() {
            ManualClock clock = new ManualClock();
            return new SleepRace(kind, clock, bug == REAL ? new RealQueues(clock) : new PlantedQueues(clock, bug));
        }
    }

    /** A thread that can be stopped, and nothing else. */
    private static final class Stoppable extends Sleeper {
        private final ManualClock clock;
        private boolean stopped;

        Stoppable(ManualClock clock) {
            this.clock = clock;
        }

        synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        @Override
        public synchronized int await(int kind, long deadline) {
            while (!awake && !stopped) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return 0;
        }

        @Override
        public synchronized int settle(int kind, boolean woken, int ended) {
            if (woken) {
                awaitWaker(clock);
            }
            awake = false;
            return stopped ? STOP | DEAD : 0;
        }

        @Override
        public boolean isSuspended() {
            return false;
        }

        @Override
        public Error unwinding() {
            return new Unwound();
        }
    }

    private static final class Unwound extends Error {
        private static final long serialVersionUID = 1L;
    }

    private final Kind kind;
    private final ManualClock clock;
    private final Queues queues;
    private final ReentrantLock lock = new ReentrantLock();
    private final Object chan = new Object();
    private final Stoppable stoppable;
    private int items; // under the lock, like the next
    private boolean taken;
    private volatile @Nullable Thread interruptible;

    private SleepRace(Kind kind, ManualClock clock, Queues queues) {
        this.kind = kind;
        this.clock = clock;
        this.stoppable = new Stoppable(clock);
        this.queues = queues;
    }

    @Override
    public List<Body> bodies() {
        return switch (kind) {
            case WAKEUP ->
                List.of(this::untilThereIsOne, this::untilThereIsOne, () -> {
                    put();
                    queues.wakeup(chan);
                });
            case WAKEUP_ONE ->
                List.of(this::takeOne, this::takeOne, () -> {
                    put();
                    queues.wakeupOne(chan);
                    put();
                    queues.wakeupOne(chan);
                });
            case PDROP ->
                List.of(this::sleepOnceAndDrop, () -> {
                    put();
                    queues.wakeup(chan);
                });
            case LATE_SLEEPER ->
                List.of(() -> takeIfWoken(LIMIT), this::untilTaken, () -> {
                    put();
                    clock.advance(LIMIT);
                    queues.wakeupOne(chan);
                });
            case INTERRUPTED_SLEEPER ->
                List.of(this::takeUnlessInterrupted, this::untilTaken, () -> {
                    put();
                    interruptTheSleeper();
                    queues.wakeupOne(chan);
                });
            case STOPPED_SLEEPER ->
                List.of(this::takeUnlessStopped, this::untilTaken, () -> {
                    put();
                    queues.wakeupOne(chan);
                    stoppable.stop();
                });
        };
    }

    private void put() {
        lock.lock();
        try {
            items++;
        } finally {
            lock.unlock();
        }
    }

    private void untilThereIsOne() {
        lock.lock();
        try {
            while (items == 0) {
                assertEquals(WakeReason.AWAKENED, queues.msleep(chan, lock, 0, KernelClock.FOREVER));
            }
        } finally {
            lock.unlock();
        }
    }

    private void takeOne() {
        lock.lock();
        try {
            while (items == 0) {
                queues.msleep(chan, lock, 0, KernelClock.FOREVER);
            }
            items--;
        } finally {
            lock.unlock();
        }
    }

    private void sleepOnceAndDrop() {
        lock.lock();
        if (items == 0) {
            queues.msleep(chan, lock, SleepPriority.PDROP, KernelClock.FOREVER);
        } else {
            lock.unlock();
        }
        assertFalse(lock.isHeldByCurrentThread());
    }

    private void takeIfWoken(Duration limit) {
        lock.lock();
        try {
            if (items > 0 || queues.msleep(chan, lock, 0, limit) == WakeReason.AWAKENED) {
                taken = true;
                queues.wakeup(chan);
            }
        } finally {
            lock.unlock();
        }
    }

    private void takeUnlessInterrupted() {
        interruptible = Thread.currentThread();
        lock.lock();
        try {
            WakeReason reason = WakeReason.AWAKENED;
            if (items == 0) {
                reason = queues.msleep(chan, lock, SleepPriority.PCATCH, KernelClock.FOREVER);
            }
            if (reason == WakeReason.AWAKENED) {
                taken = true;
                queues.wakeup(chan);
            } else {
                assertFalse(Thread.interrupted(), "told of an interrupt that stands");
            }
        } finally {
            lock.unlock();
        }
    }

    private void interruptTheSleeper() {
        Thread thread = interruptible;
        if (thread != null) {
            thread.interrupt();
        }
    }

    private void takeUnlessStopped() {
        CurrentThread.set((Sleeper.Bearer) () -> stoppable);
        try {
            takeIfWoken(KernelClock.FOREVER);
        } catch (Unwound unwound) {
            assertFalse(lock.isHeldByCurrentThread());
        }
    }

    private void untilTaken() {
        lock.lock();
        try {
            while (items == 0 && !taken) {
                queues.msleep(chan, lock, 0, KernelClock.FOREVER);
            }
            taken = true;
        } finally {
            lock.unlock();
        }
        queues.wakeup(chan);
    }

    @Override
    public void end() {
        assertTrue(!lock.isLocked());
        assertEquals(0, clock.waiters());
    }
}
