package org.kthread.benchmarks;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.profile.JavaFlightRecorderProfiler;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One run on the JDK it runs on: JMH for times and allocations of each operation, pairs for the ratios, and the programs. */
final class Measure {
    private static final double JMH_SHARE = 0.35;
    private static final double JMH_START = 1.1; // seconds a fork
    private static final double PAIRED_START = 1.5;
    private static final double PROGRAMS = 75;
    private static final double LEAST = 0.5;
    private static final int ITERATIONS = 5;
    private static final double BATCH_MILLIS = 5;

    private final Path file;
    private final double seconds;
    private final int forks;
    private final @Nullable Recordings recordings;
    private final PrintStream say;
    private final Results results;
    private final List<String> failed = new ArrayList<>();
    private final Gson gson = new Gson();

    Measure(Path directory, double minutes, int forks, boolean jfr, PrintStream say) throws IOException {
        this.file = Results.file(directory, Runtime.version().feature());
        this.seconds = minutes * 60;
        this.forks = forks;
        this.recordings = jfr ? new Recordings(file.resolveSibling("jfr")) : null;
        this.say = say;
        this.results = Results.readOrNew(file);
    }

    /** Something that measures one case or program; what it had measured before stands if it fails. */
    private interface Part {
        void run() throws IOException, InterruptedException, RunnerException;
    }

