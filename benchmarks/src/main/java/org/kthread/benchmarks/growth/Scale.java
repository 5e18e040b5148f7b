package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What is true of very many, checked one claim after another. It runs in a JVM of its own, with the heap it is given. */
final class Scale {
    /** What can be planted in a check, so that it must fail. */
    enum Plant {
        NOTHING,
        /** One daemon never comes by a check, a suspendable sleep or a region. */
        NEVER_SUSPENDS,
        /** One daemon works in a region, where it counts as still. */
        WORKS_WHILE_HELD,
        /** One daemon stays asleep when all others go on. */
        NEVER_RESUMES,
        /** One daemon does not end when it is told to. */
        NEVER_ENDS,
        /** Each daemon keeps a kilobyte that nobody else knows of. */
        HEAVY,
        /** One step, handler or lwp is missing. */
        ONE_MISSING
    }

    /** One thing of which there are to be many. */
    interface Check {
        String name();

        int size();

        default boolean isPossible() {
            return true;
        }

        void run(int n, Plant plant, Findings findings) throws Exception;
    }

    /** What came of it: what was timed or weighed, and what was claimed and does not hold. */
    static final class Findings {
        private final List<String> failures = new ArrayList<>();
        private long began;

        void begin() {
            began = System.nanoTime();
        }

        void took(String what, int n) {
            double nanos = System.nanoTime() - began;
            System.out.printf(Locale.ROOT, "  %-42s %9.2f s   %10.2f us each%n", what, nanos / 1e9, nanos / 1e3 / n);
        }

        void weighs(String what, double bytes) {
            System.out.printf(Locale.ROOT, "  %-42s %9.0f bytes%n", what, bytes);
        }

        void claim(boolean holds, String what) {
            if (!holds) {
                failures.add(what);
                System.out.println("  FAILED: " + what);
            }
        }

        List<String> failures() {
            return failures;
        }
    }

    private Scale() {}

    static List<Check> checks() {
        return List.of(
                new ManyDaemons(true), new ManyDaemons(false), new ManySteps(), new ManyHandlers(), new ManyLwps());
    }

    static Check check(String name) {
        return checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Runs one check; tells what does not hold. */
    static List<String> run(Check check, int n, Plant plant) {
        Findings findings = new Findings();
        System.out.printf(Locale.ROOT, "%s: %,d%n", check.name(), n);
        try {
            check.run(n, plant, findings);
        } catch (Exception | AssertionError | OutOfMemoryError e) {
            findings.claim(false, e.toString());
        }
        return findings.failures();
    }

    /** Arguments: the check, how many, what is planted. Ends with 1 if anything does not hold. */
    public static void main(String... args) {
        Thread.setDefaultUncaughtExceptionHandler((thread, e) -> {
            System.out.println("  FAILED: " + thread.getName() + ": " + e);
            Runtime.getRuntime().halt(1);
        });
        List<String> failures = run(check(args[0]), Integer.parseInt(args[1]), Plant.valueOf(args[2]));
        Runtime.getRuntime().halt(failures.isEmpty() ? 0 : 1);
    }
}
