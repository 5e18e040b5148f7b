package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.LogLines;

/** What the booting thread and the last phase of the shutdown tell each other, and how they wait for each other. */
@ExtendWith(NoThreadLeft.class)
class RollbackShutdownTest {

    /** How often that phase looks at the booting thread. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);
    private final Thread booter = Thread.currentThread();
    private @Nullable Caller<Boolean> signal;

    @AfterEach
    void close() throws Exception {
        machine.close();
        if (signal != null) {
            signal.result();
        }
    }

    /** Shuts a kernel down from outside, as a signal does. Returns when it has begun. */
    private void signal(Machine one) {
        signal = Caller.run("signal", one.kernel::close);
        while (!one.kernel.rebooting()) {
            Thread.onSpinWait(); // the shutdown may interrupt this thread
        }
    }

    private static Action failing(String why) {
        return () -> {
            throw new IOException(why);
        };
    }

    /** What the last phase ran. */
    private static List<ShutdownReport.Run> undos(Machine one) throws InterruptedException {
        return one.kernel.awaitShutdown().phases().stream()
                .filter(phase -> phase.name().equals("undo"))
                .flatMap(phase -> phase.runs().stream())
                .toList();
    }

    private static List<BootReport.Result> results(BootException e) {
        return e.report().steps().stream().map(BootReport.Step::result).toList();
    }

    private static List<String> rows(List<ShutdownReport.Run> runs) {
        return runs.stream().map(run -> run.name() + " " + run.result()).toList();
    }

    @Nested
    @DisplayName("a boot that waits for the shutdown that stopped it")
    class Waits {

        @Test
        @DisplayName("has each step undone under its own name, and is told of what fails there")
        void ownNames() throws Exception {
            machine.kernel
                    .shutdownEvents()
                    .finalEvent()
                    .register(h -> eventually(() -> machine.kernel.isAwaitingShutdown(booter)), EventList.PRI_ANY);
            boot.add(
                    machine.noted("a", 1, 0).undo(failing("disk")),
                    Sysinit.of("b", 2, 0, () -> signal(machine)).undo(() -> history.add("undo b")),
                    machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(
                    List.of("undoing boot step \"a\" (DONE/FIRST): java.io.IOException: disk"),
                    Machine.messages(e),
                    e::toString);
            assertEquals(List.of("b DONE", "a FAILED", "boot DONE"), rows(undos(machine)));
            assertEquals(List.of("a", "undo b"), history);
        }

        @Test
        @DisplayName("and is interrupted there: leaves the rest to it, and the flag to the caller")
        void interrupted() {
            CountDownLatch thrown = new CountDownLatch(1);
            machine.kernel
                    .shutdownEvents()
                    .finalEvent()
                    .register(
                            h -> {
                                eventually(() -> machine.kernel.isAwaitingShutdown(booter));
                                booter.interrupt();
                                thrown.await();
                            },
                            EventList.PRI_ANY);
            boot.add(machine.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> signal(machine)), machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            thrown.countDown();
            assertTrue(Thread.interrupted());
            assertTrue(e.isStoppedByShutdown());
            assertEquals(List.of(BootReport.Result.UNDONE, BootReport.Result.UNDONE), results(e), "to be undone");
            machine.close();
            assertEquals(List.of("a", "undo a"), history);
        }
    }

    @Nested
    @DisplayName("a step that others interrupt when a shutdown has begun, and that ends by it")
    class Interrupted {

        /** A step in which a shutdown begins, whose last phase does not come before the boot waits for it. */
        private Sysinit step(Machine one, Action shutdown) {
            return Sysinit.of("b", 2, 0, () -> {
                one.kernel
                        .shutdownEvents()
                        .finalEvent()
                        .register(h -> eventually(() -> one.kernel.isAwaitingShutdown(booter)), EventList.PRI_ANY);
                signal = Caller.run("signal", shutdown);
                eventually(one.kernel::rebooting);
                Thread.currentThread().interrupt();
                new CountDownLatch(1).await();
            });
        }

