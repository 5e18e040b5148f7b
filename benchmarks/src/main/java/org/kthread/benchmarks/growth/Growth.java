package org.kthread.benchmarks.growth;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Goes through the sizes of one sweep, in a JVM of its own. */
final class Growth {
    private static final int LEAST_ROUNDS = 3;
    private static final int MANY = 1_000_000;
    private static final int MOST_ROUNDS = 25;
    private static final double NANOS = 1e9;

    private Growth() {}

    static List<Sweep> sweeps() {
        List<Sweep> all = new ArrayList<>();
        all.add(new Daemons(false));
        if (Bare.hasVirtual()) {
            all.add(new Daemons(true));
        }
        all.addAll(List.of(new Handlers(), new Steps(), new Waiters(), new Contexts()));
        return all;
    }

    /** Arguments: the sweep, the largest size, seconds a size, and the file the points go to. */
    public static void main(String... args) throws Exception {
        Sweep sweep = sweeps().stream()
                .filter(each -> each.name().equals(args[0]))
                .findFirst()
                .orElseThrow();
        int largest = Integer.parseInt(args[1]);
        double seconds = Double.parseDouble(args[2]);
        warmUp(sweep, largest, seconds);
        List<String> lines = new ArrayList<>();
        for (int n : sweep.sizes()) {
            if (n <= largest) {
                for (Point point : measure(sweep, n, seconds)) {
                    lines.add(point.line());
                }
                System.out.printf("%s: %d %s%n", sweep.name(), n, sweep.elements());
            }
        }
        Files.write(Path.of(args[3]), lines);
        System.exit(0); // whatever threads are left
    }

    /** What is measured first is not to be measured in the interpreter. */
    private static void warmUp(Sweep sweep, int largest, double seconds) throws Exception {
        long end = System.nanoTime() + (long) (2 * seconds * NANOS);
        while (System.nanoTime() < end) {
            for (int n : sweep.sizes()) {
                if (n <= Math.min(1_000, largest) && System.nanoTime() < end) {
                    sweep.run(n);
                }
            }
        }
        if (largest > 10_000) {
            sweep.run(10_000);
        }
    }

    private static List<Point> measure(Sweep sweep, int n, double seconds) throws Exception {
        Map<String, List<Double>> rounds = new LinkedHashMap<>();
        long end = System.nanoTime() + (long) (seconds * NANOS);
        for (int i = 0; i < (n < MANY ? LEAST_ROUNDS : 1) || (i < MOST_ROUNDS && System.nanoTime() < end); i++) {
            System.gc(); // what the last round left is not this one's
            sweep.run(n)
                    .forEach((series, nanos) -> rounds.computeIfAbsent(series, s -> new ArrayList<>())
                            .add(nanos));
        }
        List<Point> points = new ArrayList<>();
        rounds.forEach((series, all) -> {
            Collections.sort(all);
            points.add(new Point(
                    Runtime.version().feature(),
                    sweep.name(),
                    series,
                    n,
                    all.get(all.size() / 2),
                    all.get(0),
                    all.get(all.size() - 1)));
        });
        return points;
    }
}
