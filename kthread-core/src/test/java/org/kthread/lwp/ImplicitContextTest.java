package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.proc.Lwp;
import org.kthread.proc.Monitors;
import org.kthread.proc.ProcTable;

/** What must cost nothing but the lookup. The figures themselves: {@link LwpFigures}. */
@DisplayName("The implicit context, and a switch,")
class ImplicitContextTest extends LwpTest {
    private static final int CALLS = 200_000;

    @Test
    @DisplayName("take no lock of the kernel: they work while another thread holds all of them")
    void noLock() throws Exception {
        ProcTable table = Monitors.newTable();
        Lwps mine = new Lwps(table);
        Syscalls calls = new Syscalls(table);
        mine.newLwp(1);
        Lwp one = mine.curLwp();
        mine.rfork(0);
        Lwp two = mine.curLwp();
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        try (HostThread holder = new HostThread("holder");
                HostThread host = new HostThread("host")) {
            Future<Boolean> holding = holder.start(() -> Monitors.holding(table, () -> {
                held.countDown();
                return over.await(20, TimeUnit.SECONDS);
            }));
            held.await();
            host.run(() -> {
                assertNull(mine.curLwp());
                assertEquals(1, calls.getpid());
                assertEquals(0, calls.getuid());
                calls.getcwd();
            });
            mine.switchTo(one);
            mine.switchTo(two);
            assertEquals(two.proc().pid(), calls.getpid());
            mine.switchTo(null);
            over.countDown();
            assertTrue(holding.get());
        }
    }

    @Test
    @DisplayName("allocate nothing, and are not blocked by a second thread that does the same")
    void noAllocation() throws Exception {
        try (HostThread one = new HostThread("one");
                HostThread two = new HostThread("two")) {
            CyclicBarrier begin = new CyclicBarrier(2);
            Future<Long> first = one.start(() -> cost(begin));
            Future<Long> second = two.start(() -> cost(begin));
            assertTrue(first.get() + second.get() < CALLS / 10, "bytes, for " + 2 * CALLS + " calls");
        }
    }

    /** How many bytes many calls have allocated, in the context of this thread and as it switches. */
    private long cost(CyclicBarrier begin) throws Exception {
        lwps.rfork(0);
        Lwp one = lwps.curLwp();
        lwps.newLwp(sys.getpid());
        Lwp two = lwps.curLwp();
        lwps.switchTo(null);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        long bytes = 0;
        for (int round = 0; round < 2; round++) { // the first compiles
            begin.await();
            long before = threads.getThreadAllocatedBytes(id);
            long blocked = threads.getThreadInfo(id).getBlockedCount();
            for (int i = 0; i < CALLS; i++) {
                if (lwps.curLwp() != null || sys.getpid() != 1 || sys.getuid() != 0) {
                    throw new AssertionError();
                }
                lwps.switchTo(one);
                lwps.switchTo(two);
                lwps.switchTo(null);
            }
            long blockedNow = threads.getThreadInfo(id).getBlockedCount();
            bytes = threads.getThreadAllocatedBytes(id) - before;
            assertEquals(blocked, blockedNow, "it waited for a monitor");
        }
        lwps.switchTo(one);
        lwps.releaseLwp();
        lwps.switchTo(two);
        lwps.releaseLwp();
        return bytes;
    }
}
