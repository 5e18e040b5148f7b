package org.kthread.proc;

/** What came of waiting for a daemon to be ready. */
public enum Readiness {
    /** It has said {@link CurThread#ready}. */
    READY,
    /** It ended without having said so. */
    EXITED,
    /** The time was over. */
    TIMED_OUT
}
