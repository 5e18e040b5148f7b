package org.kthread.event;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** {@code EventList.entries}, {@code EventTag.dead} and the records of the passes: an invocation takes no lock. */
public final class EventListStress {
    private EventListStress() {}

    /** What a handler uses is released once its tag is deregistered. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "The handler did not run.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "It ran before the release.")
    @Outcome(expect = FORBIDDEN, desc = "It ran when deregister had returned.")
    @State
    public static class Deregister {
        private final EventList<I_Result> list = new EventList<>("jcstress");
        private int released;
        private final EventTag<I_Result> tag = list.register(
                r -> {
                    r.r1 = 1;
                    r.r1 += released;
                },
                EventList.PRI_ANY);

        @Actor
        public void invoker(I_Result r) {
            list.invoke(r);
        }

        @Actor
        public void releaser() {
            tag.deregister();
            released = 1;
        }
    }

    /** A handler whose fields are plain is registered while the list is invoked. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "The handler did not run.")
    @Outcome(id = "4", expect = ACCEPTABLE, desc = "It ran, with all that its constructor wrote.")
    @Outcome(expect = FORBIDDEN, desc = "It ran, and was not all there.")
    @State
    public static class Register {
        private final EventList<I_Result> list = new EventList<>("jcstress");
        private final int one = 1;

        private static final class Fields implements EventHandler<I_Result> {
            private int a;
            private int b;
            private int c;
            private int d;

            Fields(int value) {
                a = value;
                b = value;
                c = value;
                d = value;
            }

            @Override
            public void handle(I_Result r) {
                r.r1 = a + b + c + d;
                if (r.r1 == 0) {
                    r.r1 = -1;
                }
            }
        }

        @Actor
        public void registrar() {
            list.register(new Fields(one), EventList.PRI_ANY);
        }

        @Actor
        public void invoker(I_Result r) {
            list.invoke(r);
        }
    }

    /** Others come and go around two handlers while the list is invoked. */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "Each of the two ran once.")
    @Outcome(expect = FORBIDDEN, desc = "One was passed over, or ran twice.")
    @State
    public static class Snapshot {
        private final EventList<II_Result> list = new EventList<>("jcstress");
        private final EventTag<II_Result> before = list.register(r -> {}, 0);

        public Snapshot() {
            list.register(r -> r.r1++, 1);
            list.register(r -> r.r2++, 3);
        }

        @Actor
        public void invoker(II_Result r) {
            list.invoke(r);
        }

        @Actor
        public void changer() {
            before.deregisterNowait();
            list.register(r -> {}, 2);
        }
    }
}
