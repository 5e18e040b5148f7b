package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.sleep.SleepPriority.PDROP;
import static org.kthread.sleep.SleepPriority.PWAIT;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.lwp.LwpTest;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.KernelClock;

/** The rump kernel's own tests of threads and of sleep: {@code t_threads.c}, {@code t_tsleep.c}. */
@DisplayName("t_threads and t_tsleep")
class RumpThreadsTest extends LwpTest {
    private static final int SLEEPERS = 10;
    private static final int ROUNDS = 1_000;

    @Test
    @DisplayName("threadjoin: a thread pauses a tick, sets a flag, exits; the flag is set when the join returns")
    void threadjoin() throws InterruptedException {
        AtomicInteger flag = new AtomicInteger();
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("join").main(() -> {
            kernel.sleepQueues().pause("tick", Duration.ofMillis(1));
            flag.set(1);
            throw CurThread.exit(0);
        }));
        assertTrue(proc.join(LIMIT));
        assertEquals(1, flag.get());
    }

    @Test
    @DisplayName(
            "kthread: the parent waits for a value that a thread sets under a lock; the thread ends as the parent goes on")
    void kthread() {
        ReentrantLock mtx = new ReentrantLock();
        AtomicInteger value = new AtomicInteger();
        Object cv = new Object();
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("jamie").main(() -> {
            mtx.lock();
            try {
                value.set(2);
                kernel.sleepQueues().wakeup(cv);
            } finally {
                mtx.unlock();
            }
            throw CurThread.exit(0);
        }));
        mtx.lock();
        try {
            while (value.get() == 0) {
                kernel.sleepQueues().msleep(cv, mtx, PWAIT, "value", KernelClock.FOREVER);
            }
        } finally {
            mtx.unlock();
        }
        assertEquals(2, value.get());
        kernel.sleepQueues().pause("tick", Duration.ofMillis(1));
        join(proc);
    }

    @Test
    @DisplayName("tsleep: twenty threads in two sets wake each other; the test ends only if no wakeup is lost")
    void tsleep() {
        List<Proc> all = new ArrayList<>();
        AtomicReference<Throwable> wrong = new AtomicReference<>();
        for (boolean last : new boolean[] {false, true}) {
            Sleepers set = new Sleepers(last, wrong);
            for (int i = 0; i < SLEEPERS; i++) {
                all.add(kernel.kthreads()
                        .kthreadCreate(KthreadSpec.named("sleeper%d", i).main(set::run, i)));
            }
        }
        all.forEach(this::join);
        if (wrong.get() != null) {
            throw new AssertionError(wrong.get());
        }
    }

    /** One set of sleepers: one lock, one channel, one count of those that have finished. */
    private final class Sleepers {
        private final ReentrantLock lock = new ReentrantLock();
        private final Object channel = new Object();
        private final boolean dropping; // the odd ones do not take the lock again
        private final AtomicReference<Throwable> wrong;
        private int finished;

        Sleepers(boolean dropping, AtomicReference<Throwable> wrong) {
            this.dropping = dropping;
            this.wrong = wrong;
        }

        void run(int n) {
            try {
                sleepAndWake(n);
            } catch (AssertionError e) {
                wrong.set(e);
            }
            throw CurThread.exit(0);
        }

        private void sleepAndWake(int n) {
            boolean drops = dropping && n % 2 == 1;
            lock.lock();
            for (int i = 0; i < ROUNDS; i++) {
                kernel.sleepQueues().wakeup(channel);
                if (finished >= SLEEPERS - 1) {
                    break;
                }
                WakeReason reason = kernel.sleepQueues()
                        .msleep(channel, lock, drops ? PWAIT | PDROP : PWAIT, "kpause", KernelClock.FOREVER);
                assertEquals(WakeReason.AWAKENED, reason);
                assertEquals(!drops, lock.isHeldByCurrentThread());
                if (drops) {
                    lock.lock();
                }
            }
            finished++;
            kernel.sleepQueues().wakeup(channel);
            assertEquals(
                    WakeReason.TIMED_OUT,
                    kernel.sleepQueues().msleep(new Object(), lock, PWAIT | PDROP, "after", Duration.ofMillis(1)));
            assertFalse(lock.isHeldByCurrentThread());
        }
    }
}
