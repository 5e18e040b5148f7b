package org.kthread.benchmarks;

import java.util.Arrays;
import java.util.Locale;

/**
 * The middle of many samples, and half of them around it.
 *
 * @param low a quarter is below
 * @param median the middle
 * @param high a quarter is above
 */
public record Spread(double low, double median, double high) {

    static Spread of(double[] samples) {
        double[] sorted = samples.clone();
        Arrays.sort(sorted);
        return new Spread(at(sorted, 0.25), at(sorted, 0.5), at(sorted, 0.75));
    }

    private static double at(double[] sorted, double share) {
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }

    /** As a ratio: {@code 1.04 (1.01-1.09)}. */
    String ratio() {
        return String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median, low, high);
    }

    /** As a time. */
    String time() {
        return time(median);
    }

    /** Nanoseconds, in the unit that reads best. */
    static String time(double nanos) {
        double size = Math.abs(nanos);
        if (size < 1e3) {
            return String.format(Locale.ROOT, size < 100 ? "%.1f ns" : "%.0f ns", nanos);
        }
        if (size < 1e6) {
            return String.format(Locale.ROOT, size < 1e5 ? "%.1f µs" : "%.0f µs", nanos / 1e3);
        }
        return String.format(Locale.ROOT, size < 1e8 ? "%.1f ms" : "%.0f ms", nanos / 1e6);
    }
}
