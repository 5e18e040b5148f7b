package org.kthread.sys;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** The current-thread slot: nobody but its own thread reads it. */
public final class CurrentThreadStress {
    private CurrentThreadStress() {}

    /** Two threads bind and unbind at once. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Each finds what it has set.")
    @Outcome(expect = FORBIDDEN, desc = "One finds what the other has set, or nothing.")
    @State
    public static class Slot {
        private final Object one = new Object();
        private final Object other = new Object();

        private static int bind(Object occupant) {
            CurrentThread.set(occupant);
            int found = CurrentThread.get() == occupant ? 1 : 0;
            CurrentThread.set(null);
            return found;
        }

        @Actor
        public void one(II_Result r) {
            r.r1 = bind(one);
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = bind(other);
        }
    }
}
