package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.LogLines;

/** A boot that takes back, or is about to, when the shutdown comes, leaves it behind, or is over. */
@ExtendWith(NoThreadLeft.class)
class RollbackLateTest {

    /** How often the last phase looks at the booting thread. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final ManualClock clock = new ManualClock();
    private final Machine machine =
            new Machine(KernelConfig.defaults().withClock(clock).withShutdownBudget(Duration.ofSeconds(1)));
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);
    private final CountDownLatch release = new CountDownLatch(1);
    private @Nullable Caller<Boolean> signal;

    @AfterEach
    void close() throws Exception {
        release.countDown();
        clock.advance(Duration.ofDays(1));
        machine.close();
        if (signal != null) {
            signal.result();
        }
    }

    /** Shuts the kernel down from outside, as a signal does. Returns when it has begun. */
    private void signal() {
        signal = Caller.run("signal", machine.kernel::close);
        while (!machine.kernel.rebooting()) {
            Thread.onSpinWait(); // the shutdown may interrupt this thread
        }
    }

    /** The last phase waits for the booting thread: others wait as long. */
    private void awaitLastPhase() {
        eventually(() -> clock.nextDeadline() == LOOK.toNanos()
                && Thread.getAllStackTraces().values().stream()
                        .flatMap(Arrays::stream)
                        .anyMatch(frame -> frame.getMethodName().equals("awaitBooter")));
    }

    private static void waitForEver() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Nested
    @DisplayName(
            "an undo of the booting thread that waits for ever, when a shutdown begins meanwhile, which has stopped all processes")
    class Meanwhile {

        private Caller<?> failing(Duration budget) {
            boot.add(
                            machine.noted("a", 1, 0).undo(RollbackLateTest::waitForEver),
                            machine.noted("b", 2, 0).undo(() -> {
                                signal();
                                waitForEver();
                            }),
                            Machine.failing("c", 3, new IOException("c")))
                    .budget(budget);
            Caller<?> run = Caller.run("booter", boot::run);
            awaitLastPhase();
            return run;
        }

        /** Both undos end as time goes on. */
        private void assertBothEnded(Caller<?> run) throws Exception {
            eventually(() -> {
                clock.advance(LOOK);
                return !run.isAlive();
            });
            assertEquals(
                    List.of(
                            "undoing boot step \"b\" (0x2/FIRST): java.lang.InterruptedException",
                            "undoing boot step \"a\" (DONE/FIRST): java.lang.InterruptedException"),
                    Machine.messages(run.failure()));
            assertFalse(run.wasInterrupted());
        }

        @Test
        @DisplayName("is interrupted when the budget of the boot is over")
        void inThePhase() throws Exception {
            Caller<?> run = failing(Duration.ofMillis(200));
            clock.advance(Duration.ofMillis(199));
            run.awaitWaiting();
            assertBothEnded(run);
        }

