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
            "of a process does not tell that it has ended while a host thread of it cannot end, and does not wait for that for ever")
    void hostCannotEnd() throws Exception {
        ProcTable table = kernel.proc0().table;
        Stuck stuck = new Stuck();
        Proc proc = create("ended", stuck);
        table.patience = Duration.ofMillis(1);
        synchronized (table.reaper) { // to which it would hand itself over, as the last it does
            stuck.release();
            assertFalse(proc.join(LIMIT));
            assertEquals(OptionalInt.of(0), proc.exitStatus());
        }
        table.patience = HostThreads.PATIENCE;
        awaitReaped(proc);
    }

    @Test
    @DisplayName("and the stop of many whose host threads cannot end have one patience for all of them")
    void manyHostsCannotEnd() throws Exception {
        ProcTable table = kernel.proc0().table;
        Stuck stuck = new Stuck();
        Proc proc = create("many", stuck);
        for (int i = 0; i < 9; i++) {
            kernel.kthreads().kthreadAdd(proc, named("more", stuck));
        }
        List<Kthread> threads = proc.kthreads();
        table.patience = Duration.ofMillis(300);
        long began = System.nanoTime();
        synchronized (table.reaper) { // to which they would hand themselves over, as the last they do
            stuck.release();
            assertFalse(proc.join(LIMIT));
            assertEquals(threads, Stopping.await(table, threads, KernelClock.NEVER));
        }
        assertTrue(System.nanoTime() - began < 6 * table.patience.toNanos());
        table.patience = HostThreads.PATIENCE;
        awaitReaped(proc);
    }
}
