package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.KthreadSpec;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.LogLines;

/** What interrupts the booting thread: others, in a step or an undo; and the budget of the undos. */
@ExtendWith(NoThreadLeft.class)
class RollbackInterruptTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    @Nested
    @DisplayName("an interrupt of the booting thread")
    class Interrupts {

        @Test
        @DisplayName("before the boot: nothing runs")
        void before() throws Exception {
            boot.add(machine.noted("a", 1, 0));
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, boot::run);
            assertEquals(List.of(), history);
            boot.run();
            assertEquals(List.of("a"), history);
        }

        @Test
        @DisplayName("in a step that waits: fails it; all is undone, uninterrupted")
        void during() {
            CountDownLatch never = new CountDownLatch(1);
            boot.add(
                    machine.noted("a", 1, 0).undo(() -> {
                        assertFalse(Thread.currentThread().isInterrupted());
                        history.add("undo a");
                    }),
                    Sysinit.of("b", 2, 0, () -> {
                        machine.daemon("d");
                        Thread.currentThread().interrupt();
                        never.await();
                    }));
            InterruptedException e = assertThrows(InterruptedException.class, boot::run);
            BootException cause = assertInstanceOf(BootException.class, e.getCause());
            assertEquals("b", cause.step());
            assertFalse(Thread.interrupted());
            assertEquals(List.of("a", "exit d", "undo a"), history);
        }

        @Test
        @DisplayName("that a step leaves behind as it fails of something else: undos do not see it, the caller does")
        void besideFailure() {
            boot.add(
                    machine.noted("a", 1, 0).undo(() -> {
                        assertFalse(Thread.currentThread().isInterrupted());
                        history.add("undo a");
                    }),
                    Sysinit.of("b", 2, 0, () -> {
                        Thread.currentThread().interrupt();
                        throw new IOException("b");
                    }));
            BootException e = assertThrows(BootException.class, boot::run);
            assertTrue(Thread.interrupted());
            assertEquals(0, e.getSuppressed().length);
            assertEquals(List.of("a", "undo a"), history);
        }

        @Test
        @DisplayName("that a step leaves behind as it returns: fails the boot, and the step is undone as well")
        void leftBehind() {
            boot.add(
                    Sysinit.of("a", 1, 0, () -> Thread.currentThread().interrupt())
                            .undo(() -> history.add("undo a")),
                    machine.noted("b", 2, 0));
            InterruptedException e = assertThrows(InterruptedException.class, boot::run);
            assertEquals(
                    "a", assertInstanceOf(BootException.class, e.getCause()).step());
            assertEquals(List.of("undo a"), history);
        }

        @Test
        @DisplayName("between the last step and the end of the boot: is the caller's")
        void atTheEnd() {
            Rollback rollback = new Rollback(machine.kernel, 0);
            Thread.currentThread().interrupt();
            rollback.complete(true, Duration.ZERO);
            assertTrue(Thread.interrupted());
        }

        @Test
        @DisplayName("in the wait for a daemon: the same")
        void inReadiness() throws Exception {
            boot.add(KprocStart.sysinit(1, 0, new KprocDesc("silent", () -> {
                        CurThread.quiescent("never ready", () -> new CountDownLatch(1).await());
                    }))
                    .awaitReady(Machine.SOON));
            Thread main = Thread.currentThread();
            boot.add(Sysinit.of(
                    "before",
                    0x10,
                    0,
                    () -> machine.kernel
                            .kthreads()
                            .kthreadCreate(KthreadSpec.named("x").main(() -> {}))));
            Thread interrupter = new Thread(() -> {
                await().until(() -> Arrays.stream(main.getStackTrace())
                        .anyMatch(f -> f.getMethodName().equals("awaitReady")));
                main.interrupt();
            });
            interrupter.start();
            assertThrows(InterruptedException.class, boot::run);
            assertEquals(List.of(), machine.processes());
            interrupter.join();
        }

        @Test
        @DisplayName("while undoing: nothing is left out, and the interrupt is passed on beside the failure")
        void whileUndoing() {
            boot.add(
                    Sysinit.of("a", 1, 0, () -> machine.daemon("d")).undo(() -> history.add("undo a")),
                    machine.noted("b", 2, 0).undo(() -> {
                        history.add("undo b");
                        Thread.currentThread().interrupt();
                    }),
                    Machine.failing("c", 3, new IOException("c")));
            assertThrows(BootException.class, boot::run);
            assertTrue(Thread.interrupted());
            assertEquals(List.of("b", "undo b", "exit d", "undo a"), history);
        }

        @Test
        @DisplayName("while a process is stopped: it is waited for all the same, and the interrupt is passed on")
        void whileStopping() {
            Thread booter = Thread.currentThread();
            Action main = () -> {
                CurThread.ready(); // one that is stopped before it has begun never does
                try {
                    CurThread.quiescent("forever", () -> new CountDownLatch(1).await());
                } finally {
                    booter.interrupt();
                    while (booter.isInterrupted()) {
                        Thread.onSpinWait(); // it is to end the wait for this daemon
                    }
                }
            };
            boot.add(
                    KprocStart.sysinit(1, 0, new KprocDesc("d", main))
                            .undo(() -> history.add("undo a"))
                            .awaitReady(Machine.SOON),
                    Machine.failing("b", 2, new IOException("b")));
            BootException e = assertThrows(BootException.class, boot::run);
            assertTrue(Thread.interrupted());
            assertEquals(0, e.getSuppressed().length);
            assertEquals(List.of("exit d", "undo a"), history);
        }

        @Test
        @DisplayName("after the last step: is the caller's")
        void after() throws Exception {
            boot.add(machine.noted("a", 1, 0)).run();
            Thread.currentThread().interrupt();
            assertTrue(Thread.interrupted());
            assertEquals(List.of("a"), history);
        }
    }

    @Nested
    @DisplayName("an undo that waits for ever")
    class Hanging {

        private static void waitForEver() throws InterruptedException {
            new CountDownLatch(1).await();
        }

        @Test
        @DisplayName("is interrupted when the budget is over; the others run, and no interrupt is left over")
        void interrupted() {
            boot.add(
                            machine.noted("a", 1, 0),
                            machine.noted("b", 2, 0).undo(Hanging::waitForEver),
                            machine.noted("c", 3, 0).undo(Hanging::waitForEver),
                            Machine.failing("d", 4, new IOException("d")))
                    .budget(Duration.ofMillis(200));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(
                    List.of(
                            "undoing boot step \"c\" (0x3/FIRST): java.lang.InterruptedException",
                            "undoing boot step \"b\" (0x2/FIRST): java.lang.InterruptedException"),
                    Machine.messages(e));
            assertEquals(List.of("a", "b", "c", "undo a"), history);
            assertFalse(Thread.interrupted());
            assertEquals(List.of(), machine.processes());
        }

        @Test
        @DisplayName("is interrupted in the instant in which the budget is over, and not before")
        void exactly() throws Exception {
            ManualClock clock = new ManualClock();
            try (Machine still = new Machine(KernelConfig.defaults().withClock(clock))) {
                Caller<?> run = Caller.run(
                        "booter",
                        () -> Boot.of(still.kernel)
                                .add(
                                        still.noted("a", 1, 0).undo(Hanging::waitForEver),
                                        Machine.failing("b", 2, new IOException("b")))
                                .budget(Duration.ofSeconds(1))
                                .run());
                try {
                    eventually(() -> clock.waiters() == 1);
                    clock.advance(Duration.ofMillis(999));
                    run.awaitWaiting();
                    clock.advance(Duration.ofMillis(1));
                    assertEquals(
                            List.of("undoing boot step \"a\" (DONE/FIRST): java.lang.InterruptedException"),
                            Machine.messages(run.failure()));
                } finally {
                    clock.advance(Duration.ofDays(1));
                }
            }
        }

        @Test
        @DisplayName("hides no interrupt by others, of an undo before it or after it")
        void besideOthers() throws Exception {
            assertTrue(isSeen(Hanging::waitForEver, Hanging::interruptMyself));
            assertTrue(isSeen(Hanging::interruptMyself, Hanging::waitForEver));
            assertFalse(isSeen(Hanging::waitForEver, () -> {}));
        }

        private static void interruptMyself() {
            Thread.currentThread().interrupt();
        }

        /** Whether the caller of a failed boot sees an interrupt, when its budget is over in the undo that waits. */
        private static boolean isSeen(Action firstUndo, Action secondUndo) throws Exception {
            ManualClock clock = new ManualClock();
            try (Machine still = new Machine(KernelConfig.defaults().withClock(clock))) {
                Caller<?> run = Caller.run(
                        "booter",
                        () -> Boot.of(still.kernel)
                                .add(
                                        still.noted("a", 1, 0).undo(secondUndo),
                                        still.noted("b", 2, 0).undo(firstUndo),
                                        Machine.failing("c", 3, new IOException("c")))
                                .budget(Duration.ofSeconds(1))
                                .run());
                try {
                    eventually(() -> clock.waiters() == 1);
                    run.awaitWaiting();
                    clock.advance(Duration.ofSeconds(1));
                    assertInstanceOf(BootException.class, run.failure());
                    return run.wasInterrupted();
                } finally {
                    clock.advance(Duration.ofDays(1));
                }
            }
        }

        @Test
        @DisplayName("is left alone until then; nothing of this needs a process that might not be had")
        void noProcess() {
            try (LogLines log = LogLines.of("org.kthread.sysinit");
                    Machine small = new Machine(KernelConfig.defaults().withMaxproc(4))) {
                Boot tight = Boot.of(small.kernel)
                        .add(
                                small.noted("a", 1, 0),
                                Sysinit.of("b", 2, 0, () -> small.daemon("d")).undo(() -> small.history.add("undo b")),
                                Machine.failing("c", 3, new IOException("c")));
                assertThrows(BootException.class, tight::run);
                assertEquals(List.of("a", "exit d", "undo b", "undo a"), small.history);
                assertEquals(List.of(), log.messages());
            }
        }
    }
}
