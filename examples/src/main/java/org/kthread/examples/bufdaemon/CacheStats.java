package org.kthread.examples.bufdaemon;

import java.time.Duration;

/**
 * What the cache has done.
 *
 * @param hits         blocks found in memory
 * @param misses       blocks that were not
 * @param flushes      buffers bufdaemon wrote
 * @param syncs        times a file was synced: by the trace, by syncer, at the end
 * @param wakeups      times bufdaemon woke
 * @param dirty        dirty buffers now
 * @param mostDirty    dirty buffers at the worst moment
 * @param longestStall the longest time a writer waited for bufdaemon
 */
record CacheStats(
        long hits,
        long misses,
        long flushes,
        long syncs,
        long wakeups,
        int dirty,
        int mostDirty,
        Duration longestStall) {
    /** The same, being counted. Not thread-safe: its cache has the lock. */
    static final class Counters {
        long hits;
        long misses;
        long flushes;
        long syncs;
        long wakeups;
        int mostDirty;
        long longestStall;

        CacheStats now(int dirty) {
            return new CacheStats(
                    hits, misses, flushes, syncs, wakeups, dirty, mostDirty, Duration.ofNanos(longestStall));
        }
    }
}
