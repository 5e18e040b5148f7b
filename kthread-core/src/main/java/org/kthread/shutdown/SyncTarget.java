package org.kthread.shutdown;

import java.util.Objects;
import java.util.function.LongSupplier;
import org.kthread.sys.Action;

/**
 * Something the shutdown brings to disk: a buffer cache, a log. It is called on a thread of the shutdown's, when the daemons
 * are parked, in rounds, until nothing remains or the rounds make no progress.
 */
public interface SyncTarget {
    /**
     * What the report calls it.
     *
     * @return a name
     */
    String name();

    /**
     * How much is not on disk yet.
     *
     * @return a count of buffers, or of whatever it has; 0 when all is on disk
     */
    long remaining();

    /**
     * Writes what it can.
     *
     * @throws Exception if it failed; it is called again in the next round if anything remains
     */
    void sync() throws Exception;

    /**
     * A target made of two functions.
     *
     * @param name what the report calls it
     * @param remaining counts
     * @param sync writes
     * @return the target
     */
    static SyncTarget of(String name, LongSupplier remaining, Action sync) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(remaining, "remaining");
        Objects.requireNonNull(sync, "sync");
        return new FunctionTarget(name, remaining, sync);
    }
}
