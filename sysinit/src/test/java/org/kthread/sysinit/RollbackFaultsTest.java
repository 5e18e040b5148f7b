package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;
import org.kthread.sys.FailingClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.LogLines;

/** What holds up a roll-back, or fails in the middle of a boot, does not keep the rest from being taken back. */
@ExtendWith(NoThreadLeft.class)
class RollbackFaultsTest {

    @Test
    @DisplayName("a hold of all, which an undo is to end, does not hold who watches the budget")
    void heldByTheBoot() throws Exception {
        try (Machine machine = new Machine()) {
            AtomicReference<Suspension> hold = new AtomicReference<>();
            Boot boot = Boot.of(machine.kernel)
                    .budget(Duration.ofMillis(50))
                    .add(
                            Sysinit.of("a", 1, 0, () -> hold.set(machine.kernel.quiesce("a", Kernel.ALL, Machine.SOON)))
                                    .undo(() -> {
                                        hold.get().close();
                                        machine.history.add("undo a");
                                    }),
                            machine.noted("b", 2, 0).undo(() -> new CountDownLatch(1).await()),
                            Machine.failing("c", 3, new IOException("c")));
            Caller<Throwable> booter = Caller.start("booter", () -> assertThrows(BootException.class, boot::run));
            assertEquals(1, booter.result().getSuppressed().length);
            assertEquals(List.of("b", "undo a"), machine.history);
        }
    }

