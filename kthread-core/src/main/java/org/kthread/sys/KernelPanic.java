package org.kthread.sys;

/**
 * The caller broke a protocol: a check outside a kernel thread, a lock not held, a daemon that could not be started at
 * boot. Thrown to the thread that did it; it changes nothing else.
 *
 * <p><b>Differences from BSD.</b> There the whole machine stops. Here the kernel stops only by
 * {@code Kernel.panic(text)}.
 */
public final class KernelPanic extends Error {
    private static final long serialVersionUID = 1L;

    /**
     * A broken protocol.
     *
     * @param message who did what, and what to do instead
     */
    public KernelPanic(String message) {
        super(message);
    }

    /**
     * A broken protocol, found by a failure.
     *
     * @param message who did what, and what to do instead
     * @param cause the failure
     */
    public KernelPanic(String message, Throwable cause) {
        super(message, cause);
    }
}
