package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.panics;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.waits;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.SleepQueues;
import org.kthread.sleep.WakeReason;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.GoodArguments;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread.sleep}. */
final class SleepRows {
    private static final Duration SOON = GoodArguments.soon();

    private SleepRows() {}

    static void in(Table table) {
        table.of(SleepQueues.class).value().call("new SleepQueues(KernelClock clock)");
        Rows queues = table.of(SleepQueues.class, world -> world.kernel().sleepQueues())
                .demand(Kind.STATE, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
        tsleep(queues);
        msleep(queues);
        pauses(queues);
        wakeups(queues);
    }

    private static void tsleep(Rows queues) {
        Row row = queues.call("tsleep(Object chan, int pri, String wmesg, Duration timo)")
                .sample("timo", world -> SOON)
                .with(Kind.OVERFLOW, "timo", refuses("a limit is needed"))
                .when(
                        Kind.STATE,
                        refuses("has no identity of its own"),
                        world -> world.kernel().sleepQueues().tsleep("a string", 0, "good", SOON));
        sleeps(row);
        priorities(row)
                .with(
                        Kind.OVERFLOW,
                        "pri",
                        refuses("use msleep"),
                        world -> world.kernel().sleepQueues().tsleep(new Object(), SleepPriority.PDROP, "good", SOON));
    }

    private static void msleep(Rows queues) {
        Row row = queues.call("msleep(Object chan, Lock lock, int pri, String wmesg, Duration timo)")
                .sample("timo", world -> SOON)
                .sample("lock", world -> new HeldByAll())
                .sample("pri", world -> SleepPriority.PCATCH)
                .with(Kind.OVERFLOW, "timo", waits())
                .when(
                        Kind.STATE,
                        panics("held 0 times by this thread; it must be held exactly once"),
                        world ->
                                world.kernel().sleepQueues().msleep(new Object(), new ReentrantLock(), 0, "good", SOON))
                .when(Kind.STATE, panics("held 2 times"), world -> {
                    HeldByAll twice = new HeldByAll() {
                        private static final long serialVersionUID = 1L;

                        @Override
                        public int getHoldCount() {
                            return 2;
                        }
                    };
                    return world.kernel().sleepQueues().msleep(new Object(), twice, 0, "good", SOON);
                })
                .when(
                        Kind.STATE,
                        panics("is not held by this thread"),
                        world -> world.kernel().sleepQueues().msleep(new Object(), new HeldByNobody(), 0, "good", SOON))
                .when(Kind.REENTRANT, gives("TIMED_OUT"), SleepRows::sleepInUnlock);
        sleeps(row);
        priorities(row);
    }

    private static void pauses(Rows queues) {
        sleeps(queues.call("pause(String wmesg, Duration timo)")
                .sample("timo", world -> SOON)
                .with(Kind.OVERFLOW, "timo", refuses("a limit is needed"))
                .when(Kind.STATE, gives("STOPPING"), world -> pauseStopped(world)));
        Row row = queues.call("pause(int pri, String wmesg, Duration timo)")
                .sample("timo", world -> SOON)
                .with(Kind.OVERFLOW, "timo", refuses("a limit is needed"))
                .when(Kind.STATE, gives("STOPPING"), world -> pauseStopped(world));
        sleeps(row);
        priorities(row);
    }

    /** What is the same for every sleep. */
    private static void sleeps(Row row) {
        row.with(Kind.ZERO, "wmesg", returns())
                .with(Kind.ZERO, "timo", gives("TIMED_OUT"))
                .when(Kind.KERNEL, gives("TIMED_OUT"))
                .when(Kind.CLOSED, gives("TIMED_OUT"))
                .when(Kind.SHUTDOWN, gives("TIMED_OUT"))
                .when(Kind.INTERRUPTED, returns());
    }

    private static Row priorities(Row row) {
        return row.with(Kind.ZERO, "pri", gives("TIMED_OUT"))
                .with(Kind.NEGATIVE, "pri", refuses("pri has unknown bits 0x"))
                .with(Kind.OVERFLOW, "pri", refuses("unknown bits 0x7fffec00"));
    }

    private static void wakeups(Rows queues) {
        for (String signature : new String[] {"wakeup(Object chan)", "wakeupOne(Object chan)"}) {
            queues.call(signature)
                    .returnsWhen(Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED)
                    .when(Kind.STATE, gives("TIMED_OUT"), world -> {
                        SleepQueues sleepQueues = world.kernel().sleepQueues();
                        Object chan = new Object();
                        sleepQueues.wakeup(chan);
                        sleepQueues.wakeupOne(chan);
                        return sleepQueues.tsleep(chan, 0, "good", SOON); // it is not remembered
                    });
        }
    }

    /** On a daemon that was told to stop. */
    private static Object pauseStopped(World world) throws Exception {
        return world.calledWhenStopped(() -> world.kernel().sleepQueues().pause("good", Caller.LIMIT));
    }

    private static WakeReason sleepInUnlock(World world) {
        SleepQueues sleepQueues = world.kernel().sleepQueues();
        HeldByAll sleepy = new HeldByAll() {
            private static final long serialVersionUID = 1L;

            @Override
            public void unlock() {
                sleepQueues.pause("inner", SOON);
            }
        };
        return sleepQueues.msleep(new Object(), sleepy, 0, "outer", SOON);
    }

    /** Says that whoever asks holds it. */
    private static class HeldByAll extends ReentrantLock {
        private static final long serialVersionUID = 1L;

        @Override
        public int getHoldCount() {
            return 1;
        }

        @Override
        public void unlock() {}

        @Override
        public void lock() {}
    }

    /** Does not tell that nobody holds it, before it is released. */
    private static final class HeldByNobody implements Lock {
        private final ReentrantLock lock = new ReentrantLock();

        @Override
        public void lock() {
            lock.lock();
        }

        @Override
        public void lockInterruptibly() throws InterruptedException {
            lock.lockInterruptibly();
        }

        @Override
        public boolean tryLock() {
            return lock.tryLock();
        }

        @Override
        public boolean tryLock(long time, TimeUnit unit) throws InterruptedException {
            return lock.tryLock(time, unit);
        }

        @Override
        public void unlock() {
            lock.unlock();
        }

        @Override
        public Condition newCondition() {
            return lock.newCondition();
        }
    }
}
