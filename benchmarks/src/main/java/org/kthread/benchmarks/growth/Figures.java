package org.kthread.benchmarks.growth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** All points, of all JDKs, in one file of comma-separated values. */
final class Figures {
    private final Path file;
    private final List<Point> points = new ArrayList<>();

    Figures(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file)) {
            Files.readAllLines(file).stream().skip(1).map(Point::of).forEach(points::add);
        }
    }

    /** Puts the points of one plot on one JDK in the place of those there were. */
    void replace(List<Point> fresh) throws IOException {
        Point any = fresh.get(0);
        points.removeIf(old -> old.jdk() == any.jdk() && old.plot().equals(any.plot()));
        points.addAll(fresh);
        List<String> lines = new ArrayList<>();
        lines.add(Point.HEAD);
        points.forEach(point -> lines.add(point.line()));
        Files.write(file, lines);
    }

    /** The points of a plot on the newest JDK there is. */
    List<Point> newest(String plot) {
        int jdk = points.stream()
                .filter(point -> point.plot().equals(plot))
                .mapToInt(Point::jdk)
                .max()
                .orElse(0);
        return points.stream()
                .filter(point -> point.plot().equals(plot) && point.jdk() == jdk)
                .toList();
    }

    /** A line for each cost: what an element costs at the smallest size, in the middle, and at the largest; and the slope. */
    String table() {
        return table(points);
    }

    static String table(List<Point> points) {
        StringBuilder text = new StringBuilder("""
                ## Growth

                What one element costs as their number grows, from `docs/plots/growth.csv`. The slope is that of the cost of one element on
                logarithmic axes, from a tenth of the largest number to the largest: 0 is flat, 1 is linear (so all of them together are
                quadratic). Lines that begin with "bare" are the least code that does the same without this library.

                | JDK | what | smallest | cost | largest | cost | slope |
                |---|---|---|---|---|---|---|
                """);
        Map<String, TreeMap<Integer, Point>> series = new LinkedHashMap<>();
        for (Point point : points) {
            series.computeIfAbsent(point.jdk() + " | " + point.plot() + ": " + point.series(), s -> new TreeMap<>())
                    .put(point.n(), point);
        }
        series.forEach((name, all) -> {
            Point first = all.firstEntry().getValue();
            Point last = all.lastEntry().getValue();
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %s | %,d | %s | %s |%n",
                    name,
                    first.n(),
                    time(first.nanos()),
                    last.n(),
                    time(last.nanos()),
                    slope(all)));
        });
        return text.toString();
    }

    private static String slope(NavigableMap<Integer, Point> all) {
        Point last = all.lastEntry().getValue();
        Map.Entry<Integer, Point> before = all.floorEntry(last.n() / 10);
        if (before == null) {
            return "–";
        }
        double slope = Math.log(last.nanos() / before.getValue().nanos())
                / Math.log((double) last.n() / before.getValue().n());
        return String.format(Locale.ROOT, "%.1f", Math.abs(slope) < 0.05 ? 0.0 : slope);
    }

    private static String time(double nanos) {
        return nanos < 1_000
                ? String.format(Locale.ROOT, "%.0f ns", nanos)
                : nanos < 1_000_000
                        ? String.format(Locale.ROOT, "%.1f µs", nanos / 1_000)
                        : String.format(Locale.ROOT, "%.1f ms", nanos / 1_000_000);
    }
}
