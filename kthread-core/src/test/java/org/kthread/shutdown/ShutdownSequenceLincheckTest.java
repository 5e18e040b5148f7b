package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.kthread.proc.HostThreads;
import org.kthread.proc.KernelEvents;
import org.kthread.proc.ProcTable;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;
import org.kthread.testing.Schedules.Rejected;
import org.kthread.testing.Schedules.Scenario;

/**
 * The races these hunt: a task that returns at the very moment in which its time is over; a coordinator that misses the end
 * of a task, or hands the next one to a thread that was left behind; callers that miss the report; daemons that answer while
 * others of their priority are asked.
 */
class ShutdownSequenceLincheckTest {
    private static final int SCHEDULES = 500;

    static {
        // The checker keeps monitors of its own: Thread.holdsLock is always false under it, and our asserts would fail.
        ClassLoader loader = ShutdownSequenceLincheckTest.class.getClassLoader();
        loader.setPackageAssertionStatus("org.kthread.proc", false);
        loader.setPackageAssertionStatus("org.kthread.sleep", false);
    }

    /** The checker does not see that what a lambda captures is shared; what a static field holds, it does. */
    static volatile @Nullable Object shared;

    /* ---- Coordinator and runner. ---- */

    @Test
    void handOver() {
        checkHandOver(SCHEDULES, clock -> new Ours(clock));
    }

    @Test
    void rejectsARunnerThatTestsOutsideItsMonitor() {
        rejects(clock -> new TestsOutside(clock));
    }

    @Test
    void rejectsARunnerThatKeepsWhoIsLeftBehind() {
        rejects(clock -> new KeepsTheStuck(clock));
    }

    private static void checkHandOver(int schedules, Function<ManualClock, Subject> subjects) {
        Schedules.check(schedules, () -> new HandOver(subjects));
    }

    /** The search ends with the first schedule that fails, so there may be many. */
    private static void rejects(Function<ManualClock, Subject> broken) {
        assertThrows(Rejected.class, () -> checkHandOver(10 * SCHEDULES, broken));
    }

    /** One task that returns or is late, depending on the clock; then one that must run, undisturbed, in any case. */
    private static final class HandOver implements Scenario {
        private final ManualClock clock = new ManualClock();
        private final Subject subject;
        private volatile @Nullable Thread first;
        private volatile @Nullable Thread second;
        private volatile boolean over;
        private volatile boolean late; // by the one that runs the first task

        HandOver(Function<ManualClock, Subject> subjects) {
            subject = subjects.apply(clock);
            shared = this;
        }

        @Override
        public List<Body> bodies() {
            return List.of(this::coordinate, () -> clock.advance(Duration.ofNanos(10)));
        }

        private void coordinate() {
            subject.start();
            boolean returned = subject.run(
                    () -> {
                        first = Thread.currentThread();
                        if (over) {
                            late = true;
                        }
                    },
                    10);
            over = true;
            assertTrue(subject.run(() -> second = Thread.currentThread(), KernelClock.NEVER), "the next one has run");
            assertTrue(second != null, "the next one has run");
            assertTrue(returned || second != first, "on the thread that was left behind");
            subject.close();
        }

        @Override
        public void end() {
            assertFalse(late, "begun when its time was over");
        }
    }

    /** What the scenario needs of a runner. */
    private interface Subject {
        void start();

        boolean run(Action task, long deadline);

        void close();
    }

    private static final class Ours implements Subject {
        private final PhaseRunner runner;

        Ours(ManualClock clock) {
            runner = new PhaseRunner(clock);
        }

        @Override
        public void start() {
            runner.start();
        }

        @Override
        public boolean run(Action task, long deadline) {
            PhaseRunner.Ended ended = runner.run(task, deadline);
            if (ended.failure() instanceof AssertionError e) {
                throw e;
            }
            return !ended.abandoned();
        }

        @Override
        public void close() {
            runner.close();
        }
    }

