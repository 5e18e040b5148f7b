package org.kthread.guard;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.kthread.sys.Action;

/** Counts what the calling thread allocates, by the JVM's own account: the same on every machine. */
final class Allocations {
    /** Calls before the count, so that what is made once is made, and the compilers have seen them. */
    static final int WARM = 20_000;

    static final int CALLS = 100_000;

    /** For all calls together: far less than one object in every hundred of them. */
    static final long LIMIT = 16_000;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private Allocations() {}

    /** Bytes that so many calls allocate on the calling thread. */
    static long of(int calls, Action call) throws Exception {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < calls; i++) {
            call.run();
        }
        return THREADS.getCurrentThreadAllocatedBytes() - before;
    }

    /** Bytes that the calls allocate in steady state. */
    static long steady(Action call) throws Exception {
        of(WARM, call);
        return of(CALLS, call);
    }

    static void assertNone(String what, long bytes) {
        assertTrue(bytes < LIMIT, what + " allocates: " + bytes + " bytes in all calls together");
    }
}
