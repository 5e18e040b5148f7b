package org.kthread.sysinit;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/**
 * A boot that did not complete, and is undone; if a shutdown stopped it see {@link #isStoppedByShutdown}. The message names the
 * step; the cause is what the step threw, or null if a shutdown stopped the boot before it; every failure of undoing is
 * suppressed inside.
 *
 * @see Boot
 */
public final class BootException extends RuntimeException {

    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Sysinit step;
    private final int position;
    private final transient BootReport report;
    private final boolean stopped;

    BootException(
            String what, Sysinit step, int position, BootReport report, @Nullable Throwable cause, boolean stopped) {
        super(
                "boot step " + step + ", " + position + " of " + report.known() + ", " + what
                        + (cause == null ? "" : ": " + text(cause)),
                cause);
        this.step = step;
        this.position = position;
        this.report = report;
        this.stopped = stopped;
    }

    /** What a failure says of itself; its class if it cannot: a step's failure is the program's, not ours. */
    static String text(Throwable failure) {
        try {
            return failure.toString();
        } catch (RuntimeException | Error e) { // also one that overflows the stack
            return failure.getClass().getName();
        }
    }

    /**
     * The name of the step that failed, or before which the boot was stopped.
     *
     * @return its name
     */
    public String step() {
        return step.name();
    }

    /**
     * The place of that step in the order.
     *
     * @return its key
     */
    public Key key() {
        return step.key();
    }

    /**
     * Which step it was in the order in which they ran.
     *
     * @return 1 for the first
     */
    public int position() {
        return position;
    }

    /**
     * The trace up to that step, with what became of each.
     *
     * @return the report
     */
    public BootReport report() {
        return report;
    }

    /**
     * Whether the kernel was shutting down when this boot ended.
     *
     * @return true if so: then the shutdown has undone the steps, in its last phase, or the booting thread what that left to it;
     *     not yet if the booting thread is one of that kernel, or was interrupted while it waited for the shutdown
     */
    public boolean isStoppedByShutdown() {
        return stopped;
    }
}
