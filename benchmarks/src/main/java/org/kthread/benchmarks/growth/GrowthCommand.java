package org.kthread.benchmarks.growth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures how costs grow, writes the figures and draws them. */
@Command(
        name = "growth",
        mixinStandardHelpOptions = true,
        description =
                "Measures each cost from 1 to its largest size, and draws the plots. Virtual daemons need JDK 24 or later.")
public final class GrowthCommand implements Callable<Integer> {
    @Option(names = "--plots", description = "Where the plots and growth.csv go (${DEFAULT-VALUE}).")
    private Path plots = Path.of("docs", "plots");

    @Option(names = "--only", description = "Only the plot of this name.")
    private String only = "";

    @Option(names = "--largest", description = "No more than this many of anything (${DEFAULT-VALUE}).")
    private int largest = 1_000_000;

    @Option(names = "--seconds", description = "How long at least for each size (${DEFAULT-VALUE}).")
    private double seconds = 3;

    @Option(names = "--draw", description = "Draw what is in growth.csv, and measure nothing.")
    private boolean draw;

    @Override
    public Integer call() throws Exception {
        System.setProperty("java.awt.headless", "true");
        Files.createDirectories(plots);
        Figures figures = new Figures(plots.resolve("growth.csv"));
        for (Sweep sweep : Growth.sweeps()) {
            if (only.isEmpty() || only.equals(sweep.name())) {
                if (!draw) {
                    figures.replace(measure(sweep));
                }
                List<Point> points = figures.newest(sweep.name());
                if (!points.isEmpty()) {
                    Plots.draw(sweep, points, plots);
                }
            }
        }
        Files.writeString(plots.resolve("growth.md"), figures.table());
        return 0;
    }

    private List<Point> measure(Sweep sweep) throws IOException, InterruptedException {
        Path out = Files.createTempFile("growth", ".csv");
        try {
            int status = Child.run(
                    Growth.class,
                    List.of("-Xmx4g"),
                    sweep.name(),
                    Integer.toString(largest),
                    Double.toString(seconds),
                    out.toString());
            if (status != 0) {
                throw new IllegalStateException("the JVM that measures " + sweep.name() + " ended with " + status);
            }
            List<Point> points = new ArrayList<>();
            Files.readAllLines(out).forEach(line -> points.add(Point.of(line)));
            return points;
        } finally {
            Files.deleteIfExists(out);
        }
    }
}