        @Test
        @DisplayName("leaves the flag to the caller: no interrupt is eaten")
        void flag() {
            boot.add(machine.noted("a", 1, 0), step(machine, machine.kernel::close));
            BootException e = assertThrows(BootException.class, boot::run);
            assertTrue(Thread.interrupted());
            assertTrue(e.isStoppedByShutdown());
            assertInstanceOf(InterruptedException.class, e.getCause());
            assertEquals(List.of("a", "undo a"), history);
        }

        @Test
        @DisplayName("ends the life of a machine that the shutdown would boot again")
        void lives() {
            int[] lives = new int[1];
            InterruptedException e = assertThrows(
                    InterruptedException.class,
                    () -> Boot.runUntilHalted(() -> {
                        lives[0]++;
                        return boot.add(step(machine, () -> machine.kernel.reboot(Howto.AUTOBOOT)));
                    }));
            assertInstanceOf(BootException.class, e.getCause());
            assertEquals(1, lives[0]);
            assertFalse(Thread.interrupted());
            assertTrue(machine.kernel.rebooting());
        }
    }

    @Nested
    @DisplayName("a boot that leaves its step when the last phase has come")
    class Late {

        private Sysinit waiting(String name, int subsystem, Machine one) {
            return Sysinit.of(name, subsystem, 0, () -> {
                signal(one);
                new CountDownLatch(1).await();
            });
        }

        @Test
        @DisplayName("is undone there as a whole; what fails is in the report, and in the exception")
        void failures() throws Exception {
            boot.add(machine.noted("a", 1, 0).undo(failing("disk")), waiting("b", 2, machine));
            BootException e = assertThrows(BootException.class, boot::run);
            assertInstanceOf(InterruptedException.class, e.getCause());
            String text = "undoing boot step \"a\" (DONE/FIRST): java.io.IOException: disk";
            assertEquals(List.of(text), Machine.messages(e));
            List<ShutdownReport.Run> undos = undos(machine);
            assertEquals(List.of("boot FAILED"), rows(undos));
            assertEquals(List.of(text), Machine.messages(undos.get(0).failure()));
        }

        @Test
        @DisplayName("overtakes no undo that outlasts the phase: the rest follows that one")
        void stuckUndo() {
            CountDownLatch release = new CountDownLatch(1);
            try (Machine brief = new Machine(KernelConfig.defaults().withShutdownBudget(Duration.ofSeconds(1)))) {
                Boot late = Boot.of(brief.kernel)
                        .add(
                                brief.noted("a", 1, 0),
                                brief.noted("b", 2, 0).undo(() -> {
                                    Uninterruptibles.awaitUninterruptibly(release);
                                    brief.history.add("undo b");
                                }),
                                waiting("c", 3, brief));
                assertThrows(BootException.class, late::run);
                assertEquals(List.of("a", "b"), brief.history);
                release.countDown();
                await().atMost(Machine.SOON).until(() -> brief.history.size() == 4);
                assertEquals(List.of("a", "b", "undo b", "undo a"), brief.history);
            } finally {
                release.countDown();
            }
        }

        @Test
        @DisplayName("may leave it uninterrupted: the interrupt by that phase is not seen by the caller")
        void ourInterrupt() throws Exception {
            boot.add(Sysinit.of("a", 1, 0, () -> {
                        signal(machine);
                        while (!Thread.currentThread().isInterrupted()) {
                            Thread.onSpinWait();
                        }
                    })
                    .undo(() -> history.add("undo a")));
            boot.run();
            assertFalse(Thread.interrupted());
            machine.close();
            assertEquals(List.of("undo a"), history);
        }

