package org.kthread.proc;

import java.util.List;

/**
 * What came of a stop.
 *
 * @param verdict {@code EXITED} or {@code TIMED_OUT}
 * @param stuck who had not ended, with wmesg and stack; empty unless {@code TIMED_OUT}
 */
public record StopOutcome(Verdict verdict, List<Diagnosis> stuck) {
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
