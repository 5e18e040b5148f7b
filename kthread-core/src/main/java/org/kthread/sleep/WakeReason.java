package org.kthread.sleep;

/**
 * How a sleep ended. When several reasons stand, the first in this order is told.
 *
 * <p><b>Differences from BSD.</b> 0, {@code EWOULDBLOCK} and {@code EINTR} are names here, and a wakeup that came in time
 * is never told as a timeout: the queue decides, not the clock.
 */
public enum WakeReason {
    /** Somebody woke the channel (0). Look at the condition again: others may have changed it since. */
    AWAKENED,
    /** The thread was told to stop; its next sleep after this answer unwinds it. */
    STOPPING,
    /**
     * An interrupt, of a sleep with {@code PCATCH} ({@code EINTR}). The interrupt is consumed. One that stands when a sleep
     * begins whose time is over already is left alone.
     */
    INTERRUPTED,
    /** The time is over ({@code EWOULDBLOCK}). */
    TIMED_OUT,
    /** An ask to suspend, of a sleep with {@code PCATCH}: go to the next check. */
    SUSPEND_REQUESTED
}