        @Test
        @DisplayName("is not waited for any longer, though no time passes")
        void atOnce() throws Exception {
            ManualClock clock = new ManualClock();
            try (Machine still = new Machine(KernelConfig.defaults().withClock(clock))) {
                Boot late = Boot.of(still.kernel).add(still.noted("a", 1, 0), waiting("b", 2, still));
                Caller<?> run = Caller.run("booter", late::run);
                try {
                    assertInstanceOf(BootException.class, run.failure());
                    assertEquals(List.of("a", "undo a"), still.history);
                } finally {
                    clock.advance(Duration.ofDays(1));
                }
            }
        }

        @Test
        @DisplayName("or its undo: the same")
        void atOnceAfterUndo() throws Exception {
            ManualClock clock = new ManualClock();
            try (Machine still = new Machine(KernelConfig.defaults().withClock(clock))) {
                Boot failed = Boot.of(still.kernel)
                        .add(
                                still.noted("a", 1, 0).undo(() -> {
                                    signal(still);
                                    eventually(() -> clock.nextDeadline() == LOOK.toNanos());
                                    still.history.add("undo a");
                                }),
                                Sysinit.of("b", 2, 0, failing("b")));
                Caller<?> run = Caller.run("booter", failed::run);
                try {
                    assertInstanceOf(BootException.class, run.failure());
                    assertEquals(List.of("a", "undo a"), still.history);
                    signal.result();
                } finally {
                    clock.advance(Duration.ofDays(1));
                }
            }
        }
    }

    @Nested
    @DisplayName("a step that waits for the end of the shutdown")
    class RebootInStep {

        @Test
        @DisplayName("hears of what fails before and after: the exception has both, the report the first")
        void failures() throws Exception {
            boot.add(
                    machine.noted("a", 1, 0).undo(failing("disk")),
                    Sysinit.of("b", 2, 0, () -> machine.kernel.reboot(Howto.HALT))
                            .undo(failing("net")),
                    machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            String first = "undoing boot step \"a\" (DONE/FIRST): java.io.IOException: disk";
            String second = "undoing boot step \"b\" (0x2/FIRST): java.io.IOException: net";
            assertEquals(List.of(first, second), Machine.messages(e));
            List<ShutdownReport.Run> undos = undos(machine);
            assertEquals(List.of("boot FAILED"), rows(undos));
            assertEquals(List.of(first), Machine.messages(undos.get(0).failure()));
        }
    }

    @Nested
    @DisplayName("a step that ignores everything")
    class Ignores {

        @Test
        @DisplayName("is left behind with a line in the log: its thread, its name, its stack")
        void log() throws Exception {
            CountDownLatch release = new CountDownLatch(1);
            try (LogLines log = LogLines.of("org.kthread.sysinit");
                    Machine brief = new Machine(KernelConfig.defaults().withShutdownBudget(Duration.ofSeconds(1)))) {
                Caller<?> run = Caller.run(
                        "stubborn",
                        () -> Boot.of(brief.kernel)
                                .add(brief.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> {
                                    signal(brief);
                                    Uninterruptibles.awaitUninterruptibly(release);
                                }))
                                .run());
                try {
                    eventually(() -> !log.messages().isEmpty());
                } finally {
                    release.countDown();
                }
                run.result();
                assertEquals(List.of(Level.SEVERE), log.levels());
                List<String> lines = log.messages().get(0).lines().toList();
                assertEquals(
                        "the shutdown leaves behind a boot that does not end: thread stubborn,"
                                + " last in boot step \"b\" (0x2/FIRST)",
                        lines.get(0));
                assertTrue(lines.get(1).startsWith("    at "), lines::toString);
                assertTrue(lines.stream().anyMatch(line -> line.contains(".awaitUninterruptibly(")), lines::toString);
            }
        }