    @Test
    @DisplayName(
            "a handler of kproc_hung that waits for ever is interrupted when the budget is over, also if no step has an undo")
    void hungHandler() throws Exception {
        ManualClock clock = new ManualClock();
        CountDownLatch release = new CountDownLatch(1);
        try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock))) {
            Door handler = new Door();
            machine.kernel
                    .events()
                    .kprocHung()
                    .register(
                            stuck -> {
                                handler.open();
                                release.await();
                            },
                            EventList.PRI_ANY);
            Boot boot = Boot.of(machine.kernel)
                    .budget(Duration.ofSeconds(1))
                    .add(
                            KprocStart.sysinit(1, 0, new KprocDesc("stuck", () -> {
                                        CurThread.ready();
                                        Uninterruptibles.awaitUninterruptibly(release);
                                    }))
                                    .awaitReady(Machine.SOON),
                            Machine.failing("b", 2, new IOException("b")));
            Caller<BootReport> booter = Caller.start("booter", boot::run);
            try {
                Caller.eventually(
                        () -> clock.nextDeadline() == Duration.ofMillis(125).toNanos()); // the grace of the stop
                clock.advance(Duration.ofMillis(500)); // half of the time: it has not stopped
                handler.await();
                booter.awaitWaiting();
                clock.advance(Duration.ofMillis(500));
                assertEquals(1, booter.failure().getSuppressed().length);
                assertFalse(booter.wasInterrupted());
            } finally {
                release.countDown();
                clock.advance(Duration.ofDays(1));
            }
        }
    }

    /** A boot whose first step waits for the shutdown, which leaves it to the booting thread, and whose undo waits for ever. */
    private static Boot leftBehind(Machine machine) {
        return Boot.of(machine.kernel)
                .budget(Duration.ofMillis(200))
                .add(Sysinit.of("a", 1, 0, machine.kernel::close).undo(() -> new CountDownLatch(1).await()));
    }

    @Test
    @DisplayName(
            "an undo that the shutdown has left to the booting thread is interrupted when the budget of the boot is over")
    void afterShutdown() throws Exception {
        try (Machine machine = new Machine()) {
            Caller<BootReport> booter =
                    Caller.start("booter", leftBehind(machine).add(machine.noted("b", 2, 0))::run);
            assertEquals(
                    List.of("undoing boot step \"a\" (DONE/FIRST): java.lang.InterruptedException"),
                    Machine.messages(booter.failure()));
            assertFalse(booter.wasInterrupted());
            assertEquals(List.of(), machine.history);
        }
    }

    @Test
    @DisplayName("the same of the last step: the boot is complete, and the rows tell it")
    void afterShutdownAndLastStep() throws Exception {
        try (Machine machine = new Machine();
                LogLines log = LogLines.of("org.kthread.sysinit")) {
            Caller<BootReport> booter = Caller.start("booter", leftBehind(machine)::run);
            BootReport.Step a = booter.result().steps().get(0);
            assertInstanceOf(InterruptedException.class, a.failure().getCause());
            assertEquals(List.of(a.failure()), log.thrown());
            assertFalse(booter.wasInterrupted());
        }
    }

    @Test
    @DisplayName("a thread that the JVM refuses leaves the roll-back without a watch, which is told, and not undone")
    void refusedThread() throws Exception {
        try (Machine machine = new Machine();
                LogLines log = LogLines.of("org.kthread.sysinit")) {
            Rollback rollback = new Rollback(machine.kernel, 1);
            OutOfMemoryError planted = new OutOfMemoryError("planted");
            rollback.starter = thread -> {
                throw planted;
            };
            StepRun step = new StepRun(machine.noted("a", 1, 0), 0);
            step.run(Boot.of(machine.kernel));
            rollback.began(step);
            step.end(0, null);
            assertEquals(List.of(), rollback.fail(Duration.ZERO).failures());
            assertEquals(List.of("a", "undo a"), machine.history);
            assertEquals(List.of(planted), log.thrown());
        }
    }

    @Test
    @DisplayName(
            "lack of memory at any moment of the watch does not end it: an undo that waits is interrupted all the same")
    void outOfMemoryInWatch() throws Exception {
        for (int look = 1; look <= 3; look++) {
            FailingClock clock = new FailingClock("bootwatch", look, false);
            try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock))) {
                Boot boot = Boot.of(machine.kernel)
                        .budget(Duration.ofMillis(50))
                        .add(
                                machine.noted("a", 1, 0).undo(() -> new CountDownLatch(1).await()),
                                Machine.failing("b", 2, new IOException("b")));
                Caller<BootReport> booter = Caller.start("booter", boot::run);
                assertEquals(1, booter.failure().getSuppressed().length);
                assertTrue(clock.hasFailed());
            }
        }
    }

    @Test
    @DisplayName("what failed between two steps has what fails of the undos inside")
    void outOfMemoryAndUndoFails() throws Exception {
        IllegalStateException planted = new IllegalStateException("planted");
        boolean seen = false;
        FailingClock clock;
        int look = 0;
        do {
            look++;
            clock = new FailingClock("booter", look, false);
            try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock))) {
                Boot boot = Boot.of(machine.kernel).add(machine.noted("a", 1, 0).undo(() -> {
                    throw planted;
                }));
                Caller<BootReport> booter = Caller.start("booter", boot::run);
                booter.awaitEnd(Machine.SOON.toMillis());
                if (clock.hasFailed()) {
                    Throwable[] inside = booter.failure().getSuppressed();
                    seen |= inside.length == 1 && inside[0].getCause() == planted;
                }
            }
        } while (clock.hasFailed());
        assertTrue(seen, "at one of " + look + " looks");
    }

    @Test
    @DisplayName("lack of memory at any moment does not eat the interrupt that ended a step")
    void outOfMemoryAndInterrupt() throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            FailingClock clock = new FailingClock("booter", failures + 1, false);
            try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock))) {
                Boot boot = Boot.of(machine.kernel).add(Sysinit.of("a", 1, 0, () -> {
                    machine.history.add("a");
                    Thread.currentThread().interrupt();
                }));
                Caller<BootReport> booter = Caller.start("booter", boot::run);
                boolean told = booter.failure() instanceof InterruptedException || booter.wasInterrupted();
                done = !clock.hasFailed();
                failures += done ? 0 : 1;
                assertEquals(machine.history.contains("a"), told, "at look " + failures);
            }
        }
        assertTrue(failures > 3);
    }

    @Test
    @DisplayName("lack of memory at any moment does not eat the exit of an undo")
    void outOfMemoryAndExit() throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            FailingClock clock = new FailingClock("booter", failures + 1, false);
            try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock));
                    Machine outer = new Machine()) {
                Boot boot = Boot.of(machine.kernel)
                        .add(
                                machine.noted("a", 1, 0).undo(() -> {
                                    machine.history.add("undo a");
                                    throw CurThread.exit(3);
                                }),
                                Machine.failing("b", 2, new IOException("b")));
                Proc booter = outer.kernel
                        .kthreads()
                        .kthreadCreate(KthreadSpec.named("booter").main(() -> {
                            try {
                                boot.run();
                            } catch (OutOfMemoryError e) {
                                machine.history.add("failed");
                            }
                        }));
                assertTrue(booter.join(Machine.SOON));
                done = !clock.hasFailed();
                failures += done ? 0 : 1;
                List<String> history = machine.history;
                assertEquals(history.contains("a") ? List.of("a", "undo a") : List.of("failed"), history);
            }
        }
        assertTrue(failures > 3);
    }

    @Test
    @DisplayName("a roll-back leaves no thread, not for a moment")
    void noThreadLeft() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet(); // of other tests, which have failed
        try (Machine machine = new Machine()) {
            for (int i = 0; i < 100; i++) {
                Boot boot = Boot.of(machine.kernel)
                        .add(machine.noted("a", 1, 0), Machine.failing("b", 2, new IOException("b")));
                assertThrows(BootException.class, boot::run);
                assertTrue(Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("bootwatch") && !before.contains(thread)));
            }
        }
    }

    /** A channel on a disk that hangs, also when it is closed. */
    private static final class Hanging extends AbstractInterruptibleChannel {
        final Door works = new Door();
        final Door closing = new Door();
        final Door mayClose = new Door();

        void operate() throws Exception {
            begin();
            works.open();
            mayClose.await();
            end(false);
        }

        @Override
        protected void implCloseChannel() {
            closing.open();
            mayClose.await();
        }
    }

    @Test
    @DisplayName(
            "a step in an operation of a channel whose close hangs does not keep the shutdown from telling where it is")
    void hangingChannel() throws Exception {
        Hanging disk = new Hanging();
        try (Machine machine = new Machine();
                LogLines log = LogLines.of("org.kthread.sysinit")) {
            Boot boot = Boot.of(machine.kernel).add(machine.noted("a", 1, 0), Sysinit.of("b", 2, 0, disk::operate));
            Caller<BootReport> booter = Caller.start("booter", boot::run);
            disk.works.await();
            machine.kernel.reboot(Howto.HALT, Duration.ofMillis(500));
            disk.closing.await();
            Caller.eventually(() -> log.messages().stream().anyMatch(line -> line.contains("leaves behind a boot")));
            assertEquals(List.of("a"), machine.history);
            disk.mayClose.open();
            BootException e = (BootException) booter.failure();
            assertTrue(e.isStoppedByShutdown());
            assertEquals(List.of("a", "undo a"), machine.history);
        }
    }

    @Test
    @DisplayName(
            "lack of memory at any moment of the boot, also between two steps, is a failure of it: what stood is undone")
    void outOfMemory() throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            FailingClock clock = new FailingClock("booter", failures + 1, false);
            Machine machine = new Machine(KernelConfig.defaults().withClock(clock));
            Boot boot = Boot.of(machine.kernel).add(machine.noted("a", 1, 0), machine.noted("b", 2, 0));
            Caller<BootReport> booter = Caller.start("booter", boot::run);
            booter.awaitEnd(Machine.SOON.toMillis());
            machine.close(); // a boot that had completed, when telling that failed, is undone here
            done = !clock.hasFailed();
            if (!done) {
                failures++;
                booter.failure();
            }
            List<String> history = machine.history;
            int steps = history.size() / 2;
            assertEquals(List.of("a", "b").subList(0, steps), history.subList(0, steps));
            assertEquals(List.of("undo b", "undo a").subList(2 - steps, 2), history.subList(steps, history.size()));
        }
        assertTrue(failures > 2);
    }

    @Test
    @DisplayName(
            "lack of memory at any moment of the roll-back does not end it: what stood is undone when the boot has failed")
    void outOfMemoryInRollback() throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            FailingClock clock = new FailingClock("booter", failures + 1, false);
            try (Machine machine =
                    new Machine(KernelConfig.defaults().withClock(clock).withShutdownBudget(Duration.ofSeconds(2)))) {
                Boot boot = Boot.of(machine.kernel)
                        .add(
                                machine.noted("a", 1, 0),
                                machine.noted("b", 2, 0),
                                Machine.failing("c", 3, new IOException("c")));
                Caller<BootReport> booter = Caller.start("booter", boot::run);
                Throwable failure = booter.failure();
                done = !clock.hasFailed();
                failures += done ? 0 : 1;
                assertEquals(done, failure instanceof BootException, failure::toString);
                List<String> history = machine.history;
                int steps = history.size() / 2;
                assertEquals(List.of("a", "b").subList(0, steps), history.subList(0, steps));
                assertEquals(List.of("undo b", "undo a").subList(2 - steps, 2), history.subList(steps, history.size()));
            }
        }
        assertTrue(failures > 3);
    }

    @Test
    @DisplayName("a boot that no memory keeps from its roll-back leaves it to the shutdown")
    void outOfMemoryForGood() throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            FailingClock clock = new FailingClock("booter", failures + 1, true);
            Machine machine = new Machine(KernelConfig.defaults().withClock(clock));
            Boot boot = Boot.of(machine.kernel)
                    .add(machine.noted("a", 1, 0), Machine.failing("b", 2, new IOException("b")));
            Caller<BootReport> booter = Caller.start("booter", boot::run);
            booter.failure();
            done = !clock.hasFailed();
            failures += done ? 0 : 1;
            machine.close();
            assertEquals(machine.history.contains("a") ? List.of("a", "undo a") : List.of(), machine.history);
        }
        assertTrue(failures > 3);
    }
}
