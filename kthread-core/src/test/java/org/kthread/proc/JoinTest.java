package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Stuck;

@DisplayName("The join")
class JoinTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("of a process is over at the deadline, not before; without time, at once")
    void deadline() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("stuck", stuck);
        assertFalse(proc.join(Duration.ZERO));
        Caller<Boolean> joiner = Caller.start("joiner", () -> proc.join(SECOND));
        eventually(() -> clock.nextDeadline() == SECOND.toNanos());
        clock.advance(SECOND);
        assertFalse(joiner.result());
        stuck.release();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("of a thread without a limit begins to wait once: not again when only its host thread is left")
    @DisabledForJreRange(min = JRE.JAVA_21, max = JRE.JAVA_23) // there a virtual thread would keep its carrier so
    void once() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("joined", stuck);
        Kthread thread = proc.kthreads().get(0);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        Caller<Long> joiner = Caller.start("joiner", () -> {
            long self = Thread.currentThread().getId();
            long before = threads.getThreadInfo(self).getWaitedCount();
            assertTrue(thread.join(KernelClock.FOREVER));
            return threads.getThreadInfo(self).getWaitedCount() - before;
        });
        joiner.awaitWaiting();
        synchronized (kernel.proc0().table.reaper) { // to which it would hand itself over, as the last it does
            stuck.release();
            eventually(thread::isExited);
            joiner.awaitWaiting();
        }
        assertEquals(1, joiner.result());
    }

    @Test
    @DisplayName(
            "of a process, and the stop, do not tell that it has ended while host threads cannot end, and do not wait for that for ever")
    void hostsCannotEnd() throws Exception {
        clock.advance(Duration.ofHours(1));
        Stuck stuck = new Stuck();
        Proc proc = create("ended", stuck);
        for (int i = 0; i < 9; i++) {
            kernel.kthreads().kthreadAdd(proc, named("more", stuck));
        }
        List<Kthread> threads = proc.kthreads();
        ProcTable table = kernel.proc0().table;
        Duration limit = Duration.ofMillis(300);
        long began = System.nanoTime();
        synchronized (table.reaper) { // to which they would hand themselves over, as the last they do
            stuck.release();
            eventually(() -> proc.exitStatus().isPresent());
            assertFalse(proc.join(limit));
            assertFalse(threads.get(0).join(limit));
            assertEquals(threads, Stopping.await(clock, threads, clock.deadline(limit)));
            assertEquals(OptionalInt.of(0), proc.exitStatus());
        }
        assertTrue(System.nanoTime() - began < 8 * limit.toNanos(), "one patience each, and not for each thread");
        awaitReaped(proc);
    }

    @Test
    @DisplayName("of a process that has ended, without time, leaves its host threads the moment that they need")
    void moment() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("ended", stuck);
        Caller<Boolean> joiner;
        synchronized (kernel.proc0().table.reaper) {
            stuck.release();
            eventually(() -> proc.exitStatus().isPresent());
            joiner = Caller.start("joiner", () -> proc.join(Duration.ZERO));
            joiner.awaitWaiting();
        }
        assertTrue(joiner.result());
    }
}
