package org.kthread.stress.planted;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Mode;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.Signal;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/**
 * The protocols of the library, each with what protects it left out. Every one must show what is forbidden to it: a machine or a
 * mode in which one does not can show nothing of the real class either.
 */
public final class Planted {
    private Planted() {}

    /** The check, with reasons that are not volatile. */
    @JCStressTest(Mode.Termination)
    @Outcome(id = "TERMINATED", expect = ACCEPTABLE, desc = "The stop is seen.")
    @Outcome(id = "STALE", expect = FORBIDDEN, desc = "The stop is never seen.")
    @State
    public static class StopPlain {
        private int pending;

        @Actor
        public void daemon() {
            while (pending == 0) {
                // checks
            }
        }

        @Signal
        public void stopper() {
            pending = 1;
        }
    }

    /** The check, answered when the ask is seen and not when the daemon has stopped. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 0"},
            expect = ACCEPTABLE,
            desc = "Suspended, or ended, with its work done.")
    @Outcome(expect = FORBIDDEN, desc = "Work in the middle, or during the suspension.")
    @State
    public static class CheckAnsweredEarly {
        private volatile boolean asked;
        private volatile boolean answered;
        private volatile boolean ended;
        private int begun;
        private int done;

        @Actor
        public void daemon() {
            for (int i = 1; i <= 50; i++) {
                answered = asked;
                begun = i;
                done = i;
                while (answered && asked) {
                    Thread.onSpinWait();
                }
            }
            ended = true;
        }

        @Actor
        public void requester(II_Result r) {
            asked = true;
            while (!answered && !ended) {
                Thread.onSpinWait();
            }
            r.r1 = ended ? 0 : 1;
            int before = done;
            Thread.onSpinWait();
            r.r2 = begun == before ? 0 : 1;
            asked = false;
        }
    }

    /** Leaving an idle place, without the monitor: each writes its own word and reads the other's. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "It counts as parked, or it works.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "It counts as parked, and works.")
    @State
    public static class LeavingIdlePlain {
        private int running;
        private int asked;

        @Actor
        public void daemon(II_Result r) {
            running = 1;
            r.r2 = asked == 0 ? 1 : 0;
        }

        @Actor
        public void requester(II_Result r) {
            asked = 1;
            r.r1 = running == 0 ? 1 : 0;
        }
    }

    /** An event list whose tag and records are not volatile. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "The handler is passed over, or waited for.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "It runs, and is not waited for.")
    @State
    public static class DeregisterPlain {
        private int inside;
        private int dead;

        @Actor
        public void invoker(II_Result r) {
            inside = 1;
            r.r1 = dead == 0 ? 1 : 0;
        }

        @Actor
        public void releaser(II_Result r) {
            dead = 1;
            r.r2 = inside == 0 ? 1 : 0;
        }
    }

    /** A handler, or a process, published before it is whole: what a plain field allows, and not every JVM does by itself. */
    @JCStressTest
    @Outcome(
            id = {"0", "4"},
            expect = ACCEPTABLE,
            desc = "Not there, or all there.")
    @Outcome(expect = FORBIDDEN, desc = "There, and not all of it.")
    @State
    public static class PublishedEarly {
        private int one = 1;
        private Fields entry;

        private static final class Fields {
            private int a;
            private int b;
            private int c;
            private int d;
        }

        @Actor
        public void writer() {
            Fields fields = new Fields();
            entry = fields;
            fields.a = one;
            fields.b = one;
            fields.c = one;
            fields.d = one;
        }

        @Actor
        public void reader(I_Result r) {
            Fields found = entry;
            if (found != null) {
                int sum = found.a + found.b + found.c + found.d;
                r.r1 = sum == 0 ? -1 : sum;
            }
        }
    }

    /** A slot that all threads share. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Each finds what it has set.")
    @Outcome(expect = FORBIDDEN, desc = "One finds what the other has set, or nothing.")
    @State
    public static class SlotShared {
        private final Object one = new Object();
        private final Object other = new Object();
        private volatile Object slot;

        private int bind(Object occupant) {
            slot = occupant;
            int found = slot == occupant ? 1 : 0;
            slot = null;
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

    /** An lwp that is looked at and then claimed. */
    @JCStressTest
    @Outcome(
            id = {"1, 2", "2, 1", "1, 0", "0, 1"},
            expect = ACCEPTABLE,
            desc = "One after the other, or one was refused.")
    @Outcome(expect = FORBIDDEN, desc = "Both in it, or the second does not see what the first did.")
    @State
    public static class SwitchWithoutCompareAndSet {
        private volatile Thread runner;
        private int visits;

        private int visit() {
            if (runner != null) {
                return 0;
            }
            runner = Thread.currentThread();
            visits++;
            int seen = visits;
            runner = null;
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

    /** A process that has ended before it has a status. */
    @JCStressTest
    @Outcome(
            id = {"-1", "7"},
            expect = ACCEPTABLE,
            desc = "Not ended, or ended with its status.")
    @Outcome(expect = FORBIDDEN, desc = "It has ended, and its status is not there.")
    @State
    public static class StateBeforeStatus {
        private volatile boolean ended;
        private volatile int status;

        @Actor
        public void daemon() {
            ended = true;
            status = 7;
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = ended ? status : -1;
        }
    }

    /** A sleeper that looks at its condition without the lock, on a queue whose count is not volatile. */
    @JCStressTest
    @Outcome(
            id = {"1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "It sees the condition, or is woken.")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "It sleeps, and nobody wakes it.")
    @State
    public static class WakeupWithoutInterlock {
        private int occupied;
        private int condition;

        @Actor
        public void sleeper(II_Result r) {
            occupied = 1;
            r.r1 = condition == 0 ? 1 : 0;
        }

        @Actor
        public void waker(II_Result r) {
            condition = 1;
            r.r2 = occupied == 0 ? 1 : 0;
        }
    }
}
