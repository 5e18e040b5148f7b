package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.TestKernel;

/** Faults from outside: each hits what it hits, and the rest goes on. */
class FaultsTest extends KernelTest {
    @Nested
    @DisplayName("a daemon that dies of")
    class Dies {
        private void dies(Class<? extends Error> of, Action main) throws Exception {
            Rounds rounds = new Rounds();
            create("bystander", rounds);
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("victim", main);
                awaitReaped(proc);
                assertEquals(OptionalInt.of(Trampoline.EX_SOFTWARE), proc.exitStatus());
                assertInstanceOf(of, proc.cause().orElseThrow());
                assertEquals(1, log.thrown().size());
            }
            rounds.awaitWork();
        }

        @Test
        @DisplayName("a real OutOfMemoryError")
        void outOfMemory() throws Exception {
            dies(OutOfMemoryError.class, () -> {
                long[][] hoard = new long[64][];
                for (int i = 0; i < hoard.length; i++) {
                    hoard[i] = new long[Integer.MAX_VALUE];
                }
            });
        }

        @Test
        @DisplayName("a real StackOverflowError")
        void stackOverflow() throws Exception {
            dies(StackOverflowError.class, () -> deeper(0));
        }

        private int deeper(int depth) {
            return depth < 0 ? depth : deeper(depth + 1) + 1;
        }
    }

    @Test
    @DisplayName("An uncaught exception handler that throws, the JVM's or the thread's own, is never asked")
    void uncaughtHandler() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        Thread.UncaughtExceptionHandler broken = (thread, thrown) -> {
            asked.incrementAndGet();
            throw new IllegalStateException("planted");
        };
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler(broken);
        try (LogLines log = LogLines.of("org.kthread.proc")) {
            Proc one = create("dies", () -> {
                throw new IllegalStateException("planted");
            });
            Proc other = create("diestoo", () -> {
                Thread.currentThread().setUncaughtExceptionHandler(broken);
                throw new AssertionError("planted");
            });
            awaitReaped(one);
            awaitReaped(other);
            assertEquals(2, log.thrown().size());
            assertEquals(0, asked.get());
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }

    @Nested
    @DisplayName("a host thread that the JVM says it has started, and never runs,")
    class NeverRun {
        @Test
        @DisplayName("counts as parked, is told of by a stop and by the shutdown, and holds nothing up")
        void holdsNothingUp() throws Exception {
            Kernel own = Kernel.start(
                    KernelConfig.defaults().withConsole(line -> {}).withShutdownBudget(Duration.ofSeconds(1)));
            Rounds rounds = new Rounds();
            own.kthreads().kthreadCreate(named("bystander", rounds));
            own.kthreads().starter = host -> {};
            Proc proc = own.kthreads().kthreadCreate(named("never", () -> {}));
            own.kthreads().starter = Thread::start;

            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            proc.resume();
            try (Suspension quiet = own.quiesce("all", Kernel.ALL, LIMIT)) {
                assertEquals("all", quiet.owner());
            }
            rounds.awaitWork();
            StopOutcome outcome = proc.stop(Duration.ofMillis(1));
            assertEquals(Verdict.TIMED_OUT, outcome.verdict());
            assertEquals("never", outcome.stuck().get(0).comm());
            assertFalse(proc.join(Duration.ofMillis(1)));
            ShutdownReport report = own.reboot(Howto.HALT);
            assertTrue(report.complete());
            assertTrue(report.toString().contains("never"), report::toString);
        }
    }

    @Test
    @DisplayName("A console that blocks, or throws, holds up who has a line for it, and nobody else")
    void console() throws Exception {
        Door leave = new Door();
        Door inside = new Door();
        Kernel own = Kernel.start(KernelConfig.defaults()
                .withConsole(line -> {
                    if (line.contains("\"printer\"")) {
                        inside.open();
                        leave.await();
                    }
                    throw new IllegalStateException("planted");
                })
                .withShutdownBudget(Duration.ofSeconds(5)));
        try (LogLines log = LogLines.of("org.kthread.console")) {
            Rounds rounds = new Rounds();
            own.kthreads().kthreadCreate(named("bystander", rounds));
            Proc premature = own.kthreads().kthreadCreate(named("premature", () -> {}));
            assertTrue(premature.join(LIMIT));
            assertEquals(OptionalInt.of(0), premature.exitStatus());
            Proc printer = own.kthreads().kthreadCreate(named("printer", () -> {}));
            inside.await();
            rounds.awaitWork();
            ShutdownReport report = own.reboot(Howto.HALT);
            assertEquals(List.of("printer"), report.leftThreads(), report::toString);
            leave.open();
            assertTrue(printer.join(LIMIT));
            assertFalse(log.messages().isEmpty());
        }
    }

    @Nested
    @DisplayName("a clock that jumps a century ahead")
    class Jumps {
        private static final Duration CENTURY = Duration.ofDays(36525);

        @Test
        @DisplayName("ends what has a limit, as timed out, and nothing else; the shutdown is as long as ever")
        void century() throws Exception {
            ManualClock clock = new ManualClock();
            try (TestKernel own = TestKernel.start(clock)) {
                Door deaf = new Door();
                Door leave = new Door();
                WakeReason[] slept = new WakeReason[1];
                Rounds rounds = new Rounds();
                Proc worker = own.kthreads().kthreadCreate(named("worker", rounds));
                Proc sleeper = own.kthreads()
                        .kthreadCreate(named(
                                "sleeper",
                                () -> slept[0] = own.sleepQueues()
                                        .pause(SleepPriority.SUSPENDABLE, "hour", Duration.ofHours(1))));
                Proc stuck = own.kthreads().kthreadCreate(named("stuck", () -> {
                    deaf.open();
                    leave.await();
                }));
                deaf.await();
                Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> stuck.suspend(Duration.ofHours(2)));
                Caller<Boolean> joiner = Caller.start("joiner", () -> stuck.join(Duration.ofHours(3)));
                eventually(() -> clock.waiters() == 3);

                clock.advance(CENTURY);

                assertEquals(Verdict.TIMED_OUT, suspender.result().verdict());
                assertFalse(joiner.result());
                assertTrue(sleeper.join(LIMIT));
                assertEquals(WakeReason.TIMED_OUT, slept[0]);
                rounds.awaitWork();
                assertEquals(Verdict.SUSPENDED, worker.suspend(LIMIT).verdict());
                worker.resume();
                stuck.resume();
                leave.open();
                assertTrue(stuck.join(LIMIT));
                assertTrue(own.shutdown().isClean());
            }
        }

        @Test
        @DisplayName("and again, to the end of time, still lets a kernel live and shut down")
        void endOfTime() throws Exception {
            ManualClock clock = new ManualClock();
            for (int i = 0; i < 4; i++) {
                clock.advance(CENTURY);
            }
            clock.advance(Duration.ofSeconds(Long.MAX_VALUE));
            Kernel own = Kernel.start(KernelConfig.defaults().withClock(clock).withConsole(line -> {}));
            Rounds rounds = new Rounds();
            Proc worker = own.kthreads().kthreadCreate(named("worker", rounds));
            assertEquals(Verdict.SUSPENDED, worker.suspend(LIMIT).verdict());
            worker.resume();
            rounds.awaitWork();
            ShutdownReport report =
                    Caller.start("closer", () -> own.reboot(Howto.HALT)).result();
            assertTrue(report.complete(), report::toString);
            assertTrue(worker.join(LIMIT), report::toString);
        }
    }
}
