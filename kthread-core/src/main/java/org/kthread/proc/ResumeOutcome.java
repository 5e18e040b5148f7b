package org.kthread.proc;

import java.util.List;
import java.util.Objects;

/**
 * What a resume left behind.
 *
 * @param kind whether the target runs
 * @param owners who still holds it; empty unless {@code STILL_HELD}
 */
public record ResumeOutcome(Kind kind, List<String> owners) {
    /**
     * Refuses what is missing.
     *
     * @param kind whether the target runs
     * @param owners who still holds it; empty unless {@code STILL_HELD}
     */
    public ResumeOutcome {
        Objects.requireNonNull(kind, "kind");
        owners = List.copyOf(Objects.requireNonNull(owners, "owners"));
    }

    /** What a target does after a resume. */
    public enum Kind {
        /** No request is in force. */
        RUNNING,
        /** It has ended. */
        EXITED,
        /** Requests are in force that this call may not end. */
        STILL_HELD
    }

    @Override
    public String toString() {
        return owners.isEmpty() ? kind.toString() : kind + " by " + String.join(", ", owners);
    }
}
