package org.kthread.examples.bufdaemon;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a run did. {@link #toString} is a table.
 *
 * @param operations   of the trace, done in all passes
 * @param readBytes    read and checked
 * @param writtenBytes put into the cache
 * @param cache        what the cache did
 * @param mostOpen     files open at the worst moment
 * @param phases       how long boot, replay and the phases of the shutdown took
 * @param durable      what is on disk of each file
 */
record Summary(
        long operations,
        long readBytes,
        long writtenBytes,
        CacheStats cache,
        int mostOpen,
        Map<String, Duration> phases,
        List<Durable> durable) {
    /**
     * All writes of a file up to k, the numbers of the journal, are on disk.
     *
     * @param file its name
     * @param k    the last such write
     * @param written the last write that was made at all
     */
    record Durable(String file, long k, long written) {}

    @Override
    public String toString() {
        StringBuilder s = new StringBuilder("Summary\n");
        line(s, "operations", "%,d", operations);
        line(s, "bytes", "%,d read, %,d written", readBytes, writtenBytes);
        line(s, "blocks", "%,d hits, %,d misses", cache.hits(), cache.misses());
        line(s, "flushes", "%,d by bufdaemon, in %,d wakeups", cache.flushes(), cache.wakeups());
        line(s, "syncs", "%,d", cache.syncs());
        line(s, "dirty buffers", "%,d at most, %,d left", cache.mostDirty(), cache.dirty());
        line(s, "longest stall", "%.3f ms of a writer", cache.longestStall().toNanos() / 1e6);
        line(s, "open files", "%,d at most", mostOpen);
        phases.forEach((name, took) -> line(s, "time", "%-10s %8.3f s", name, took.toNanos() / 1e9));
        for (Durable d : durable) {
            line(s, "durable", "%s k=%d%s", d.file(), d.k(), d.k() == d.written() ? "" : " of " + d.written());
        }
        return s.toString();
    }

    private static void line(StringBuilder s, String what, String format, Object... args) {
        s.append(String.format(Locale.ROOT, "  %-14s ", what))
                .append(String.format(Locale.ROOT, format, args))
                .append('\n');
    }
}
