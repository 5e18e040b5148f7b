package org.kthread.event;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Unwind;

/** What the handlers of one invocation have thrown. */
final class Failures {
    private final String list;
    private final List<Throwable> failures = new ArrayList<>();
    private @Nullable Error unwind;

    Failures(String list) {
        this.list = list;
    }

    void add(Throwable t) {
        if (!(t instanceof Unwind)) {
            failures.add(t);
        } else if (unwind == null) {
            unwind = (Error) t;
        }
    }

    /** Ends the invocation: an exit goes on, everything else comes back together. Nothing is swallowed. */
    void rethrow() {
        if (failures.stream().anyMatch(InterruptedException.class::isInstance)) {
            Thread.currentThread().interrupt();
        }
        if (unwind != null) {
            log();
            throw unwind;
        }
        if (!failures.isEmpty()) {
            throw new EventException(list, failures);
        }
    }

    /** Whoever exits has no caller left to tell, and the unwinding carries nothing. */
    private void log() {
        try {
            if (!failures.isEmpty()) {
                EventException together = new EventException(list, failures);
                System.getLogger("org.kthread.event").log(System.Logger.Level.ERROR, together.getMessage(), together);
            }
        } catch (RuntimeException | Error e) {
            // the log is broken, or memory is short: the exit goes on
        }
    }
}
