package org.kthread.proc;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.Unwind;

/** What failed while a process closed what it had open. An unwinding is no failure: it goes on when all is closed. */
final class CloseFailures implements Consumer<Throwable> {
    private final Proc proc;
    private @Nullable KernelException together;
    private @Nullable Error unwind;

    CloseFailures(Proc proc) {
        this.proc = proc;
    }

    @Override
    public void accept(Throwable t) {
        if (t instanceof Unwind && t instanceof Error error) {
            unwind = error;
            return;
        }
        if (together == null) {
            together = new KernelException(
                    Errno.EIO, "the last lwp of " + proc + " is released, and closing what it had open failed", t);
        } else {
            together.addSuppressed(t);
        }
    }

    /** Nothing is swallowed: who exits has no caller to tell, so that goes to the log. */
    void rethrow() {
        if (unwind != null) {
            if (together != null) {
                Log.error(together, String.valueOf(together.getMessage()));
            }
            throw unwind;
        }
        if (together != null) {
            throw together;
        }
    }
}
