package org.kthread.examples;

import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sysinit.BootException;

/**
 * Runs beside the kernel's own hook when a signal ends the JVM. The kernel's shuts down; this one waits until main has said how
 * that went, and ends the JVM with main's exit code: left alone, it would be that of the signal.
 */
public final class AfterSignal extends Thread {
    private final CountDownLatch told = new CountDownLatch(1);
    private final Duration limit;
    private volatile int code;

    /** A hook of the JVM, for so long at most. */
    public AfterSignal(String program, Duration limit) {
        super(program + " exit");
        this.limit = limit;
    }

    /** Main is about to return this. */
    public void finished(int exitCode) {
        code = exitCode;
        try {
            Runtime.getRuntime().removeShutdownHook(this);
        } catch (IllegalStateException e) {
            told.countDown(); // the JVM is ending: run() waits for this
        }
    }

    /**
     * Whether a signal stopped this boot. Else it failed of itself, perhaps while the kernel shut down already, or a signal came
     * while it was taken back.
     */
    public static boolean stopped(BootException e) {
        return e.isStoppedByShutdown() && isOfShutdown(e.getCause());
    }

    /** A step is not started, or interrupted, or is refused the daemon that it makes, or that is stopped before it is ready. */
    private static boolean isOfShutdown(@Nullable Throwable cause) {
        return cause == null
                || cause instanceof InterruptedException
                || cause instanceof ClosedByInterruptException
                || (cause instanceof KernelException e && e.errno() == Errno.ESHUTDOWN)
                || (cause instanceof IllegalStateException && cause.getCause() == null);
    }

    @Override
    public void run() {
        try {
            if (told.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
