package org.kthread.examples;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.sysinit.Order.SI_ORDER_ANY;
import static org.kthread.sysinit.Subsystem.SI_SUB_VFS;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;
import org.kthread.sys.KernelException;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.Sysinit;

@DisplayName("A program that a signal ends")
@Timeout(90)
class AfterSignalTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Nested
    @DisplayName("and whose boot did not complete")
    class Booting {
        private final Kernel kernel = Kernel.start(KernelConfig.defaults().withConsole(line -> {}));

        @TempDir
        private Path dir;

        private final Thread signal = new Thread(kernel::close, "signal");

        @AfterEach
        void close() throws InterruptedException {
            kernel.close();
            signal.join();
        }

        /** What becomes of a boot of these. */
        private BootException boot(Sysinit... steps) {
            Boot boot = Boot.of(kernel).add(steps);
            return assertThrows(BootException.class, boot::run);
        }

        /** The shutdown has begun when this returns. */
        private void shutDown() {
            signal.start();
            while (!kernel.rebooting()) {
                Thread.onSpinWait();
            }
        }

        private void noSpace() throws IOException {
            throw new IOException("no space left on device");
        }

        private Sysinit step(String name, Action action) {
            return Sysinit.of(name, SI_SUB_VFS, SI_ORDER_ANY, action);
        }

        private Proc sleeper() {
            return kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("sleeper")
                            .main(() -> kernel.sleepQueues().pause("sleep", LIMIT)));
        }

        /** Not interruptible: the shutdown interrupts the step soon after. */
        private void awaitEnd(Proc proc) {
            while (proc.exitStatus().isEmpty()) {
                Thread.onSpinWait();
            }
        }

        @Test
        @DisplayName("failed of itself, if a step failed and the signal came while it was undone")
        void rollback() {
            BootException e = boot(step("first", () -> {}).undo(this::shutDown), step("failing", this::noSpace));
            assertTrue(kernel.rebooting());
            assertFalse(AfterSignal.stopped(e));
        }

        @Test
        @DisplayName("failed of itself, if a step failed after the signal had come")
        void failing() {
            BootException e = boot(step("failing", () -> {
                shutDown();
                noSpace();
            }));
            assertTrue(e.isStoppedByShutdown());
            assertFalse(AfterSignal.stopped(e));
        }

        @Test
        @DisplayName("was stopped, if the next step was not started")
        void notStarted() {
            assertTrue(AfterSignal.stopped(boot(step("first", this::shutDown), step("second", this::noSpace))));
        }

        @Test
        @DisplayName("was stopped, if a step was interrupted where it waited")
        void waiting() {
            assertTrue(AfterSignal.stopped(boot(step("waiting", () -> {
                shutDown();
                new CountDownLatch(1).await();
            }))));
        }

        @Test
        @DisplayName("was stopped, if a step was interrupted where it read or wrote")
        void interrupted() {
            assertTrue(AfterSignal.stopped(boot(step("working", () -> {
                shutDown();
                while (true) {
                    DurableDirectory.force(dir);
                }
            }))));
        }

        @Test
        @DisplayName("was stopped, if a step could start its daemon no more")
        void refused() {
            BootException e = boot(step("refused", () -> {
                Proc sleeper = sleeper();
                shutDown();
                awaitEnd(sleeper);
                sleeper();
            }));
            assertInstanceOf(KernelException.class, e.getCause());
            assertTrue(AfterSignal.stopped(e));
        }

        @Test
        @DisplayName("was stopped, if a daemon was before it was ready")
        void notReady() {
            BootException e = boot(step("not ready", () -> {
                        Proc sleeper = sleeper();
                        shutDown();
                        awaitEnd(sleeper);
                    })
                    .awaitReady(LIMIT));
            assertInstanceOf(IllegalStateException.class, e.getCause());
            assertTrue(AfterSignal.stopped(e));
        }

        @Test
        @DisplayName("failed of itself, if a daemon died of something else before it was ready")
        void died() {
            BootException e = boot(step("dying", () -> {
                        CountDownLatch begun = new CountDownLatch(1);
                        Proc dying = kernel.kthreads()
                                .kthreadCreate(KthreadSpec.named("dying").main(() -> {
                                    begun.countDown();
                                    noSpace();
                                }));
                        begun.await(); // stopped before, it would run nothing
                        shutDown();
                        awaitEnd(dying);
                    })
                    .awaitReady(LIMIT));
            assertInstanceOf(IllegalStateException.class, e.getCause());
            assertFalse(AfterSignal.stopped(e));
        }
    }
}
