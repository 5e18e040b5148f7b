package org.kthread.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The page: one table of all lines, JDK beside JDK, and whatever else lies beside the results as Markdown. */
final class Report {
    private static final String HEAD = """
            # Performance

            What the library costs, beside the least code that does the same work (its *limit*) and beside libraries that do the same
            job (its *peers*). Ratios count; the times are of the machine below.

            This page is generated; anyone can do it again, on any machine:

            ```
            mvn -q -Pbench -pl benchmarks -am package -DskipTests
            java -jar benchmarks/target/benchmarks.jar full      # with each JDK; 'quick' takes under ten minutes
            java -jar benchmarks/target/benchmarks.jar report    # writes this page
            ```

            """;

    private static final String METHOD = """

            Two figures with a stroke between them are those of the JDKs, in the order above. **Ours** and **limit** are the median of
            batches of some milliseconds, by turns: ours, the limit, each peer, and again. **Ratio** is the median of ours by the limit
            over all pairs of neighbouring batches, in several JVMs; in parentheses what the middle half of them lies between. Where the
            goal is a difference, the difference is shown instead. **Peers** have their time, and in parentheses how many times ours
            that is. **Bytes** are what an operation allocates, by JMH's profiler `gc`; it counts for the whole JVM, so that anything
            below one is nothing. An asterisk marks a peer that cannot suspend: it does what its users do instead, stop, and start again.

            """;

    private final Path directory;
    private final Map<String, Results> byJdk = new LinkedHashMap<>();
    private final Map<String, Figures> figures = new LinkedHashMap<>();

    Report(Path directory) throws IOException {
        this.directory = directory;
        Map<Integer, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            all.filter(file -> file.getFileName().toString().matches("jdk\\d+\\.json"))
                    .forEach(file -> files.put(
                            Integer.parseInt(file.getFileName().toString().replaceAll("\\D", "")), file));
        }
        for (Map.Entry<Integer, Path> file : files.entrySet()) {
            Results results = Results.read(file.getValue());
            byJdk.put("JDK " + file.getKey(), results);
            figures.put("JDK " + file.getKey(), results.figures());
        }
    }

    void write(Path out) throws IOException {
        StringBuilder page = new StringBuilder(HEAD);
        runs(page);
        page.append(METHOD);
        List<String> unmet = new ArrayList<>();
        page.append(
                "| what | ours | limit | ratio | peers | bytes | goal | met |\n|---|---|---|---|---|---|---|---|\n");
        for (Row row : Catalog.rows()) {
            row(page, row, unmet);
        }
        programs(page, unmet);
        page.append("\n").append(verdict(unmet));
        for (Path fragment : fragments()) {
            page.append("\n").append(Files.readString(fragment).strip()).append("\n");
        }
        Path parent = out.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        Files.writeString(out, page);
    }

    private void runs(StringBuilder page) {
        byJdk.forEach((jdk, results) -> {
            page.append("* **").append(jdk).append("**: ");
            StringJoiner facts = new StringJoiner(", ");
            results.run.forEach((fact, value) -> facts.add(fact.equals("command") ? "`" + value + "`" : value));
            page.append(facts).append("\n");
        });
    }

    private List<Path> fragments() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.filter(file -> file.toString().endsWith(".md")).sorted().toList();
        }
    }

    private void row(StringBuilder page, Row row, List<String> unmet) {
        String peers = row.peers().stream()
                .map(peer -> peer.label() + " " + each(row, peer.method(), (f, r) -> peer(f, r, peer.method())))
                .collect(Collectors.joining("<br>"));
        String limit = row.limit() == null
                ? "–"
                : row.limit().label() + " "
                        + each(
                                row,
                                row.limit().method(),
                                (f, r) -> f.time(r.of(), r.requireLimit().method())
                                        .time());
        StringJoiner met = new StringJoiner(" / ");
        figures.forEach((jdk, f) -> {
            if (!f.has(row.of(), row.ours())) {
                met.add("–");
            } else if (row.goal().met(row, f)) {
                met.add("yes");
            } else {
                met.add("**no**");
                unmet.add(jdk + ": " + row.what());
            }
        });
        line(
                page,
                row.what(),
                each(row, row.ours(), (f, r) -> f.time(r.of(), r.ours()).time()),
                limit,
                row.limit() == null ? "–" : each(row, row.limit().method(), Report::ratio),
                peers.isEmpty() ? "–" : peers,
                each(row, row.ours(), Report::bytes),
                row.goal().text(),
                met.toString());
    }

    /** One figure for each JDK; a dash where it was not measured. */
    private String each(Row row, String method, BiFunction<Figures, Row, String> figure) {
        StringJoiner all = new StringJoiner(" / ");
        figures.forEach((jdk, f) ->
                all.add(f.has(row.of(), method) && f.has(row.of(), row.ours()) ? figure.apply(f, row) : "–"));
        return all.toString();
    }

    private static String peer(Figures f, Row row, String method) {
        return String.format(
                Locale.ROOT,
                "%s (%.1f x)",
                f.time(row.of(), method).time(),
                f.ratio(row.of(), method, row.ours()).median());
    }

    private static String ratio(Figures f, Row row) {
        String limit = row.requireLimit().method();
        if (row.goal().text().contains("limit +")) {
            Spread above = f.above(row.of(), row.ours(), limit);
            return String.format(Locale.ROOT, "%+.1f ns (%.1f–%.1f)", above.median(), above.low(), above.high());
        }
        return f.ratio(row.of(), row.ours(), limit).ratio();
    }

    private static String bytes(Figures f, Row row) {
        OptionalDouble bytes = f.bytes(row.of(), row.ours());
        return bytes.isEmpty() ? "–" : bytes.getAsDouble() < 1 ? "0" : Long.toString(Math.round(bytes.getAsDouble()));
    }

    private void programs(StringBuilder page, List<String> unmet) {
        Map<String, Map<String, Program.Line>> lines = new LinkedHashMap<>(); // by what, by JDK
        byJdk.forEach((jdk, results) -> results.programs
                .values()
                .forEach(all -> all.forEach(line -> lines.computeIfAbsent(line.what(), what -> new LinkedHashMap<>())
                        .put(jdk, line))));
        lines.forEach((what, of) -> {
            Program.Line any = of.values().iterator().next();
            StringJoiner met = new StringJoiner(" / ");
            for (String jdk : byJdk.keySet()) {
                Program.Line line = of.get(jdk);
                met.add(line == null ? "–" : line.met() ? "yes" : "**no**");
                if (line != null && !line.met()) {
                    unmet.add(jdk + ": " + what);
                }
            }
            line(
                    page,
                    what,
                    each(of, Program.Line::ours),
                    each(of, Program.Line::limit),
                    each(of, Program.Line::ratio),
                    each(of, Program.Line::peers),
                    "–",
                    any.goal(),
                    met.toString());
        });
    }

    private String each(Map<String, Program.Line> of, Function<Program.Line, String> cell) {
        List<String> cells = byJdk.keySet().stream()
                .map(jdk -> of.containsKey(jdk)
                        ? cell.apply(of.get(jdk)).replace("; ", "<br>").replaceFirst("^-$", "–")
                        : "–")
                .toList();
        boolean same = cells.stream().distinct().count() == 1;
        return same ? cells.get(0) : String.join(" / ", cells);
    }

    private static void line(StringBuilder page, String... cells) {
        page.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String verdict(List<String> unmet) {
        return unmet.isEmpty() ? "Every line is met.\n" : "Not met:\n\n* " + String.join("\n* ", unmet) + "\n";
    }
}