    /** A runner with one mistake. */
    private abstract static class Broken implements Subject {
        final ManualClock clock;
        volatile @Nullable Action task;
        volatile boolean closed;

        Broken(ManualClock clock) {
            this.clock = clock;
        }

        @Override
        public void start() {
            HostThreads.kernelThread("broken", this::work).start();
        }

        void work() {
            while (!closed) {
                Action mine = next();
                if (mine != null) {
                    try {
                        mine.run();
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                    synchronized (this) {
                        task = null;
                        notifyAll();
                    }
                }
            }
        }

        abstract @Nullable Action next();

        void await(long deadline) {
            try {
                clock.await(this, deadline);
            } catch (InterruptedException e) {
                closed = true;
            }
        }

        @Override
        public boolean run(Action action, long deadline) {
            synchronized (this) {
                task = action;
                notifyAll();
                while (task != null && clock.nanoTime() < deadline) {
                    await(deadline);
                }
                return task == null;
            }
        }

        @Override
        public void close() {
            synchronized (this) {
                closed = true;
                notifyAll();
            }
        }
    }

    /** The worker looks for a task before it takes the monitor to wait: it can miss the wakeup. */
    private static final class TestsOutside extends Broken {
        TestsOutside(ManualClock clock) {
            super(clock);
        }

        @Override
        @Nullable
        Action next() {
            if (task == null && !closed) {
                synchronized (this) {
                    await(KernelClock.NEVER);
                }
            }
            return task;
        }
    }

    /** A worker whose time is over gets the next task all the same. */
    private static final class KeepsTheStuck extends Broken {
        KeepsTheStuck(ManualClock clock) {
            super(clock);
        }

        @Override
        synchronized @Nullable Action next() {
            while (task == null && !closed) {
                await(KernelClock.NEVER);
            }
            return task;
        }
    }

    /* ---- The whole sequence. ---- */

    /** Made outside: the checker takes the loop that makes the many chains for one that does not end. */
    private static final SleepQueues NOBODY_SLEEPS = new SleepQueues(KernelClock.system());

    private abstract static class Machine implements Scenario {
        final ManualClock clock = new ManualClock();
        final List<String> lines = new ArrayList<>();
        final ShutdownEvents events = new ShutdownEvents();
        final SyncTargets targets = new SyncTargets();
        final ProcTable procs = new ProcTable(clock, NOBODY_SLEEPS, new KernelEvents(), line -> {}, 16, 100);
        final ShutdownSequence sequence =
                new ShutdownSequence(clock, procs, events, targets, this::line, Duration.ofNanos(100), false);
        volatile @Nullable ShutdownReport one;
        volatile @Nullable ShutdownReport two;

        private synchronized void line(String line) {
            lines.add(line);
        }

        @Override
        public void end() {
            assertSame(one, two, "every caller gets the same report");
            assertTrue(one.complete());
        }
    }

    @Test
    void twoCallersAndAHandlerThatOutlivesItsPhase() {
        Schedules.check(SCHEDULES / 20, () -> new Late());
    }

    private static final class Late extends Machine {
        private boolean told;
        private volatile boolean synced;

        Late() {
            events.preSync().register(howto -> hang(), 1);
            targets.register(SyncTarget.of("disk", () -> 0, () -> synced = true));
            shared = this;
        }

        /** Lets its time pass, and ends when it is told. */
        private void hang() throws InterruptedException {
            clock.advance(Duration.ofNanos(45));
            synchronized (this) {
                while (!told) {
                    clock.await(this, KernelClock.NEVER);
                }
            }
        }

        @Override
        public List<Body> bodies() {
            return List.of(
                    () -> {
                        sequence.start();
                        one = sequence.reboot(Howto.HALT, Duration.ofNanos(100));
                    },
                    () -> two = sequence.reboot(Howto.HALT, Duration.ofNanos(100)));
        }

        @Override
        public void end() {
            super.end();
            assertTrue(synced, "the sync has had its turn");
            assertEquals(Result.ABANDONED, one.phases().get(0).runs().get(0).result());
        }
    }
}