        @Test
        @DisplayName("is so also after the last phase has left it behind")
        void leftBehind() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.sysinit")) {
                Caller<?> run = failing(Duration.ofSeconds(2));
                clock.advance(Duration.ofSeconds(1));
                signal.result();
                eventually(() -> log.messages().size() == 1);
                run.awaitWaiting();
                eventually(() -> clock.nextDeadline() == Duration.ofSeconds(2).toNanos());
                clock.advance(Duration.ofMillis(900));
                run.awaitWaiting();
                assertBothEnded(run);
            }
        }
    }

    @Nested
    @DisplayName("a boot that completes when the last phase has gone by, and takes back what that left")
    class Completes {

        private final Machine real = new Machine(); // its last phase looks again, in case that it is there first
        private final Boot late = Boot.of(real.kernel);

        @AfterEach
        void close() {
            real.close();
        }

        private void add(Action undo) {
            late.add(
                    real.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, real.kernel::close).undo(undo));
        }

        @Test
        @DisplayName("keeps an interrupt of an undo for its caller")
        void interrupted() throws Exception {
            add(() -> Thread.currentThread().interrupt());
            late.run();
            assertTrue(Thread.interrupted());
        }

        @Test
        @DisplayName("goes on with the exit of an undo")
        void exits() throws Exception {
            add(() -> {
                throw CurThread.exit(3);
            });
            try (Machine outer = new Machine()) {
                Proc booter = outer.kernel
                        .kthreads()
                        .kthreadCreate(KthreadSpec.named("booter").main(() -> {
                            late.run();
                            real.history.add("returned");
                        }));
                assertTrue(booter.join(Machine.SOON));
                assertEquals(3, booter.exitStatus().orElseThrow());
                assertEquals(List.of("a", "undo a"), real.history);
            }
        }

        @Test
        @DisplayName("logs what fails of it: it has no exception to tell it in, and the rows tell it")
        void fails() throws Exception {
            add(() -> {
                throw new IOException("disk");
            });
            try (LogLines log = LogLines.of("org.kthread.sysinit")) {
                BootReport.Step b = late.run().steps().get(1);
                assertEquals(BootReport.Result.UNDO_FAILED, b.result());
                assertEquals(List.of(b.failure()), log.thrown());
            }
        }
    }

    @Nested
    @DisplayName("a boot that is interrupted in its wait for a shutdown whose last phase has left it behind")
    class Passed {

        @Test
        @DisplayName("takes back itself: nobody else will")
        void undoes() throws Exception {
            CountDownLatch behind = new CountDownLatch(1);
            machine.kernel.onUndo("behind", () -> {
                behind.countDown();
                Uninterruptibles.awaitUninterruptibly(release);
            });
            CountDownLatch step = new CountDownLatch(1);
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> {
                                signal();
                                Uninterruptibles.awaitUninterruptibly(step);
                            })
                            .undo(() -> history.add("undo b")),
                    machine.noted("c", 3, 0));
            try (LogLines log = LogLines.of("org.kthread.sysinit")) {
                Caller<?> run = Caller.run("booter", boot::run);
                awaitLastPhase();
                clock.advance(Duration.ofMillis(500)); // half of the time: the rest is for "behind"
                behind.await();
                eventually(() -> log.messages().size() == 1);
                step.countDown();
                eventually(() -> machine.kernel.isAwaitingShutdown(run.thread()));
                run.interrupt();
                assertTrue(assertInstanceOf(BootException.class, run.failure()).isStoppedByShutdown());
                assertTrue(run.wasInterrupted());
                assertEquals(List.of("a", "undo b", "undo a"), history);
            }
        }

        @Test
        @DisplayName("leaves it to that phase while it is at it: no undo overtakes another")
        void atIt() throws Exception {
            CountDownLatch undoing = new CountDownLatch(1);
            boot.add(
                    machine.noted("a", 1, 0),
                    machine.noted("b", 2, 0).undo(() -> {
                        undoing.countDown();
                        Uninterruptibles.awaitUninterruptibly(release);
                        history.add("undo b");
                    }),
                    Sysinit.of("c", 3, 0, () -> {
                        Thread booter = Thread.currentThread();
                        machine.kernel
                                .shutdownEvents()
                                .finalEvent()
                                .register(
                                        h -> eventually(() -> machine.kernel.isAwaitingShutdown(booter)),
                                        EventList.PRI_ANY);
                        machine.kernel.reboot(Howto.HALT);
                    }));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            run.interrupt(); // ends the step
            eventually(() -> Arrays.stream(run.thread().getStackTrace())
                            .anyMatch(frame -> frame.getClassName().equals(Rollback.class.getName()))
                    && machine.kernel.isAwaitingShutdown(run.thread()));
            run.interrupt(); // ends the wait
            assertInstanceOf(BootException.class, run.failure());
            assertTrue(run.wasInterrupted());
            assertEquals(List.of("a", "b"), history);
            release.countDown();
            machine.close();
            assertEquals(List.of("a", "b", "undo b", "undo a"), history);
        }
    }

    @Nested
    @DisplayName("the booting thread, when the last phase takes back what is under it, and is not done")
    class Beside {

        private final CountDownLatch undoing = new CountDownLatch(1);

        /** One whose undo, by the last phase, lasts until it is released. */
        private Sysinit slow(String name, int subsystem) {
            return machine.noted(name, subsystem, 0).undo(() -> {
                undoing.countDown();
                Uninterruptibles.awaitUninterruptibly(release);
                history.add("undo " + name);
            });
        }

        /** The booting thread waits for the end of the shutdown: not in a step or an undo. */
        private void awaitReport(Caller<?> run) {
            eventually(() -> !run.isAlive()
                    || (machine.kernel.isAwaitingShutdown(run.thread())
                            && Arrays.stream(run.thread().getStackTrace())
                                    .noneMatch(frame -> frame.getMethodName().equals("reboot"))));
        }

        @Test
        @DisplayName("and its own undo ends: runs no other beside that, and returns when all is undone")
        void afterUndo() throws Exception {
            boot.add(
                            machine.noted("z", 1, 0),
                            slow("a", 2),
                            machine.noted("b", 3, 0).undo(() -> machine.kernel.reboot(Howto.HALT)),
                            Machine.failing("c", 4, new IOException("c")))
                    .budget(Duration.ofMillis(200));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            clock.advance(Duration.ofMillis(200)); // ends the undo of b
            awaitReport(run);
            clock.advance(LOOK); // another interrupt of the watch's, which does not end the wait
            assertEquals(List.of("z", "a", "b"), history);
            release.countDown();
            assertEquals(
                    List.of("undoing boot step \"b\" (0x3/FIRST): java.lang.InterruptedException"),
                    Machine.messages(run.failure()));
            assertFalse(run.wasInterrupted());
            assertEquals(List.of("z", "a", "b", "undo a", "undo z"), history);
        }

        @Test
        @DisplayName("and its last step ends: the same")
        void afterLastStep() throws Exception {
            boot.add(machine.noted("z", 1, 0), slow("a", 2), swallowing("b", 3));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            run.interrupt(); // ends the wait in the step
            awaitReport(run);
            assertEquals(List.of("z", "a"), history);
            release.countDown();
            run.result();
            assertEquals(List.of("z", "a", "undo a", "undo z", "undo b"), history);
        }

        /** A step that waits for the end of the shutdown, and ends as well if it is interrupted. */
        private Sysinit swallowing(String name, int subsystem) {
            return Sysinit.of(name, subsystem, 0, () -> {
                        try {
                            machine.kernel.reboot(Howto.HALT);
                        } catch (InterruptedException e) {
                            // as a program may
                        }
                    })
                    .undo(() -> history.add("undo " + name));
        }

        @Test
        @DisplayName("and has been left behind there: leaves it the rest when the shutdown is over")
        void leftBehind() throws Exception {
            boot.add(machine.noted("z", 1, 0), slow("a", 2), swallowing("b", 3), machine.noted("c", 4, 0));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            run.interrupt(); // ends the wait in the step
            awaitReport(run);
            clock.advance(Duration.ofSeconds(1)); // the shutdown is over
            assertTrue(assertInstanceOf(BootException.class, run.failure()).isStoppedByShutdown());
            assertEquals(List.of("z", "a", "undo b"), history, "its own: the last phase did not get that");
            release.countDown();
            eventually(() -> history.size() == 5);
            assertEquals(List.of("z", "a", "undo b", "undo a", "undo z"), history);
        }

        @Test
        @DisplayName("and completes without undo at the shutdown: what that phase has not taken stays")
        void stays() throws Exception {
            boot.withoutUndoAtShutdown().add(machine.noted("z", 1, 0), slow("a", 2), swallowing("b", 3));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            run.interrupt(); // ends the wait in the step
            run.result();
            release.countDown();
            machine.close();
            assertEquals(List.of("z", "a", "undo a", "undo z"), history);
        }

        @Test
        @DisplayName("and is interrupted in its step, and in its wait: that phase takes back its step as well")
        void interruptedTwice() throws Exception {
            boot.add(machine.noted("z", 1, 0), slow("a", 2), swallowing("b", 3));
            Caller<?> run = Caller.run("booter", boot::run);
            undoing.await();
            run.interrupt(); // ends the wait in the step
            awaitReport(run);
            run.interrupt(); // ends the wait of the boot
            run.result();
            assertTrue(run.wasInterrupted());
            assertEquals(List.of("z", "a"), history);
            release.countDown();
            machine.close();
            assertEquals(List.of("z", "a", "undo a", "undo z", "undo b"), history);
        }
    }
}
