package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.spi.AbstractInterruptibleChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

/** Who interrupts a thread in an operation of a channel closes the channel, and with a disk that hangs this lasts. */
class SlowInterruptTest {
    private static final Duration SHORT = Duration.ofMillis(500);

    private final Door works = new Door();
    private final Door closing = new Door();
    private final Door mayClose = new Door();
    private final Kernel kernel = Kernel.start(KernelConfig.defaults());

    /** Its operation does not end when it is interrupted, and its close not before it is allowed to. */
    private final class Hanging extends AbstractInterruptibleChannel {
        private final AtomicReference<Boolean> locked = new AtomicReference<>();

        void operate() {
            begin();
            works.open();
            mayClose.await();
            try {
                end(true);
            } catch (AsynchronousCloseException e) {
                // closed meanwhile: that is what is tested
            }
        }

        @Override
        protected void implCloseChannel() {
            locked.set(Thread.holdsLock(kernel.proc0().table.lock));
            closing.open();
            mayClose.await();
        }
    }

    private final Hanging hanging = new Hanging();

    private Proc startInRegion() {
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("hangs").main(() -> {
            CurThread.quiescent("disk", () -> {
                hanging.operate();
                return null;
            });
        }));
        works.await();
        return proc;
    }

    @AfterEach
    void end() throws InterruptedException {
        mayClose.open();
        kernel.close();
    }

    @Test
    @DisplayName("A stop answers at its deadline, and the kernel goes on meanwhile")
    void stop() throws Exception {
        Proc proc = startInRegion();
        assertEquals(Verdict.TIMED_OUT, proc.stop(SHORT).verdict());
        closing.await();
        assertFalse(hanging.locked.get());
        assertTrue(kernel.ps().toString().contains("hangs"));
    }

    @Test
    @DisplayName("A shutdown ends in its budget, and names it")
    void shutdown() throws Exception {
        startInRegion();
        assertEquals(1, kernel.reboot(Howto.HALT, SHORT).leftThreads().size());
    }

    @Test
    @DisplayName("A shutdown leaves a handler behind that is in one, in its budget")
    void handler() throws Exception {
        kernel.shutdownEvents().preSync().register(howto -> hanging.operate(), 0);
        ShutdownReport report = kernel.reboot(Howto.HALT, SHORT);
        assertTrue(report.phases().stream()
                .flatMap(phase -> phase.runs().stream())
                .anyMatch(run -> run.result() == ShutdownReport.Result.ABANDONED));
        closing.await();
    }

    @Test
    @DisplayName("An exit of its process by a sibling does not wait for it, and holds no lock")
    void exitProc() throws Exception {
        Proc proc = startInRegion();
        kernel.kthreads().kthreadAdd(proc, KthreadSpec.named("exits").main(() -> CurThread.exitProc(1)));
        closing.await();
        assertFalse(hanging.locked.get());
        assertFalse(proc.join(Duration.ZERO));
        mayClose.open();
        assertTrue(proc.join(Caller.LIMIT));
    }

    @Test
    @DisplayName("A close that throws does not keep the others from their stop")
    void failing() throws Exception {
        mayClose.open();
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("fails").main(() -> {
            CurThread.quiescent("disk", () -> {
                new AbstractInterruptibleChannel() {
                    void operate() throws Exception {
                        begin();
                        works.open();
                        closing.await();
                        end(false);
                    }

                    @Override
                    protected void implCloseChannel() {
                        closing.open();
                        throw new IllegalStateException("of the close");
                    }
                }.operate();
                return null;
            });
        }));
        works.await();
        assertTrue(kernel.reboot(Howto.HALT, Caller.LIMIT).leftThreads().isEmpty());
        assertEquals(ProcState.REAPED, proc.state());
    }
}
