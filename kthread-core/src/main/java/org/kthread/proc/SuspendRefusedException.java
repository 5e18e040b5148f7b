package org.kthread.proc;

import java.util.List;

/**
 * Not everything asked for became quiet in time, so nothing is held: every request was withdrawn. Names each daemon that
 * refused, with wmesg and stack (the stacks of the first 50).
 */
public final class SuspendRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who refused. */
    private final transient List<Diagnosis> refusers;

    SuspendRefusedException(String owner, int asked, List<Diagnosis> refusers) {
        super("hold of \"" + owner + "\" refused by " + refusers.size() + " of the threads of " + asked
                + " daemons, and withdrawn; each must reach a check, a suspendable sleep or a region in time:"
                + Diagnosis.listed(refusers));
        this.refusers = List.copyOf(refusers);
    }

    /**
     * Who refused, and where each was.
     *
     * @return one entry for each thread that gave no answer
     */
    public List<Diagnosis> refusers() {
        return refusers;
    }
}
