package org.kthread.sys;

import java.util.Objects;

/**
 * A kernel call failed for a reason that a correct caller could not know beforehand: the manual page of the call names
 * the {@link Errno}. The message names the thing, the reason and the remedy.
 */
public final class KernelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Which error of the manual page this is. */
    private final Errno errno;

    /**
     * An error without a cause of its own.
     *
     * @param errno which error
     * @param message the thing, the reason, the remedy
     */
    public KernelException(Errno errno, String message) {
        super(errno + ": " + message);
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    /**
     * An error that something else caused.
     *
     * @param errno which error
     * @param message the thing, the reason, the remedy
     * @param cause what caused it
     */
    public KernelException(Errno errno, String message, Throwable cause) {
        super(errno + ": " + message, cause);
        this.errno = Objects.requireNonNull(errno, "errno");
    }

    /**
     * Which error this is.
     *
     * @return the error
     */
    public Errno errno() {
        return errno;
    }
}
