package org.kthread.benchmarks.process;

import java.io.IOException;
import java.lang.management.ManagementFactory;

/**
 * The job that all programs do, each by its own means: one daemon is started, flushes every tenth of a second what is dirty, and at
 * SIGTERM flushes once more and ends, before the JVM does.
 */
final class Job {
    static final long PERIOD_MILLIS = 100;

    /** What the daemon says with its first instruction. */
    static final String UP = "up";

    /** What it says with its last one. */
    static final String DOWN = "down";

    private static long flushes;

    private Job() {}

    /** The daemon's first instruction. */
    static void up() {
        System.out.println(UP);
    }

    static synchronized void flush() {
        flushes++;
    }

    /** The daemon's last instruction: what was dirty is flushed. */
    static synchronized void down() {
        flush();
        System.out.println(flushes > 1 ? DOWN : "down, and nothing was flushed before");
    }

    /**
     * What main does then: it says how much heap is in use when it is asked, and waits for ever. Not for input: the end of a JVM
     * waits 300 ms for a thread that is in a system call.
     */
    static void idle() throws IOException, InterruptedException {
        if (System.in.read() >= 0) {
            System.gc();
            System.out.println(
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        Thread.currentThread().join();
    }
}
