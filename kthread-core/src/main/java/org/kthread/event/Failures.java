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
        EventException together = failures.isEmpty() ? null : new EventException(list, failures);
        if (unwind != null) {
            if (together != null) {
                // Whoever exits has no caller left to tell, and the unwinding carries nothing.
                System.getLogger("org.kthread.event").log(System.Logger.Level.ERROR, together.getMessage(), together);
            }
            throw unwind;
        }
        if (together != null) {
            throw together;
        }
    }
}
