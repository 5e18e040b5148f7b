package org.kthread.benchmarks.growth;

import java.util.Locale;

/**
 * What one element costs when there are n.
 *
 * @param jdk on which JDK
 * @param plot of which plot
 * @param series what is done
 * @param n how many there are
 * @param nanos the median of the rounds
 * @param low the fastest round
 * @param high the slowest
 */
record Point(int jdk, String plot, String series, int n, double nanos, double low, double high) {
    /** How the names of base lines begin: the least code that does the same, without this library. */
    static final String BASE = "bare: ";

    static final String HEAD = "jdk,plot,series,n,nanos,low,high";

    boolean isBase() {
        return series.startsWith(BASE);
    }

    String line() {
        return String.format(Locale.ROOT, "%d,%s,%s,%d,%.1f,%.1f,%.1f", jdk, plot, series, n, nanos, low, high);
    }

    static Point of(String line) {
        String[] parts = line.split(",", -1);
        return new Point(
                Integer.parseInt(parts[0]),
                parts[1],
                parts[2],
                Integer.parseInt(parts[3]),
                Double.parseDouble(parts[4]),
                Double.parseDouble(parts[5]),
                Double.parseDouble(parts[6]));
    }
}
