package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.sys.Unwind;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Stop: what can park can exit, and nothing works on the way. */
class StopTest extends KernelTest {
    private static final Duration FOUR = Duration.ofSeconds(4);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    /** Stops a daemon that needs no time for it. */
    private void stops(Proc proc) throws InterruptedException {
        assertEquals(new StopOutcome(Verdict.EXITED, List.of()), proc.stop(FOUR));
        eventually(() -> proc.state() == ProcState.REAPED);
        assertEquals(0, proc.exitStatus().getAsInt());
        assertTrue(proc.cause().isEmpty());
        assertEquals(List.of(), kernel.console(), "not premature");
    }

    @Nested
    @DisplayName("ends a daemon")
    class Ends {
        @Test
        @DisplayName("at its next check")
        void check() throws Exception {
            stops(create("checks", new Rounds()));
        }

        @Test
        @DisplayName("that is suspended, or held, where it is parked; no work is done on the way, finally runs")
        void parked() throws Exception {
            boolean[] finallyRan = {false};
            Rounds rounds = new Rounds();
            Proc proc = create("parked", () -> {
                try {
                    rounds.run();
                } finally {
                    finallyRan[0] = true;
                }
            });
            rounds.awaitWork();
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().threadExit().register(thread -> told.add("thread_exit"), 0);
            try (Suspension hold = proc.hold("backup", LIMIT)) {
                assertTrue(proc.suspend(LIMIT).isQuiet());
                long done = rounds.done();
                stops(proc);
                assertEquals(done, rounds.done());
                assertEquals("backup", hold.owner());
            }
            assertTrue(finallyRan[0]);
            assertEquals(List.of("thread_exit"), told);
        }

        @Test
        @DisplayName("under a hold of all as well")
        void underHoldOfAll() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("parked", rounds);
            try (Suspension hold = kernel.quiesceAll("backup", LIMIT)) {
                long done = rounds.done();
                stops(proc);
                assertEquals(done, rounds.done());
                assertEquals("backup", hold.owner());
            }
        }

