package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;

@ExtendWith(NoThreadLeft.class)
class ShutdownTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    /** Shuts the kernel down from outside, as a signal does. */
    private Thread signal() {
        Thread thread = new Thread(machine.kernel::close, "signal");
        thread.start();
        return thread;
    }

    @Nested
    @DisplayName("a shutdown that begins during the boot")
    class During {

        @Test
        @DisplayName("stops it before the next step, and undoes the steps in its last phase, after the sync")
        void betweenSteps() throws Exception {
            Thread[] signal = new Thread[1];
            machine.kernel.shutdownEvents().preSync().register(h -> history.add("pre_sync"), EventList.PRI_ANY);
            machine.kernel.shutdownEvents().finalEvent().register(h -> history.add("final"), EventList.PRI_ANY);
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> {
                                machine.daemon("d");
                                signal[0] = signal();
                                await().until(machine.kernel::rebooting);
                                while (!Thread.currentThread().isInterrupted()) {
                                    Thread.onSpinWait();
                                }
                                Thread.interrupted();
                            })
                            .undo(() -> history.add("undo b")),
                    machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            signal[0].join();
            assertTrue(e.isStoppedByShutdown());
            assertEquals("c", e.step());
            assertEquals(3, e.position());
            assertNull(e.getCause());
            assertEquals(
                    "boot step \"c\" (0x3/FIRST), 3 of 3, was not started, because the kernel shuts down",
                    e.getMessage());
            assertEquals(List.of("a", "pre_sync", "exit d", "final", "undo b", "undo a"), history);
            assertFalse(Thread.interrupted());
            assertEquals(
                    List.of(BootReport.Result.UNDONE, BootReport.Result.UNDONE),
                    e.report().steps().stream().map(BootReport.Step::result).toList());
        }

        @Test
        @DisplayName("interrupts a step that waits, once it needs it out of the way")
        void inStep() throws Exception {
            Thread[] signal = new Thread[1];
            boot.add(machine.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> {
                signal[0] = signal();
                new CountDownLatch(1).await();
            }));
            BootException e = assertThrows(BootException.class, boot::run);
            signal[0].join();
            assertInstanceOf(InterruptedException.class, e.getCause());
            assertTrue(e.isStoppedByShutdown());
            assertFalse(Thread.interrupted());
            assertEquals(List.of("a", "undo a"), history);
        }

        @Test
        @DisplayName(
                "begun by a step that waits for its end: the steps before are undone, the step gets its report, then is undone")
        void rebootInStep() {
            AtomicReference<@Nullable ShutdownReport> report = new AtomicReference<>();
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> {
                                report.set(machine.kernel.reboot(Howto.HALT));
                                history.add("b");
                            })
                            .undo(() -> history.add("undo b")),
                    machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals("c", e.step());
            assertTrue(e.isStoppedByShutdown());
            assertEquals(List.of("a", "undo a", "b", "undo b"), history);
            assertEquals(Howto.HALT, report.get().howto());
        }

        @Test
        @DisplayName("begun by the last step that closes the kernel: all is undone in the end")
        void closeInLastStep() throws Exception {
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, machine.kernel::close).undo(() -> history.add("undo b")));
            boot.run();
            assertEquals(List.of("a", "undo a", "undo b"), history);
        }

        @Test
        @DisplayName(
                "and has no time left for its last phase, in the last step: the boot is complete, and undoes itself")
        void noTime() throws Exception {
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> {
                                Thread shutdown = new Thread(() -> {
                                    try {
                                        machine.kernel.reboot(Howto.HALT, Duration.ZERO);
                                    } catch (InterruptedException e) {
                                        throw new AssertionError(e);
                                    }
                                });
                                shutdown.start();
                                shutdown.join();
                            })
                            .undo(() -> history.add("undo b")));
            BootReport report = boot.run();
            assertEquals(List.of("a", "undo b", "undo a"), history);
            assertEquals(
                    List.of(BootReport.Result.UNDONE, BootReport.Result.UNDONE),
                    report.steps().stream().map(BootReport.Step::result).toList());
        }

        @Test
        @DisplayName("begun before it: no step runs")
        void already() {
            machine.close();
            boot.add(machine.noted("a", 1, 0));
            assertThrows(RuntimeException.class, boot::run);
            assertEquals(List.of(), history);
        }

        @Test
        @DisplayName(
                "leaves a step behind that ignores everything, when its time is over; the boot undoes itself later")
        void stuckStep() throws Exception {
            CountDownLatch release = new CountDownLatch(1);
            try (Machine brief = new Machine(KernelConfig.defaults().withShutdownBudget(Duration.ofSeconds(1)))) {
                Thread shutdown = new Thread(() -> {
                    brief.kernel.close();
                    brief.history.add("closed");
                    release.countDown();
                });
                Boot stuck = Boot.of(brief.kernel)
                        .add(
                                brief.noted("a", 1, 0),
                                Sysinit.of("b", 2, 0, () -> {
                                            shutdown.start();
                                            Uninterruptibles.awaitUninterruptibly(release);
                                        })
                                        .undo(() -> brief.history.add("undo b")),
                                brief.noted("c", 3, 0));
                BootException e = assertThrows(BootException.class, stuck::run);
                shutdown.join();
                assertEquals("c", e.step());
                assertTrue(e.isStoppedByShutdown());
                assertFalse(Thread.interrupted());
                assertEquals(List.of("a", "closed", "undo b", "undo a"), brief.history);
                assertFalse(brief.kernel.awaitShutdown().isClean());
            }
        }

        @Test
        @DisplayName("begun by a step on a kernel thread: that thread unwinds, and the shutdown undoes")
        void onKernelThread() throws Exception {
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> machine.kernel.reboot(Howto.HALT)),
                    machine.noted("c", 3, 0));
            Proc booter = machine.kernel
                    .kthreads()
                    .kthreadCreate(KthreadSpec.named("booter").main(boot::run));
            machine.kernel.awaitShutdown();
            assertEquals(0, booter.exitStatus().orElseThrow());
            assertEquals(List.of("a", "exit booter", "undo a"), history);
        }

        @Test
        @DisplayName("by a panic: stops the boot as well")
        void panic() {
            boot.add(
                    machine.noted("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> machine.kernel.panic("b")),
                    machine.noted("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals("c", e.step());
            assertEquals(List.of("a", "undo a"), history);
        }

        @Test
        @DisplayName("in the last step: the boot is complete, and undone")
        void inLastStep() throws Exception {
            Thread[] signal = new Thread[1];
            boot.add(Sysinit.of("a", 1, 0, () -> {
                        signal[0] = signal();
                        await().until(machine.kernel::rebooting);
                    })
                    .undo(() -> history.add("undo a")));
            boot.run();
            signal[0].join();
            assertEquals(List.of("undo a"), history);
            assertFalse(Thread.interrupted());
        }
    }

    @Nested
    @DisplayName("a shutdown that begins while a failed boot is undone")
    class WhileUndoing {

        @Test
        @DisplayName("waits for it, and lets it finish")
        void waits() throws Exception {
            Thread[] signal = new Thread[1];
            CountDownLatch atFinal = new CountDownLatch(1);
            machine.kernel.shutdownEvents().finalEvent().register(h -> atFinal.countDown(), EventList.PRI_ANY);
            boot.add(
                    machine.noted("a", 1, 0),
                    machine.noted("b", 2, 0).undo(() -> {
                        signal[0] = signal();
                        atFinal.await();
                        assertFalse(Thread.currentThread().isInterrupted());
                        history.add("undo b");
                    }),
                    Sysinit.of("c", 3, 0, () -> {
                        throw new IOException("c");
                    }));
            BootException e = assertThrows(BootException.class, boot::run);
            signal[0].join();
            assertFalse(e.isStoppedByShutdown());
            assertEquals(0, e.getSuppressed().length);
            assertEquals(List.of("a", "b", "undo b", "undo a"), history);
        }

        @Test
        @DisplayName("begun by an undo that waits for its end: the undos before it run meanwhile")
        void rebootInUndo() {
            boot.add(
                    machine.noted("a", 1, 0),
                    machine.noted("b", 2, 0).undo(() -> {
                        machine.kernel.reboot(Howto.HALT);
                        history.add("undo b");
                    }),
                    Sysinit.of("c", 3, 0, () -> {
                        throw new IOException("c");
                    }));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(0, e.getSuppressed().length);
            assertFalse(Thread.interrupted());
            assertEquals(List.of("a", "b", "undo a", "undo b"), history);
        }
    }

    @Nested
    @DisplayName("a shutdown after the boot")
    class After {

        @Test
        @DisplayName("an undo that calls reboot gets the report so far; the undos before it run")
        void rebootInUndo() throws Exception {
            AtomicReference<@Nullable ShutdownReport> soFar = new AtomicReference<>();
            boot.add(
                            machine.noted("a", 1, 0),
                            machine.noted("b", 2, 0).undo(() -> soFar.set(machine.kernel.reboot(Howto.HALT))))
                    .run();
            machine.kernel.reboot(Howto.HALT);
            assertTrue(soFar.get() != null);
            assertEquals(List.of("a", "b", "undo a"), history);
        }

        @Test
        @DisplayName("an undo that fails does not stop the others; a step without undo has no row in the report")
        void failingUndo() throws Exception {
            boot.add(
                            machine.noted("a", 1, 0),
                            machine.noted("b", 2, 0).undo(() -> {
                                throw new IOException("disk");
                            }),
                            machine.noted("c", 3, 0),
                            Sysinit.of("d", 4, 0, () -> history.add("d")))
                    .run();
            ShutdownReport report = machine.kernel.reboot(Howto.HALT);
            assertEquals(List.of("a", "b", "c", "d", "undo c", "undo a"), history);
            assertTrue(report.toString().contains("disk"), report::toString);
            List<String> undos = report.phases().stream()
                    .filter(phase -> phase.name().equals("undo"))
                    .flatMap(phase -> phase.runs().stream())
                    .map(ShutdownReport.Run::name)
                    .toList();
            assertEquals(List.of("c", "b", "a", "boot"), undos);
        }
    }

    @Nested
    @DisplayName("runUntilHalted")
    class UntilHalted {

        private final List<Machine> machines = new ArrayList<>();

        private Boot next(Howto... howtos) {
            Machine life = new Machine();
            machines.add(life);
            Howto howto = howtos[machines.size() - 1];
            return Boot.of(life.kernel).add(life.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> {
                life.daemon("d");
                Thread ender = new Thread(() -> {
                    try {
                        life.kernel.reboot(howto);
                    } catch (InterruptedException e) {
                        throw new AssertionError(e);
                    }
                });
                ender.start();
            }));
        }

        @AfterEach
        void close() {
            machines.forEach(Machine::close);
        }

        @Test
        @DisplayName("AUTOBOOT boots a new kernel, HALT ends it; the last report comes back")
        void autoboot() throws Exception {
            ShutdownReport report = Boot.runUntilHalted(() -> next(Howto.AUTOBOOT, Howto.AUTOBOOT, Howto.HALT));
            assertEquals(3, machines.size());
            for (Machine life : machines) {
                assertTrue(life.kernel.rebooting());
                assertEquals("undo a", life.history.get(life.history.size() - 1));
            }
            assertEquals(Howto.HALT, report.howto());
            assertSame(report, machines.get(2).kernel.awaitShutdown());
        }

        @Test
        @DisplayName("a boot that fails ends it, with its kernel closed")
        void fails() {
            Machine life = new Machine();
            machines.add(life);
            BootException e = assertThrows(
                    BootException.class,
                    () -> Boot.runUntilHalted(() -> Boot.of(life.kernel).add(Sysinit.of("a", 1, 0, () -> {
                        throw new IOException("a");
                    }))));
            assertFalse(e.isStoppedByShutdown());
            assertTrue(life.kernel.rebooting());
        }

        @Test
        @DisplayName("a boot that calls for a reboot itself boots again; the console tells what did not run")
        void rebootInStep() throws Exception {
            Boot.runUntilHalted(() -> {
                Machine life = new Machine();
                machines.add(life);
                Howto howto = machines.size() == 1 ? Howto.AUTOBOOT : Howto.HALT;
                return Boot.of(life.kernel)
                        .add(Sysinit.of("a", 1, 0, () -> life.kernel.reboot(howto)), life.noted("b", 2, 0));
            });
            assertEquals(2, machines.size());
            for (Machine life : machines) {
                assertTrue(
                        life.console.contains(
                                "boot step \"b\" (0x2/FIRST), 2 of 2, was not started, because the kernel shuts down"),
                        life.console::toString);
                assertEquals(List.of(), life.history);
            }
        }

        @Test
        @DisplayName("an interrupt ends it, with its kernel closed")
        void interrupted() {
            Machine life = new Machine();
            machines.add(life);
            assertThrows(
                    InterruptedException.class,
                    () -> Boot.runUntilHalted(() -> {
                        Thread.currentThread().interrupt();
                        return Boot.of(life.kernel);
                    }));
            assertTrue(life.kernel.rebooting());
        }
    }
}
