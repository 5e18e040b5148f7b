package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Whom a stop interrupts and when, and whom it refuses. */
class StopGraceTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration FOUR = Duration.ofSeconds(4);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Nested
    @DisplayName("the grace, and the interrupt")
    class Grace {
        private final List<String> told = new CopyOnWriteArrayList<>();
        private final Door waits = new Door();
        private final Door end = new Door();

        /** Waits where a stop does not reach it but by an interrupt; tells of each one. */
        private Proc blocked() {
            Proc proc = create("blocked", () -> {
                waits.open();
                while (!end.isOpen()) {
                    try {
                        end.awaitOrInterrupt();
                    } catch (InterruptedException e) {
                        told.add("interrupted");
                    }
                }
            });
            waits.await();
            return proc;
        }

        @Test
        @DisplayName("who is in a region, where another thread ends the process, is interrupted at once")
        void exitsProc() throws Exception {
            Proc proc = create("pair", () -> {
                waits.await();
                throw CurThread.exitProc(3);
            });
            kernel.kthreads()
                    .kthreadAdd(
                            proc,
                            named(
                                    "region",
                                    () -> CurThread.quiescent("reg", () -> {
                                        waits.open();
                                        end.awaitOrInterrupt();
                                    })));
            awaitReaped(proc);
            assertEquals(0, clock.nanoTime());
        }

        @Test
        @DisplayName("who is not in a region is interrupted after a quarter of the time, and only once")
        void quarter() throws Exception {
            Proc proc = blocked();
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(FOUR));
            eventually(() -> clock.waiters() == 1);
            clock.advance(SECOND.minusNanos(1));
            eventually(() -> clock.waiters() == 1);
            assertEquals(List.of(), told);
            clock.advance(Duration.ofNanos(1));
            eventually(() -> !told.isEmpty());
            eventually(() -> clock.nextDeadline() == FOUR.toNanos());
            clock.advance(SECOND.multipliedBy(3));
            assertEquals(Verdict.TIMED_OUT, stopper.result().verdict());
            assertEquals(List.of("interrupted"), told);
            Caller<StopOutcome> again = Caller.start("again", () -> proc.stop(FOUR));
            eventually(() -> clock.waiters() == 1);
            clock.advance(SECOND);
            eventually(() -> clock.nextDeadline() == FOUR.multipliedBy(2).toNanos());
            end.open();
            assertEquals(Verdict.EXITED, again.result().verdict());
            assertEquals(List.of("interrupted"), told);
        }

        @Test
        @DisplayName("the grace is at least 100 ms")
        void least() throws Exception {
            Proc proc = blocked();
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(Duration.ofMillis(200)));
            eventually(() -> clock.waiters() == 1);
            assertEquals(100_000_000L, clock.nextDeadline());
            clock.advance(Duration.ofMillis(100));
            eventually(() -> !told.isEmpty());
            end.open();
            assertEquals(Verdict.EXITED, stopper.result().verdict());
        }

        @Test
        @DisplayName("who has less time than the least grace is not interrupted")
        void noTimeForIt() throws Exception {
            Proc proc = blocked();
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(Duration.ofMillis(99)));
            eventually(() -> clock.waiters() > 0 && stopper.awaitWaiting() != null);
            clock.advance(Duration.ofMillis(99));
            StopOutcome outcome = stopper.result();
            assertEquals(Verdict.TIMED_OUT, outcome.verdict());
            assertFalse(outcome.isExited());
            end.open();
            assertTrue(proc.join(LIMIT));
            assertEquals(List.of(), told);
        }

        @Test
        @DisplayName("without a limit on the time there is a grace as well")
        void forever() throws Exception {
            Proc proc = blocked();
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(KernelClock.FOREVER));
            eventually(() -> clock.waiters() == 1);
            assertEquals(10_000_000_000L, clock.nextDeadline());
            clock.advance(Duration.ofSeconds(10));
            eventually(() -> !told.isEmpty());
            end.open();
            assertEquals(Verdict.EXITED, stopper.result().verdict());
        }

        @Test
        @DisplayName("who ends by the InterruptedException of its stop has not failed: status 0, nothing logged")
        void endsByIt() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("ends", () -> {
                    waits.open();
                    new CountDownLatch(1).await();
                });
                waits.await();
                Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(FOUR));
                eventually(() -> clock.waiters() == 1);
                clock.advance(SECOND);
                assertEquals(Verdict.EXITED, stopper.result().verdict());
                assertEquals(0, proc.exitStatus().getAsInt());
                assertTrue(proc.cause().isEmpty());
                assertEquals(List.of(), log.messages());
                assertEquals(List.of(), kernel.console());
            }
        }

        @Test
        @DisplayName("who throws something else after a stop has failed: status 70, the cause kept")
        void failsAfterStop() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Stuck stuck = new Stuck(() -> {
                    throw new IllegalStateException("planted");
                });
                Proc proc = create("fails", stuck);
                proc.stop(Duration.ZERO);
                stuck.release();
                awaitReaped(proc);
                assertEquals(70, proc.exitStatus().getAsInt());
                assertInstanceOf(IllegalStateException.class, proc.cause().get());
                assertEquals(1, log.thrown().size());
            }
        }

        @Test
        @DisplayName("who never checks: TIMED_OUT with the stack; when it checks at last, it ends")
        void neverChecks() throws Exception {
            Stuck stuck = new Stuck(new Rounds());
            Proc proc = create("never", stuck);
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(FOUR));
            eventually(() -> clock.nextDeadline() == SECOND.toNanos());
            clock.advance(SECOND);
            eventually(() -> clock.nextDeadline() == FOUR.toNanos());
            clock.advance(FOUR);
            StopOutcome outcome = stopper.result();
            assertEquals(Verdict.TIMED_OUT, outcome.verdict());
            assertEquals("never", outcome.stuck().get(0).comm());
            assertTrue(outcome.toString().contains("Stuck.run"), outcome::toString);
            stuck.release();
            awaitReaped(proc);
        }

        @Test
        @DisplayName("a body in a region that swallows the interrupt: it is interrupted once, and ends when it leaves")
        void swallows() throws Exception {
            boolean[] after = {false};
            Proc proc = create("swallows", () -> {
                CurThread.quiescent("reg", () -> {
                    waits.open();
                    while (!end.isOpen()) {
                        try {
                            end.awaitOrInterrupt();
                        } catch (InterruptedException e) {
                            told.add("interrupted");
                        }
                    }
                });
                after[0] = true;
            });
            waits.await();
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(FOUR));
            eventually(() -> !told.isEmpty());
            assertEquals(0, clock.nanoTime(), "at once");
            eventually(() -> clock.waiters() == 1);
            clock.advance(SECOND);
            eventually(() -> clock.nextDeadline() == FOUR.toNanos());
            end.open();
            assertEquals(Verdict.EXITED, stopper.result().verdict());
            assertEquals(List.of("interrupted"), told);
            assertFalse(after[0]);
        }
    }

    @Nested
    @DisplayName("is refused")
    class Refused {
        @Test
        @DisplayName("of what is no kernel process, and of process 0: EINVAL")
        void einval() {
            assertErrno(Errno.EINVAL, () -> kernel.initproc().stop(FOUR));
            assertErrno(Errno.EINVAL, () -> kernel.proc0().stop(FOUR));
        }

        @Test
        @DisplayName("of oneself, or a thread of one's own process: EDEADLK, and nobody is told")
        void edeadlk() throws Exception {
            onKernelThread("self", () -> {
                assertErrno(Errno.EDEADLK, () -> CurThread.curproc().stop(FOUR));
                assertErrno(Errno.EDEADLK, () -> CurThread.curthread().stop(FOUR));
                CurThread.suspendCheck();
                return CurThread.shouldStop();
            });
        }

        @Test
        @DisplayName("with a negative time, and nobody is told")
        void negative() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("negative", rounds);
            assertThrows(IllegalArgumentException.class, () -> proc.stop(Duration.ofNanos(-1)));
            assertThrows(
                    IllegalArgumentException.class, () -> proc.kthreads().get(0).stop(Duration.ofNanos(-1)));
            rounds.awaitWork();
        }
    }

    @Nested
    @DisplayName("of all at once")
    class All {
        private ProcTable table() {
            return kernel.proc0().table;
        }

        @Test
        @DisplayName("tells when each process ended, also at time 0, and who is stuck")
        void times() throws Exception {
            create("ends", new Rounds());
            Stuck deaf = new Stuck();
            Proc stuck = create("stuck", deaf);
            Caller<List<StopRecord>> stopper = Caller.start("stopper", () -> table().stopAll(SECOND.toNanos()));
            eventually(() ->
                    kernel.ps().rows().stream().noneMatch(row -> row.comm().equals("ends")));
            while (stopper.isAlive()) {
                stopper.awaitEnd(1);
                clock.advance(SECOND);
            }
            List<StopRecord> records = stopper.result();
            deaf.release();
            assertTrue(stuck.join(LIMIT));
            assertEquals(
                    List.of(0L, -1L), records.stream().map(StopRecord::ended).toList());
            assertEquals(
                    List.of(0, 1),
                    records.stream().map(each -> each.stuck().size()).toList());
        }

        @Test
        @DisplayName("interrupted, it tells what has ended so far, and the flag is set")
        void interrupted() throws Exception {
            Stuck deaf = new Stuck();
            Proc stuck = create("stuck", deaf);
            Caller<List<StopRecord>> stopper =
                    Caller.startInterrupted("stopper", () -> table().stopAll(KernelClock.NEVER));
            assertEquals(1, stopper.result().get(0).stuck().size());
            assertTrue(stopper.wasInterrupted());
            deaf.release();
            assertTrue(stuck.join(LIMIT));
        }

        @Test
        @DisplayName("when a stop answers EXITED the host thread has ended")
        void joined() throws Exception {
            for (int i = 0; i < 100; i++) {
                Proc proc = create("p" + i, new Rounds());
                Kthread thread = proc.kthreads().get(0);
                assertTrue(proc.stop(LIMIT).isExited());
                assertFalse(thread.host.isAlive());
            }
        }
    }
}
