package org.kthread.proc;

/** The answer to a request to be still. The first answer given stays. */
public enum Verdict {
    /** The daemon parked for this request and does no work while it is in force. */
    SUSPENDED,
    /** The daemon has ended; it does nothing at all any more. */
    EXITED,
    /** The request was withdrawn, by {@code resume} or by who made it, before the daemon answered. */
    RESUMED,
    /** The time was over and there was no answer. */
    TIMED_OUT
}
