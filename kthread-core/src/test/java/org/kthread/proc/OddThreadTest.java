package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Action;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Stuck;

@DisplayName(
        "A thread of the program's whose equals and hashCode are the program's too is asked for neither, under a lock, when it")
class OddThreadTest extends KernelTest {
    private static final class OddThread extends Thread {
        private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();

        private OddThread(Action body) {
            super(() -> {
                try {
                    body.run();
                } catch (Throwable t) {
                    ((OddThread) Thread.currentThread()).thrown.set(t);
                }
            });
        }

        @Override
        public int hashCode() {
            throw new IllegalStateException("planted");
        }

        @Override
        public boolean equals(@Nullable Object other) {
            throw new IllegalStateException("planted");
        }
    }

    private static @Nullable Throwable run(Action body) throws InterruptedException {
        OddThread thread = new OddThread(body);
        thread.start();
        thread.join();
        return thread.thrown.get();
    }

    @Test
    @DisplayName("suspends what hangs: kproc_hung is told")
    void suspends() throws Exception {
        AtomicInteger told = new AtomicInteger();
        kernel.events().kprocHung().register(diagnosis -> told.incrementAndGet(), 0);
        Stuck stuck = new Stuck();
        Proc proc = create("stuck", stuck);
        assertNull(run(() -> proc.suspend(Duration.ofMillis(100))));
        assertEquals(1, told.get());
        proc.resume();
        stuck.release();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("waits for the end of a shutdown")
    void shutsDown() throws Exception {
        assertNull(run(() -> kernel.kernel().reboot(Howto.HALT)));
    }
}
