package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.LogLines;

@ExtendWith(NoThreadLeft.class)
@DisplayName("what goes wrong while a step is taken back")
class UndoingTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        machine.close();
    }

    /** A process that does not stop before it is released. */
    private void stubborn(String name) {
        machine.kernel.kthreads().kthreadCreate(KthreadSpec.named("%s", name).main(() -> {
            CurThread.ready();
            Uninterruptibles.awaitUninterruptibly(release);
        }));
    }

    private static Sysinit failing() {
        return Sysinit.of("failing", 9, 0, () -> {
            throw new IOException("planted");
        });
    }

    @Test
    @DisplayName("a process that does not stop is in the trace as why the step is not undone; of several the first")
    void stuck() {
        boot.add(
                        Sysinit.of("a", 1, 0, () -> {
                                    stubborn("one");
                                    stubborn("two");
                                })
                                .awaitReady(Machine.SOON),
                        failing())
                .budget(Duration.ZERO);
        BootException e = assertThrows(BootException.class, boot::run);
        BootReport.Step a = e.report().steps().get(0);
        assertEquals(BootReport.Result.UNDO_FAILED, a.result());
        assertEquals(2, e.getSuppressed().length);
        assertSame(e.getSuppressed()[0], a.failure());
        assertTrue(a.failure().getMessage().startsWith("stopping process two["), a.failure()::getMessage);
        assertTrue(e.getSuppressed()[1].getMessage().startsWith("stopping process one["));
        assertInstanceOf(TimeoutException.class, a.failure().getCause());
    }

    @Test
    @DisplayName(
            "an undo that exits its kernel thread: the rest is undone, the failure is logged, then the exit goes on")
    void exits() throws Exception {
        boot.add(
                machine.noted("a", 1, 0),
                machine.noted("b", 2, 0).undo(() -> {
                    history.add("undo b");
                    throw CurThread.exit(3);
                }),
                failing());
        try (LogLines log = LogLines.of("org.kthread.sysinit")) {
            Proc booter = machine.kernel
                    .kthreads()
                    .kthreadCreate(KthreadSpec.named("booter").main(boot::run));
            assertTrue(booter.join(Machine.SOON));
            assertEquals(3, booter.exitStatus().orElseThrow());
            assertEquals(1, log.thrown().size());
        }
        assertEquals(List.of("a", "b", "undo b", "undo a", "exit booter"), history);
    }

    @Test
    @DisplayName("an undo that ends by an interrupt: the caller of the boot sees the interrupt beside the failure")
    void interrupted() {
        boot.add(
                machine.noted("a", 1, 0),
                machine.noted("b", 2, 0).undo(() -> {
                    Thread.currentThread().interrupt();
                    new CountDownLatch(1).await();
                }),
                failing());
        BootException e = assertThrows(BootException.class, boot::run);
        assertTrue(Thread.interrupted());
        assertEquals(
                "undoing boot step \"b\" (0x2/FIRST): java.lang.InterruptedException",
                e.getSuppressed()[0].getMessage());
        assertEquals(List.of("a", "b", "undo a"), history);
    }

    @Test
    @DisplayName("lack of memory after any part of it: the rest is taken back all the same")
    void outOfMemory() throws Exception {
        for (int part = 1; part <= 4; part++) {
            try (Machine own = new Machine()) {
                StepRun a = ran(own.noted("a", 1, 0));
                StepRun b = ran(own.noted("b", 2, 0));
                b.created(own.daemon("one"));
                b.created(own.daemon("two"));
                AtomicInteger left = new AtomicInteger(part);
                Undoing undoing = new Undoing(
                        KernelClock.system(),
                        thrown -> {
                            if (left.decrementAndGet() == 0) {
                                throw new InternalError("planted"); // JUnit itself ends of an OutOfMemoryError
                            }
                            return false;
                        },
                        StepRun::take);
                undoing.takeBack(List.of(a, b), KernelClock.NEVER);
                assertEquals(List.of("a", "b", "exit two", "exit one", "undo b", "undo a"), own.history);
                assertEquals(1, undoing.failures().size());
            }
        }
    }

    private StepRun ran(Sysinit step) throws Exception {
        StepRun run = new StepRun(step, 0);
        run.run(boot);
        run.end(0, null);
        return run;
    }

    /** A failure that cannot be told. */
    private static final class Untellable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("no message");
        }
    }

    @Test
    @DisplayName("an undo whose failure cannot be told: its class is; the rest is undone, and the watch over it ends")
    void untellable() {
        ManualClock clock = new ManualClock();
        try (Machine still = new Machine(KernelConfig.defaults().withClock(clock))) {
            Boot failed = Boot.of(still.kernel)
                    .add(
                            still.noted("a", 1, 0),
                            still.noted("b", 2, 0).undo(() -> {
                                throw new Untellable();
                            }),
                            failing())
                    .budget(Duration.ofSeconds(1));
            BootException e = assertThrows(BootException.class, failed::run);
            assertEquals(
                    List.of("undoing boot step \"b\" (0x2/FIRST): " + Untellable.class.getName()), Machine.messages(e));
            assertEquals(List.of("a", "b", "undo a"), still.history);
            assertEquals(List.of(), still.processes());
            assertTrue(e.report().toString().contains(Untellable.class.getName()));
            clock.advance(Duration.ofSeconds(1));
            assertFalse(Thread.interrupted());
        }
    }

    /** A failure that cannot be told at all: what it throws instead is not even declared. */
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            Unspeakable.<RuntimeException>throwUndeclared(new IOException("no words"));
            return "never";
        }

        @SuppressWarnings("unchecked") // so that it need not be declared
        private static <E extends Throwable> void throwUndeclared(Throwable thrown) throws E {
            throw (E) thrown;
        }
    }

    @Test
    @DisplayName(
            "an undo that fails, and telling that fails as well: the rest is undone all the same, the trace has the failure")
    void tellingFails() {
        boot.add(
                machine.noted("a", 1, 0),
                machine.noted("b", 2, 0).undo(() -> {
                    throw new Unspeakable();
                }),
                failing());
        BootException e = assertThrows(BootException.class, boot::run);
        assertEquals(List.of("a", "b", "undo a"), history);
        BootReport.Step b = e.report().steps().get(1);
        assertEquals(BootReport.Result.UNDO_FAILED, b.result());
        assertInstanceOf(Unspeakable.class, b.failure());
    }

    @Test
    @DisplayName("a step whose failure cannot be told: its class is, in the exception and in the trace")
    void untellableStep() {
        boot.add(Machine.failing("a", 1, new Untellable()));
        BootException e = assertThrows(BootException.class, boot::run);
        assertEquals("boot step \"a\" (DONE/FIRST), 1 of 1, failed: " + Untellable.class.getName(), e.getMessage());
        assertTrue(e.report().toString().contains(Untellable.class.getName()));
    }
}
