package org.kthread.soak;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** What is reachable after each life of a kernel: flat, once everything is warm. */
final class Heap {
    /** How many lives the warm-up takes. */
    static final int WARM_UP = 3;

    /** What may come and go: what the JIT, the loggers and the test engine keep. */
    static final long SLACK = 24L << 20;

    private final List<Long> used = new ArrayList<>();

    /** Collects, and measures. */
    void measure() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        add(least);
    }

    void add(long bytes) {
        used.add(bytes);
    }

    /** The most of the warm-up. */
    long warm() {
        return Collections.max(used.subList(0, Math.min(WARM_UP, used.size())));
    }

    long last() {
        return used.get(used.size() - 1);
    }

    /** Fails if every one of the last three lives has left more than the warm-up did. */
    void requireFlat() {
        if (used.size() < 2 * WARM_UP) {
            return; // too few to tell
        }
        long least = Collections.min(used.subList(used.size() - WARM_UP, used.size()));
        if (least > warm() + SLACK) {
            throw new AssertionError("the heap grows: " + used + " bytes after each life of the kernel");
        }
    }
}
