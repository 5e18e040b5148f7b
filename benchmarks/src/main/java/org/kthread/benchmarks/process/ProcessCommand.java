package org.kthread.benchmarks.process;

import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures whole programs by turns: a bare thread, this library, Guava and Spring doing the same job. */
@Command(
        name = "process",
        mixinStandardHelpOptions = true,
        description = "Measures whole programs: start, SIGTERM to exit, memory, jars. Linux only.")
public final class ProcessCommand implements Callable<Integer> {
    private static final double KIB = 1024;

    @Option(names = "--rounds", description = "How many lives of each program (${DEFAULT-VALUE}).")
    private int rounds = 21;

    @Option(names = "--lib", description = "Where the jars are (${DEFAULT-VALUE}).")
    private Path lib = Path.of("benchmarks", "target", "lib");

    @Option(names = "--classes", description = "The programs (${DEFAULT-VALUE}).")
    private Path classes = Path.of("benchmarks", "target", "classes");

    @Option(names = "--results", description = "Where the figures and the section of the report go (${DEFAULT-VALUE}).")
    private Path results = Path.of("benchmarks", "results");

    @Override
    public Integer call() throws Exception {
        Map<String, List<Run>> runs = new LinkedHashMap<>();
        Contestant.ALL.forEach(each -> runs.put(each.name(), new ArrayList<>()));
        for (int round = -1; round < rounds; round++) {
            for (Contestant each : Contestant.ALL) {
                Run run = Run.of(each, classpath(each));
                if (round >= 0) { // the first fills the page cache
                    runs.getOrDefault(each.name(), List.of()).add(run);
                }
            }
        }
        int jdk = Runtime.version().feature();
        Files.createDirectories(results);
        Files.writeString(
                results.resolve("process-jdk" + jdk + ".json"),
                new GsonBuilder().setPrettyPrinting().create().toJson(runs) + "\n");
        String table = table(runs);
        System.out.println(table);
        Files.writeString(results.resolve("process-jdk" + jdk + ".md"), table);
        return 0;
    }

    private List<Path> classpath(Contestant contestant) throws IOException {
        List<Path> path = new ArrayList<>(jars(contestant));
        path.add(classes);
        return path;
    }

    private List<Path> jars(Contestant contestant) throws IOException {
        List<Path> found = new ArrayList<>();
        try (Stream<Path> all = Files.list(lib)) {
            List<Path> sorted = all.sorted().toList();
            for (String begin : contestant.jars()) {
                List<Path> some = sorted.stream()
                        .filter(jar -> jar.getFileName().toString().startsWith(begin))
                        .toList();
                if (some.isEmpty()) {
                    throw new IOException("no jar " + begin + "*.jar in " + lib + "; build with -Pbench first");
                }
                found.addAll(some);
            }
        }
        return found;
    }

    private String table(Map<String, List<Run>> runs) throws IOException {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, """
                ## Whole programs, JDK %s

                One daemon that flushes every 100 ms, and at SIGTERM once more. Medians of %d lives of each, by turns; in parentheses the
                median of the ratios to the bare thread of the same round. Made by `java -jar benchmarks/target/benchmarks.jar process`.

                | program | JVM start to the daemon's first instruction | SIGTERM to exit | peak memory (VmHWM) | heap in use | jars, with dependencies |
                |---|---|---|---|---|---|
                """, Runtime.version(), rounds));
        List<Run> base = runs.getOrDefault(Contestant.ALL.get(0).name(), List.of());
        for (Contestant each : Contestant.ALL) {
            List<Run> mine = runs.getOrDefault(each.name(), List.of());
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %s | %s | %s |%n",
                    each.name(),
                    cell(mine, base, Run::startMillis, "ms"),
                    cell(mine, base, Run::stopMillis, "ms"),
                    cell(mine, base, run -> run.rssKiB() / KIB, "MiB"),
                    cell(mine, base, run -> run.heapKiB() / KIB, "MiB"),
                    sizes(jars(each))));
        }
        return text.toString();
    }

    private static String cell(List<Run> mine, List<Run> base, ToDoubleFunction<Run> figure, String unit) {
        double[] all = mine.stream().mapToDouble(figure).toArray();
        double[] ratios = new double[all.length];
        for (int i = 0; i < all.length; i++) {
            ratios[i] = all[i] / figure.applyAsDouble(base.get(i));
        }
        return String.format(Locale.ROOT, "%.1f %s (%.2f)", median(all), unit, median(ratios));
    }

    private static double median(double[] all) {
        Arrays.sort(all);
        return all[all.length / 2];
    }

    private static String sizes(List<Path> jars) throws IOException {
        long sum = 0;
        long own = 0;
        for (Path jar : jars) {
            long size = Files.size(jar);
            sum += size;
            own += jar.getFileName().toString().startsWith("kthread-") ? size : 0;
        }
        return jars.isEmpty()
                ? "–"
                : String.format(Locale.ROOT, "%.0f KiB in %d", sum / KIB, jars.size())
                        + (own > 0 ? String.format(Locale.ROOT, ", %.0f KiB of them its own", own / KIB) : "");
    }
}