    /**
     * Measures all whose name has this in it; an empty name is all. One that fails does not stop the others.
     *
     * @return whether none failed
     */
    boolean run(String name, String command) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>(Catalog.rows());
        rows.removeIf(row -> !row.of().runsHere()
                || !(matches(row.what(), name) || matches(row.of().id(), name)));
        Map<Case, Set<String>> cases = Catalog.cases(rows);
        List<Program> programs = new ArrayList<>(Programs.all());
        programs.removeIf(each -> Runtime.version().feature() < each.minJdk()
                || !matches(each.getClass().getSimpleName(), name));
        if (cases.isEmpty() && programs.isEmpty()) {
            throw new IllegalArgumentException("nothing here is called \"" + name + "\"; see `list`");
        }
        results.run.putAll(Machine.describe());
        results.run.merge("command", command, (before, now) -> name.isEmpty() ? now : before + "; " + now);
        double left = seconds - (programs.isEmpty() ? 0 : PROGRAMS);
        long begin = System.nanoTime();
        pairs(cases, left * (1 - JMH_SHARE));
        jmh(cases, left * JMH_SHARE);
        programs(programs);
        say.printf("%n%s: %.0f s%n", file, (System.nanoTime() - begin) / 1e9);
        if (recordings != null) {
            say.println(recordings.table());
        }
        failed.forEach(each -> say.println("FAILED: " + each));
        return failed.isEmpty();
    }

    private void part(String what, Part part) throws IOException, InterruptedException {
        try {
            part.run();
        } catch (IOException | RunnerException | RuntimeException e) {
            say.println(what + " failed: " + e);
            failed.add(what);
        }
        results.write(file);
    }

    private static boolean matches(String what, String name) {
        return what.toLowerCase(Locale.ROOT).contains(name.toLowerCase(Locale.ROOT));
    }

    /* ---- Pairs. ---- */

    private void pairs(Map<Case, Set<String>> cases, double budget) throws IOException, InterruptedException {
        double each = Math.max(LEAST, budget / Math.max(1, cases.size()) / forks - PAIRED_START);
        for (Map.Entry<Case, Set<String>> entry : cases.entrySet()) {
            part(entry.getKey().id(), () -> pairs(entry.getKey(), List.copyOf(entry.getValue()), each));
        }
    }

    private void pairs(Case of, List<String> methods, double each) throws IOException, InterruptedException {
        say.printf("%-45s", of.id());
        List<List<String>> together =
                of.apart() ? methods.stream().map(List::of).toList() : List.of(methods);
        Map<String, double[]> samples = new LinkedHashMap<>();
        for (int fork = 0; fork < forks; fork++) {
            for (List<String> some : together) {
                Paired.Order order = new Paired.Order(
                        of.type().getName(), of.params(), some, of.threads(), each / together.size(), BATCH_MILLIS);
                String json = Fork.run(Paired.class, of.jvmArgs(), gson, order);
                Map<String, double[]> fresh = gson.fromJson(json, new TypeToken<Map<String, double[]>>() {}.getType());
                fresh.forEach((method, more) -> samples.merge(method, more, Measure::join));
            }
        }
        results.pairs.put(of.id(), samples);
        samples.forEach(
                (method, all) -> say.printf("  %s %s", method, Spread.of(all).time()));
        say.printf("  (%d pairs)%n", samples.values().iterator().next().length);
    }

    private static double[] join(double[] some, double[] more) {
        double[] all = Arrays.copyOf(some, some.length + more.length);
        System.arraycopy(more, 0, all, some.length, more.length);
        return all;
    }

    /* ---- JMH. ---- */

    private void jmh(Map<Case, Set<String>> cases, double budget) throws IOException, InterruptedException {
        int number = 0;
        for (Map.Entry<Case, Set<String>> entry : cases.entrySet()) {
            number += entry.getKey().apart() ? 0 : entry.getValue().size();
        }
        double each = Math.max(LEAST, budget / Math.max(1, number) - JMH_START);
        for (Map.Entry<Case, Set<String>> entry : cases.entrySet()) {
            Case of = entry.getKey();
            if (!of.apart()) {
                say.printf("JMH %-45s%n", of.id());
                part("JMH " + of.id(), () -> results.addJmh(jmh(of, entry.getValue(), each / (2 * ITERATIONS))));
            }
        }
    }

    private List<JsonObject> jmh(Case of, Set<String> methods, double iteration) throws IOException, RunnerException {
        Path json = Files.createTempFile("jmh", ".json");
        Path log = Files.createTempFile("jmh", ".log");
        List<String> jvmArgs = new ArrayList<>(of.jvmArgs());
        if (of.onKernelThread()) {
            jvmArgs.add("-Djmh.executor=CUSTOM");
            jvmArgs.add("-Djmh.executor.class=" + KernelThreadExecutor.class.getName());
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include("\\." + of.type().getSimpleName() + "\\.(" + String.join("|", methods) + ")$")
                .mode(org.openjdk.jmh.annotations.Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .threads(of.threads())
                .forks(1)
                .warmupIterations(ITERATIONS)
                .warmupTime(TimeValue.milliseconds((long) (iteration * 1e3)))
                .measurementIterations(ITERATIONS)
                .measurementTime(TimeValue.milliseconds((long) (iteration * 1e3)))
                .addProfiler(GCProfiler.class)
                .jvmArgsAppend(jvmArgs.toArray(new String[0]))
                .shouldFailOnError(true)
                .verbosity(VerboseMode.NORMAL)
                .output(log.toString())
                .resultFormat(ResultFormatType.JSON)
                .result(json.toString());
        of.params().forEach((param, value) -> options.param(param, value));
        if (recordings != null) {
            options.addProfiler(JavaFlightRecorderProfiler.class, recordings.options());
        }
        try {
            new Runner(options.build()).run();
            List<JsonObject> found = new ArrayList<>();
            JsonArray array = JsonParser.parseString(Files.readString(json)).getAsJsonArray();
            for (JsonElement each : array) {
                JsonObject result = each.getAsJsonObject();
                result.addProperty("jvm", "java"); // the path of this machine is nobody's business
                found.add(result);
            }
            return found;
        } catch (RunnerException e) {
            say.println(Files.readString(log));
            throw e;
        } finally {
            Files.deleteIfExists(json);
            Files.deleteIfExists(log);
        }
    }

    /* ---- Programs. ---- */

    private void programs(List<Program> programs) throws IOException, InterruptedException {
        for (Program program : programs) {
            part(program.getClass().getSimpleName(), () -> program(program));
        }
    }

    private void program(Program program) throws IOException, InterruptedException {
        String json =
                Fork.run(Programs.class, program.jvmArgs(), program.getClass().getName());
        List<Program.Line> lines = gson.fromJson(json, new TypeToken<List<Program.Line>>() {}.getType());
        results.programs.put(program.getClass().getSimpleName(), lines);
        lines.forEach(line ->
                say.printf("%-45s  %s; limit %s; peers %s%n", line.what(), line.ours(), line.limit(), line.peers()));
    }
}
