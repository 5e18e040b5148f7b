package org.kthread.benchmarks.growth;

import java.util.List;
import java.util.Map;

/** Something of which there can be many, and what is done with each. */
interface Sweep {
    /** The name of its plot. */
    String name();

    /** What the plot shows. */
    String title();

    /** What there are many of. */
    String elements();

    /** How many, in ascending order. */
    List<Integer> sizes();

    /**
     * Does everything once with n of them.
     *
     * @return nanoseconds an element, by what was done; names that begin with {@link Point#BASE} are base lines
     */
    Map<String, Double> run(int n) throws Exception;

    /** The decades, and what lies in the middle between them, from 1 to the largest. */
    static List<Integer> upTo(int largest) {
        List<Integer> sizes = new java.util.ArrayList<>();
        for (int decade = 1; decade <= largest; decade *= 10) {
            sizes.add(decade);
            if (decade >= 10 && 3 * decade <= largest && largest <= 100_000) {
                sizes.add(3 * decade);
            }
        }
        return sizes;
    }
}
