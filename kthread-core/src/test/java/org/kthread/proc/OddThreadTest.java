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
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

@DisplayName(
        "A thread of the program's whose equals, hashCode and class loader are the program's too is asked for none, under a lock, when it")
class OddThreadTest extends KernelTest {
    private static final class OddThread extends Thread {
        private final AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        private final Object lock;

        private OddThread(Object lock, Action body) {
            super(() -> {
                try {
                    body.run();
                } catch (Throwable t) {
                    ((OddThread) Thread.currentThread()).thrown.set(t);
                }
            });
            this.lock = lock;
        }

        @Override
        public ClassLoader getContextClassLoader() {
            if (Thread.holdsLock(lock)) {
                throw new IllegalStateException("planted");
            }
            return super.getContextClassLoader();
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

    private @Nullable Throwable run(Action body) throws InterruptedException {
        OddThread thread = new OddThread(kernel.proc0().table.lock, body);
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
    @DisplayName("creates a process and a thread: the JVM asks it for its class loader")
    void creates() throws Exception {
        assertNull(run(() -> {
            Proc proc = create("made", new Rounds());
            kernel.kthreads().kthreadAdd(proc, named("added", new Rounds()));
        }));
    }

    @Test
    @DisplayName("waits for the end of a shutdown")
    void shutsDown() throws Exception {
        assertNull(run(() -> kernel.kernel().reboot(Howto.HALT)));
    }
}