        @Test
        @DisplayName("in a suspendable sleep, which does not return")
        void suspendableSleep() throws Exception {
            boolean[] returned = {false};
            Proc proc = create("sleeper", () -> {
                kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "psleep", FOUR);
                returned[0] = true;
            });
            eventually(() -> clock.waiters() == 1);
            stops(proc);
            assertFalse(returned[0]);
        }

        @Test
        @DisplayName("in a suspendable sleep in which it is suspended")
        void suspendedInSleep() throws Exception {
            Proc proc = create("sleeper", () -> kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "psleep", FOUR));
            eventually(() -> clock.waiters() == 1);
            assertTrue(proc.suspend(Duration.ZERO).isQuiet());
            stops(proc);
        }

        @Test
        @DisplayName("in a plain sleep, which answers STOPPING; the next one ends it")
        void plainSleep() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            Proc proc = create("plain", () -> {
                for (int i = 0; i < 3; i++) {
                    told.add(kernel.sleepQueues().pause("plain", FOUR).toString());
                }
            });
            eventually(() -> clock.waiters() == 1);
            stops(proc);
            assertEquals(List.of("STOPPING"), told);
        }

        @Test
        @DisplayName("that enters a region, before the body")
        void enteringRegion() throws Exception {
            boolean[] body = {false};
            Stuck stuck = new Stuck(() -> CurThread.quiescent("reg", () -> {
                body[0] = true;
            }));
            Proc proc = create("region", stuck);
            assertEquals(Verdict.TIMED_OUT, proc.stop(Duration.ZERO).verdict());
            stuck.release();
            stops(proc);
            assertFalse(body[0]);
        }

        @Test
        @DisplayName("in a region, whose body is interrupted at once; nothing after the region runs, the flag is clear")
        void inRegion() throws Exception {
            Door inside = new Door();
            List<String> told = new CopyOnWriteArrayList<>();
            Proc proc = create("region", () -> {
                try {
                    CurThread.quiescent("reg", () -> {
                        inside.open();
                        new CountDownLatch(1).await();
                    });
                    told.add("after");
                } finally {
                    told.add("flag " + Thread.currentThread().isInterrupted());
                }
            });
            inside.await();
            stops(proc);
            assertEquals(List.of("flag false"), told);
        }

        @Test
        @DisplayName(
                "born stopped, which never ran: neither thread_ctor handlers nor main nor thread_exit, but process_exit")
        void rfstopped() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().threadCtor().register(thread -> told.add("thread_ctor"), 0);
            kernel.events().threadExit().register(thread -> told.add("thread_exit"), 0);
            kernel.events().processExit().register(proc -> told.add("process_exit"), 0);
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(named("stopped", rounds).flags(KthreadSpec.RFSTOPPED));
            stops(proc);
            assertEquals(0, rounds.done());
            assertEquals(List.of("process_exit"), told);
        }

        @Test
        @DisplayName("that returns because shouldStop says so")
        void shouldStop() throws Exception {
            Door go = new Door();
            Proc proc = create("polite", () -> {
                assertFalse(CurThread.shouldStop());
                go.open();
                while (!CurThread.shouldStop()) {
                    java.util.concurrent.locks.LockSupport.parkNanos(100_000);
                }
            });
            go.await();
            stops(proc);
        }

        @Test
        @DisplayName("of several threads: all of them")
        void all() throws Exception {
            Proc proc = create("several", new Rounds());
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", new Rounds()));
            assertFalse(second.isExited());
            stops(proc);
            assertTrue(second.isExited());
        }

        @Test
        @DisplayName("one thread alone, when it is asked of the thread; the process goes on, and takes new ones")
        void oneThread() throws Exception {
            Rounds first = new Rounds();
            Proc proc = create("pair", first);
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", new Rounds()));
            assertTrue(second.stop(FOUR).isExited());
            first.awaitWork();
            Rounds third = new Rounds();
            kernel.kthreads().kthreadAdd(proc, named("third", third));
            third.awaitWork();
        }

        @Test
        @DisplayName("a thread of process 0, which goes on")
        void threadOfProcess0() throws Exception {
            Kthread thread = kernel.kthreads().kthreadAdd(null, named("taskq", new Rounds()));
            assertTrue(thread.stop(FOUR).isExited());
            assertEquals(ProcState.RUNNING, kernel.proc0().state());
        }
    }

    @Nested
    @DisplayName("is never taken back")
    class Never {
        @Test
        @DisplayName("a second stop is the same; of what has ended it is EXITED")
        void idempotent() throws Exception {
            Stuck stuck = new Stuck(new Rounds());
            Proc proc = create("twice", stuck);
            assertEquals(Verdict.TIMED_OUT, proc.stop(Duration.ZERO).verdict());
            assertEquals(Verdict.TIMED_OUT, proc.stop(Duration.ZERO).verdict());
            stuck.release();
            assertEquals(Verdict.EXITED, proc.stop(LIMIT).verdict());
            assertEquals(Verdict.EXITED, proc.stop(Duration.ZERO).verdict());
        }

        @Test
        @DisplayName("resume does not, nor the end of a hold")
        void resume() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("resumed", stuck);
            SuspendRequest request = proc.ask("a");
            proc.stop(Duration.ZERO);
            request.withdraw();
            proc.resume();
            stuck.release();
            awaitReaped(proc);
            assertEquals(0, rounds.done());
        }

        @Test
        @DisplayName("an interrupted stopper, before and during: it is told, the stop stays")
        void interrupted() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc before = create("before", stuck);
            assertInstanceOf(
                    InterruptedException.class,
                    Caller.startInterrupted("stopper", () -> before.stop(FOUR)).failure());
            stuck.release();
            awaitReaped(before);
            Stuck second = new Stuck(rounds);
            Proc during = create("during", second);
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> during.stop(FOUR));
            eventually(() -> clock.waiters() == 1);
            stopper.interrupt();
            assertInstanceOf(InterruptedException.class, stopper.failure());
            second.release();
            awaitReaped(during);
            assertEquals(0, rounds.done());
        }

        @Test
        @DisplayName("an interrupted stopper of what has ended gets the answer, and the flag stays set")
        void interruptedAfter() throws Exception {
            Proc proc = create("after", () -> CurThread.exit(0));
            awaitReaped(proc);
            Caller<StopOutcome> stopper = Caller.startInterrupted("stopper", () -> proc.stop(FOUR));
            assertTrue(stopper.result().isExited());
            assertTrue(stopper.wasInterrupted());
        }

        @Test
        @DisplayName("a process that was told takes no more threads: ESRCH")
        void noMoreThreads() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("told", stuck);
            proc.stop(Duration.ZERO);
            assertErrno(Errno.ESRCH, () -> kernel.kthreads().kthreadAdd(proc, named("late", () -> {})));
            stuck.release();
            awaitReaped(proc);
        }
    }

    @Nested
    @DisplayName("and asks")
    class Asks {
        @Test
        @DisplayName("from the stop on no ask is SUSPENDED, only EXITED: not where it is unwinding, nor in a region")
        void onlyExited() throws Exception {
            Door unwinding = new Door();
            Door leave = new Door();
            Proc proc = create("unwinds", () -> {
                try {
                    CurThread.quiescent("reg", () -> {
                        unwinding.open();
                        leave.await();
                    });
                } finally {
                    leave.await();
                }
            });
            unwinding.await();
            assertEquals(Verdict.SUSPENDED, proc.ask("before").verdict());
            proc.stop(Duration.ZERO);
            SuspendRequest after = proc.ask("after");
            assertEquals(Verdict.TIMED_OUT, after.verdict());
            assertEquals(Verdict.TIMED_OUT, after.await(Duration.ZERO).verdict());
            leave.open();
            awaitReaped(proc);
            assertEquals(Verdict.EXITED, after.verdict());
        }

        @Test
        @DisplayName("an ask that waits when the stop comes is answered EXITED")
        void pendingAsk() throws Exception {
            Stuck stuck = new Stuck(new Rounds());
            Proc proc = create("pending", stuck);
            Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
            eventually(() -> clock.waiters() == 1);
            proc.stop(Duration.ZERO);
            stuck.release();
            assertEquals(Verdict.EXITED, suspender.result().verdict());
        }

        @Test
        @DisplayName("a daemon that has suspended, held or stopped another waits for nobody any more")
        void waitsNoMore() throws Exception {
            Proc other = create("other", new Rounds());
            List<String> waits = onKernelThread("asker", () -> {
                Kthread me = CurThread.curthread();
                List<String> after = new ArrayList<>();
                other.suspend(KernelClock.FOREVER);
                after.add(me.waitsFor + " " + me.gate.wmesg());
                other.hold("owner", KernelClock.FOREVER).close();
                after.add(me.waitsFor + " " + me.gate.wmesg());
                other.stop(KernelClock.FOREVER);
                after.add(me.waitsFor + " " + me.gate.wmesg());
                return after;
            });
            assertEquals(List.of("null null", "null null", "null null"), waits);
        }

        @Test
        @DisplayName("the unwinding runs finally blocks in which checks, sleeps and regions unwind again: no work")
        void finallyBlocks() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            Rounds rounds = new Rounds();
            Proc proc = create("finally", () -> {
                try {
                    rounds.run();
                } finally {
                    told.add(unwinds(CurThread::suspendCheck));
                    told.add(unwinds(() -> kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "psleep", FOUR)));
                    told.add(unwinds(() -> CurThread.quiescent("reg", () -> {
                        told.add("body");
                    })));
                }
            });
            rounds.awaitWork();
            stops(proc);
            assertEquals(List.of("unwinds", "unwinds", "unwinds"), told);
        }

        private String unwinds(org.kthread.sys.Action action) throws Exception {
            try {
                action.run();
                return "returns";
            } catch (Error e) {
                return e instanceof Unwind ? "unwinds" : e.toString();
            }
        }
    }
}
