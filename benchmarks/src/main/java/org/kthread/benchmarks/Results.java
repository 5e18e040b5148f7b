package org.kthread.benchmarks;

import com.google.common.base.Splitter;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What was measured on one JDK: the file {@code jdk17.json}. Not all of it need come from the same run. */
final class Results {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

    /** Where and how it was measured. */
    Map<String, String> run = new LinkedHashMap<>();

    /** JMH's own results, as it writes them. */
    List<JsonObject> jmh = new ArrayList<>();

    /** Of each case, of each method: nanoseconds an operation; equal places are one pair. */
    Map<String, Map<String, double[]>> pairs = new LinkedHashMap<>();

    /** What has its own measurement. */
    Map<String, List<Program.Line>> programs = new LinkedHashMap<>();

    static Path file(Path directory, int jdk) {
        return directory.resolve("jdk" + jdk + ".json");
    }

    static Results read(Path file) throws IOException {
        Results results = GSON.fromJson(Files.readString(file), Results.class);
        return results == null ? new Results() : results;
    }

    static Results readOrNew(Path file) throws IOException {
        return Files.exists(file) ? read(file) : new Results();
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (var out = Files.newBufferedWriter(part)) {
            new GsonBuilder()
                    .setPrettyPrinting()
                    .disableHtmlEscaping()
                    .serializeSpecialFloatingPointValues()
                    .create()
                    .toJson(compact(), out);
        }
        Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Four digits are more than the samples are worth. */
    private Results compact() {
        for (Map<String, double[]> methods : pairs.values()) {
            for (double[] samples : methods.values()) {
                for (int i = 0; i < samples.length; i++) {
                    samples[i] = Double.parseDouble(String.format(Locale.ROOT, "%.4g", samples[i]));
                }
            }
        }
        return this;
    }

    /** Takes in what JMH wrote, in place of what it wrote before of the same benchmarks. */
    void addJmh(List<JsonObject> fresh) {
        for (JsonObject each : fresh) {
            jmh.removeIf(old -> key(old).equals(key(each)));
            jmh.add(each);
        }
    }

    private static String key(JsonObject result) {
        return result.get("benchmark").getAsString() + result.get("params") + result.get("threads");
    }

    Figures figures() {
        Map<String, Double> bytes = new HashMap<>();
        for (JsonObject each : jmh) {
            JsonElement norm = each.has("secondaryMetrics")
                    ? each.getAsJsonObject("secondaryMetrics").get("gc.alloc.rate.norm")
                    : null;
            if (norm != null) {
                bytes.put(idOf(each), norm.getAsJsonObject().get("score").getAsDouble());
            }
        }
        return new Figures(pairs, bytes);
    }

    /** As {@link Case#id}, and the method. */
    private static String idOf(JsonObject result) {
        List<String> name = Splitter.on('.').splitToList(result.get("benchmark").getAsString());
        StringBuilder id = new StringBuilder(name.get(name.size() - 2));
        @Nullable JsonObject params = result.getAsJsonObject("params");
        if (params != null) {
            params.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey())
                    .forEach(param -> id.append(' ')
                            .append(param.getKey())
                            .append('=')
                            .append(param.getValue().getAsString()));
        }
        int threads = result.get("threads").getAsInt();
        if (threads > 1) {
            id.append(" threads=").append(threads);
        }
        return id.append('#').append(name.get(name.size() - 1)).toString();
    }
}
