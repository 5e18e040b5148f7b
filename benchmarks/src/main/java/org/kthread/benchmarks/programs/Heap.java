package org.kthread.benchmarks.programs;

import java.lang.management.ManagementFactory;

/** How much of the heap is in use. */
final class Heap {
    private static final int COLLECTIONS = 4;

    private Heap() {}

    /** Bytes that are in use after everything that can go has gone. */
    static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }
}
