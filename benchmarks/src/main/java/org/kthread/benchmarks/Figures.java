package org.kthread.benchmarks;

import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** What one run on one JDK gave: pairs of samples, and bytes. Units are nanoseconds and bytes an operation. */
public final class Figures {
    private final Map<String, Map<String, double[]>> pairs;
    private final Map<String, Double> bytes;

    Figures(Map<String, Map<String, double[]>> pairs, Map<String, Double> bytes) {
        this.pairs = pairs;
        this.bytes = bytes;
    }

    boolean has(Case of, String method) {
        return pairs.containsKey(of.id()) && pairs.get(of.id()).containsKey(method);
    }

    private double[] samples(Case of, String method) {
        return Objects.requireNonNull(
                Objects.requireNonNull(pairs.get(of.id()), of.id()).get(method), method);
    }

    Spread time(Case of, String method) {
        return Spread.of(samples(of, method));
    }

    /** Of each pair, one by the other. */
    Spread ratio(Case of, String method, String by) {
        double[] over = samples(of, method);
        double[] under = samples(of, by);
        double[] ratios = new double[Math.min(over.length, under.length)];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = over[i] / under[i];
        }
        return Spread.of(ratios);
    }

    /** Of each pair, how much more one takes than the other. */
    Spread above(Case of, String method, String base) {
        double[] more = samples(of, method);
        double[] less = samples(of, base);
        double[] differences = new double[Math.min(more.length, less.length)];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = more[i] - less[i];
        }
        return Spread.of(differences);
    }

    /** What JMH's profiler of allocations says; none if it did not run this. */
    OptionalDouble bytes(Case of, String method) {
        Double known = bytes.get(of.id() + '#' + method);
        return known == null ? OptionalDouble.empty() : OptionalDouble.of(known);
    }
}
