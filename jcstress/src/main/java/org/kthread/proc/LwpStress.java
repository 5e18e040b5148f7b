package org.kthread.proc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.kthread.sys.KernelPanic;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@code Lwp.runner}: claimed by compare-and-set, given up by a release store. */
public final class LwpStress {
    private static final ProcTable TABLE = ProcStress.table();

    private LwpStress() {}

    /** Two host threads switch to one lwp. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1"},
            expect = ACCEPTABLE,
            desc = "One after the other: the second sees what the first did in it.")
    @Outcome(
            id = {"1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One was refused, since the other was in it.")
    @Outcome(expect = FORBIDDEN, desc = "Both in it, or neither, or the second does not see what the first did.")
    @State
    public static class SwitchTo {
        private final Lwp lwp = new Lwp(TABLE.initproc().container, 1, Thread.currentThread());
        private int visits;

        public SwitchTo() {
            lwp.giveUp();
        }

        private int visit() {
            try {
                TABLE.lwproc().switchTo(lwp);
            } catch (KernelPanic refused) {
                return 0;
            }
            visits++;
            int seen = visits;
            TABLE.lwproc().switchTo(null);
            return seen;
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = visit();
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = visit();
        }
    }
}
