package org.kthread.benchmarks;

import java.lang.management.ManagementFactory;
import javax.management.JMException;
import javax.management.ObjectName;

/** How much of the heap is in use, when what nobody needs is gone. */
public final class Heap {
    private static final int TRIES = 3;
    private static final String STACK = "jdk.internal.vm.StackChunk";

    private Heap() {}

    /**
     * What is on the heap.
     *
     * @param objects bytes of objects
     * @param stacks bytes of the stacks of virtual threads
     */
    public record Weight(double objects, double stacks) {
        /**
         * Both.
         *
         * @return bytes
         */
        public double all() {
            return objects + stacks;
        }

        /**
         * What has come since then, for each of n.
         *
         * @param before what was there then
         * @param n of how many
         * @return bytes for one
         */
        public Weight since(Weight before, int n) {
            return new Weight((objects - before.objects) / n, (stacks - before.stacks) / n);
        }
    }

    /**
     * How much is in use after everything that can go has gone.
     *
     * @return bytes
     */
    public static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            System.gc();
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    /**
     * Counts every object that is reachable, by the JVM's own histogram.
     *
     * @return bytes
     * @throws JMException if the JVM gives none
     */
    public static Weight weigh() throws JMException {
        used(); // what has just ended is let go by the JVM's own threads, a moment later
        String histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        double all = 0;
        double stacks = 0;
        for (String line : histogram.split("\n", -1)) {
            String[] parts = line.trim().split("\\s+", -1); // rank: instances bytes class
            if (parts.length >= 4 && parts[0].endsWith(":")) {
                long bytes = Long.parseLong(parts[2]);
                all += bytes;
                stacks += parts[3].equals(STACK) ? bytes : 0;
            }
        }
        return new Weight(all - stacks, stacks);
    }
}
