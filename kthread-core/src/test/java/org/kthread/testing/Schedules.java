package org.kthread.testing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jspecify.annotations.Nullable;

/**
 * Runs a handful of threads under the model checker, many schedules, and makes what any of them throws the failure of the
 * schedule (the checker itself only logs it).
 *
 * <p>What comes after the first place where a thread has to wait is searched thinly. So a scenario begins as near as it
 * can to the moment it hunts: what can be done before its threads are started is done in {@link Scenario#bodies}.
 */
public final class Schedules {
    /** The checker does not see that threads share what their lambdas capture; what a static field holds, it does. */
    static volatile @Nullable Scenario shared;

    private Schedules() {}

    /** One thread of a scenario. */
    @FunctionalInterface
    public interface Body {
        void run() throws Throwable;
    }

    /** A scenario of two or three threads: made anew for each schedule; when all have ended, its end is looked at. */
    public interface Scenario {
        List<Body> bodies();

        void end() throws Throwable;
    }

    /** Makes scenarios. */
    @FunctionalInterface
    public interface Maker {
        Scenario make();
    }

    /** A schedule in which the scenario failed; the message is the checker's. */
    public static final class Rejected extends AssertionError {
        private static final long serialVersionUID = 1L;

        private Rejected(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private static final int[] IN_ORDER = {0, 1, 2};
    private static final int[][] ORDERS = {IN_ORDER, {1, 2, 0}};

    /**
     * Checks this many schedules of a scenario.
     *
     * @param maker of a class, not a lambda, if it captures something: the checker looks into its fields
     * @throws Rejected if it failed in one
     */
    public static void check(int schedules, Maker maker) {
        check(schedules, maker, IN_ORDER);
    }

    /**
     * Checks this many schedules of a scenario, half of them with its first thread made last. Where a thread has to give
     * way, the checker picks the next by its place, from the same random numbers in each schedule.
     *
     * @throws Rejected if it failed in one
     */
    public static void checkOrders(int schedules, Maker maker) {
        for (int[] order : ORDERS) {
            check(schedules / ORDERS.length, maker, order);
        }
    }

    private static void check(int schedules, Maker maker, int[] order) {
        try {
            Lincheck.runConcurrentTest(schedules, new Schedule(maker, order));
        } catch (LincheckAssertionError e) {
            throw new Rejected(e.getMessage(), e);
        } catch (RuntimeException e) {
            if (Arrays.stream(e.getStackTrace()).anyMatch(Schedules::isReport)) {
                throw new Rejected("a failure whose schedule the checker cannot print", e);
            }
            throw e;
        }
    }

    /** Lincheck 3.7 makes the text of a failure in the constructor of its error, and that can fail. */
    private static boolean isReport(StackTraceElement frame) {
        return frame.getClassName().equals(LincheckAssertionError.class.getName());
    }

    private static final class Schedule implements Runnable {
        private final Maker maker;
        private final int[] order;

        Schedule(Maker maker, int[] order) {
            this.maker = maker;
            this.order = order;
        }

        @Override
        public void run() {
            Scenario scenario = maker.make();
            shared = scenario;
            List<Body> bodies = scenario.bodies();
            List<Body> ordered = new ArrayList<>();
            for (int place : order) {
                if (place < bodies.size()) {
                    ordered.add(bodies.get(place));
                }
            }
            runOnce(scenario, ordered);
        }
    }

    private static void runOnce(Scenario scenario, List<Body> bodies) {
        Throwable[] thrown = new Throwable[bodies.size()];
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < thrown.length; i++) {
            int n = i;
            threads.add(new Thread(() -> {
                try {
                    bodies.get(n).run();
                } catch (Throwable t) {
                    thrown[n] = t;
                }
            }));
        }
        for (Thread thread : threads) {
            thread.start();
        }
        try {
            for (Thread thread : threads) {
                thread.join();
            }
            for (Throwable t : thrown) {
                if (t != null) {
                    throw new AssertionError("a thread of the scenario failed: " + t, t);
                }
            }
            scenario.end();
        } catch (Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError(t);
        }
    }
}
