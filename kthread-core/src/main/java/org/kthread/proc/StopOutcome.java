package org.kthread.proc;

import java.util.List;
import java.util.Objects;

/**
 * What came of a stop.
 *
 * @param verdict {@code EXITED} or {@code TIMED_OUT}
 * @param stuck who had not ended, with wmesg and stack; empty unless {@code TIMED_OUT}
 */
public record StopOutcome(Verdict verdict, List<Diagnosis> stuck) {
    /**
     * Refuses what is missing.
     *
     * @param verdict {@code EXITED} or {@code TIMED_OUT}
     * @param stuck who had not ended, with wmesg and stack; empty unless {@code TIMED_OUT}
     */
    public StopOutcome {
        Objects.requireNonNull(verdict, "verdict");
        stuck = List.copyOf(Objects.requireNonNull(stuck, "stuck"));
    }

    /**
     * Whether the target has ended.
     *
     * @return true for {@code EXITED}
     */
    public boolean isExited() {
        return verdict == Verdict.EXITED;
    }

    @Override
    public String toString() {
        return verdict + Diagnosis.listed(stuck);
    }
}
