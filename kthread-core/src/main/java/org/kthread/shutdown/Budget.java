package org.kthread.shutdown;

import org.kthread.sys.KernelClock;

/**
 * The time of one shutdown, shared over its phases: for each one what the later ones are sure to get is kept back, and what it
 * does not use flows on.
 */
final class Budget {
    /** The phases in their order, each with its name and what is kept back for it, in percent of the whole. */
    enum Phase {
        PRE_SYNC("pre_sync", 0),
        SYNC("sync", 20),
        POST_SYNC("post_sync", 5),
        STOP("stop", 20),
        FINAL("final", 5),
        UNDO("undo", 5);

        final String title;
        private final int share;

        Phase(String title, int share) {
            this.title = title;
            this.share = share;
        }
    }

    private static final int WHOLE = 100;
    private static final int SLACK = 20;
    private static final long LEAST_SLACK = 100_000_000L;

    private final long begin;
    private final long length;

    /** A budget that begins now; {@link KernelClock#NEVER} long: no phase ends by itself. */
    Budget(long begin, long length) {
        this.begin = begin;
        this.length = length;
    }

    long begin() {
        return begin;
    }

    /** When a phase has to be over, by the clock. */
    long deadline(Phase phase) {
        if (length >= KernelClock.NEVER - begin) {
            return KernelClock.NEVER;
        }
        int kept = 0;
        for (Phase later : Phase.values()) {
            kept += later.compareTo(phase) > 0 ? later.share : 0;
        }
        return begin + length - length / WHOLE * kept;
    }

    /**
     * When the turns of the daemons have to be over: all of a phase together may take a little beyond it, at the cost of the
     * next. When the wait is over, stacks are taken and the handlers of {@code kproc_hung} run.
     */
    long limit(Phase phase) {
        long end = deadline(phase);
        long slack = Math.max(LEAST_SLACK, length / SLACK);
        return end < KernelClock.NEVER - slack ? end + slack : KernelClock.NEVER;
    }
}
