package org.kthread.proc;

import java.util.List;
import java.util.Objects;

/**
 * What came of a request to be still.
 *
 * @param verdict {@code SUSPENDED} when every thread of the target has answered and not all have ended, {@code EXITED} when
 *     none is left, {@code RESUMED} when the request was withdrawn before, else {@code TIMED_OUT}: then the request is still
 *     in force, and the daemon stops at its next check, unless somebody resumes it
 * @param stuck who had not answered, with wmesg and stack; empty unless {@code TIMED_OUT}
 */
public record SuspendOutcome(Verdict verdict, List<Diagnosis> stuck) {
    /**
     * Refuses what is missing.
     *
     * @param verdict {@code SUSPENDED} when every thread of the target has answered and not all have ended, {@code EXITED} when none is left, {@code RESUMED} when the request was withdrawn before, else {@code TIMED_OUT}
     * @param stuck who had not answered, with wmesg and stack; empty unless {@code TIMED_OUT}
     */
    public SuspendOutcome {
        Objects.requireNonNull(verdict, "verdict");
        stuck = List.copyOf(Objects.requireNonNull(stuck, "stuck"));
    }

    /**
     * Whether the target does no work now.
     *
     * @return true for {@code SUSPENDED} and {@code EXITED}
     */
    public boolean isQuiet() {
        return verdict == Verdict.SUSPENDED || verdict == Verdict.EXITED;
    }

    @Override
    public String toString() {
        return verdict + Diagnosis.listed(stuck);
    }
}
