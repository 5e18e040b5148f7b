package org.kthread.proc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.KernelClock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/** {@code SuspendGate.pending}: the check reads it without the monitor. */
public final class GateStress {
    private static final KernelClock CLOCK = KernelClock.system();

    private GateStress() {}

    /** Asks, and waits for the answer; true for SUSPENDED, false for EXITED. */
    private static boolean suspend(SuspendGate gate, Ask ask) {
        gate.add(ask);
        try {
            return gate.await(ask, KernelClock.NEVER) == Verdict.SUSPENDED;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Ask ask() {
        return new Ask("jcstress", false, 0);
    }

    private static void end(SuspendGate gate) {
        gate.ending();
        gate.gone();
    }

    /** A daemon works between its checks. */
    @JCStressTest
    @Outcome(
            id = "1, 0",
            expect = ACCEPTABLE,
            desc = "Suspended at a check: all of its work is seen, and none is done meanwhile.")
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "Ended: all of its work is seen.")
    @Outcome(expect = FORBIDDEN, desc = "Work in the middle, or during the suspension.")
    @State
    public static class Check {
        private final SuspendGate gate = new SuspendGate(CLOCK);
        private int begun;
        private int done;

        @Actor
        public void daemon() {
            for (int i = 1; i <= 50; i++) {
                gate.check();
                begun = i;
                done = i;
            }
            end(gate);
        }

        @Actor
        public void requester(II_Result r) {
            Ask ask = ask();
            r.r1 = suspend(gate, ask) ? 1 : 0;
            int before = done;
            gate.verdict(ask);
            r.r2 = begun == before ? 0 : 1;
            gate.withdraw(ask);
        }
    }

    /** A daemon leaves an idle place, and works. */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "Suspended in the idle place: no work.")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "It had left: asked in vain until its end, and its work is seen.")
    @Outcome(expect = FORBIDDEN, desc = "Work while suspended, or not seen after the end.")
    @State
    public static class LeavingIdle {
        private final SuspendGate gate = new SuspendGate(CLOCK);
        private int work;

        public LeavingIdle() {
            gate.enterRegion("idle");
        }

        @Actor
        public void daemon() {
            gate.leaveRegion(null);
            work = 1;
            end(gate);
        }

        @Actor
        public void requester(II_Result r) {
            Ask ask = ask();
            r.r1 = suspend(gate, ask) ? 1 : 0;
            r.r2 = work;
            gate.withdraw(ask);
        }
    }

    /** What the requester did before it withdrew is there when the daemon goes on. */
    @JCStressTest
    @Outcome(id = "1, 2", expect = ACCEPTABLE, desc = "Suspended: it goes on with what was done meanwhile.")
    @Outcome(
            id = {"0, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "Ended without having met the ask.")
    @Outcome(expect = FORBIDDEN, desc = "It goes on with what was there before.")
    @State
    public static class Resume {
        private final SuspendGate gate = new SuspendGate(CLOCK);
        private int data;

        @Actor
        public void daemon(II_Result r) {
            gate.check();
            r.r2 = data;
            end(gate);
        }

        @Actor
        public void requester(II_Result r) {
            data = 1;
            Ask ask = ask();
            boolean suspended = suspend(gate, ask);
            if (suspended) {
                data = 2;
            }
            gate.withdraw(ask);
            r.r1 = suspended ? 1 : 0;
        }
    }

    /** A daemon that does nothing but check sees that it was told to stop. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "The stop is seen.")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "The stop is never seen.")
    @State
    public static class Stop {
        private final SuspendGate gate = new SuspendGate(CLOCK);

        @Actor
        public void daemon() {
            try {
                for (; ; ) {
                    gate.check();
                }
            } catch (Unwinding e) {
                gate.ending();
            }
        }

        @Signal
        public void stopper() {
            gate.stop();
        }
    }
}
