package org.kthread.testing.badinput;

/** What may be wrong with a call: an argument, or the moment. */
public enum Kind {
    /** An argument is null. */
    NULL,
    /** An argument is 0, a duration of no length, an empty string. */
    ZERO,
    /** An argument is below 0: a little, and as far as can be. */
    NEGATIVE,
    /** An argument is as large as can be; a duration is also longer than nanoseconds in a long can tell. */
    OVERFLOW,
    /** The object is in a state in which the call makes no sense. */
    STATE,
    /** The caller is a thread that should not make this call: one of the daemon's own, or one that is no kernel thread. */
    THREAD,
    /** An argument, or else the calling thread, is of another kernel. */
    KERNEL,
    /** The kernel is closed. */
    CLOSED,
    /** The kernel is shutting down. */
    SHUTDOWN,
    /** The call is made from inside itself, by what it calls. */
    REENTRANT,
    /** The calling thread is interrupted before it calls. */
    INTERRUPTED;

    /** Whether it concerns one argument. */
    boolean isOfArgument() {
        return compareTo(STATE) < 0;
    }
}