        @Test
        @DisplayName("is logged with nothing held: a log that waits for the end of the boot sees it")
        void slowLog() throws Exception {
            CountDownLatch release = new CountDownLatch(1);
            CountDownLatch ended = new CountDownLatch(1);
            List<Boolean> seen = new CopyOnWriteArrayList<>();
            try (LogLines log = LogLines.of("org.kthread.sysinit", line -> {
                        release.countDown();
                        seen.add(Uninterruptibles.awaitUninterruptibly(ended, Duration.ofSeconds(10)));
                    });
                    Machine brief = new Machine(KernelConfig.defaults().withShutdownBudget(Duration.ofSeconds(1)))) {
                Caller<?> run = Caller.run("stubborn", () -> {
                    Boot.of(brief.kernel)
                            .add(Sysinit.of("a", 1, 0, () -> {
                                        signal(brief);
                                        Uninterruptibles.awaitUninterruptibly(release);
                                    })
                                    .undo(() -> brief.history.add("undo a")))
                            .run();
                    ended.countDown();
                });
                eventually(() -> !seen.isEmpty());
                assertEquals(List.of(true), seen);
                run.result();
                assertEquals(List.of("undo a"), brief.history);
                assertEquals(1, log.messages().size());
            }
        }
    }

    @Nested
    @DisplayName("a boot on a kernel thread")
    class OnKernelThread {

        private final AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
        private final AtomicReference<@Nullable BootException> seen = new AtomicReference<>();
        private final AtomicReference<List<String>> historyThen = new AtomicReference<>(List.of());
        private volatile boolean interrupted;

        private Proc boots(Machine on, Boot what, Machine noted) {
            return on.kernel
                    .kthreads()
                    .kthreadCreate(KthreadSpec.named("booter").main(() -> {
                        thread.set(Thread.currentThread());
                        try {
                            what.run();
                        } catch (BootException e) {
                            interrupted = Thread.currentThread().isInterrupted();
                            historyThen.set(List.copyOf(noted.history));
                            seen.set(e);
                        }
                    }));
        }

        private boolean isWait(StackTraceElement frame) {
            return frame.getClassName().equals(Kernel.class.getName())
                    && frame.getMethodName().equals("awaitShutdown");
        }

        /** Before it stops a kernel thread, the shutdown lets the boot get as far as it can. */
        private void hold(Machine one) {
            one.kernel
                    .shutdownEvents()
                    .preSync()
                    .register(
                            h -> eventually(() -> seen.get() != null
                                    || Arrays.stream(thread.get().getStackTrace())
                                            .anyMatch(this::isWait)),
                            EventList.PRI_ANY);
        }

        @Test
        @DisplayName("of the kernel that shuts down gets its exception at once, uninterrupted: it is undone later")
        void own() throws Exception {
            hold(machine);
            boot.add(machine.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> signal(machine)), machine.noted("c", 3, 0));
            Proc proc = boots(machine, boot, machine);
            assertTrue(proc.join(Machine.SOON));
            signal.result();
            assertTrue(seen.get() != null && seen.get().isStoppedByShutdown());
            assertFalse(interrupted);
            assertEquals(List.of("a"), historyThen.get());
            assertEquals(
                    List.of(BootReport.Result.UNDONE, BootReport.Result.UNDONE), results(seen.get()), "to be undone");
            assertEquals(List.of("a", "exit booter", "undo a"), history);
        }

        @Test
        @DisplayName("of another one gets it when all is undone, also if its pid is to be found here too")
        void samePid() throws Exception {
            try (Machine outer = new Machine()) {
                hold(machine);
                AtomicReference<@Nullable Proc> twin = new AtomicReference<>();
                boot.add(
                        machine.noted("a", 1, 0),
                        Sysinit.of("b", 2, 0, () -> {
                            twin.set(machine.daemon("twin"));
                            signal(machine);
                        }),
                        machine.noted("c", 3, 0));
                Proc proc = boots(outer, boot, machine);
                assertTrue(proc.join(Machine.SOON));
                signal.result();
                assertEquals(proc.pid(), twin.get().pid());
                assertEquals(List.of("a", "exit twin", "undo a"), historyThen.get());
            }
        }
    }
}
