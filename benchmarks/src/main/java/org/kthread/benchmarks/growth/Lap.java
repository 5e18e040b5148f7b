package org.kthread.benchmarks.growth;

import java.util.Map;

/** Times one thing after another, for n elements each. */
final class Lap {
    private final Map<String, Double> costs;
    private final int n;
    private long began;

    Lap(Map<String, Double> costs, int n) {
        this.costs = costs;
        this.n = n;
    }

    void begin() {
        began = System.nanoTime();
    }

    void end(String what) {
        end(what, 1);
    }

    /** What was done as many times as this. */
    void end(String what, int times) {
        end(what, (double) n * times);
    }

    /** What was done to as many elements as this. */
    void end(String what, double elements) {
        costs.put(what, (System.nanoTime() - began) / elements);
    }
}
