package org.kthread.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Judges a report of PIT: every mutant that survives must be on the list of those that are equivalent, and of every package most
 * must be killed.
 *
 * <p>A line of the list is {@code class | method | mutator | what it does | n | reason}: the n-th mutant of its kind in the
 * method, from 1 on, so that no line number is needed. Empty lines and lines that begin with # say nothing.
 */
final class Mutations {
    /** How many of a hundred must be killed in each package. */
    private static final int LEAST_KILLED = 90;

    /** A minion that ran out of memory has shown nothing: it may have been the tests' own need, or another JVM's. */
    private static final Set<String> KILLED = Set.of("KILLED", "TIMED_OUT", "RUN_ERROR");

    private final Map<String, String> statusOf = new TreeMap<>();
    private final Map<String, int[]> counts = new TreeMap<>();
    private final Set<String> classes = new HashSet<>();

    /** One of the report, before it is numbered. */
    private record Mutant(String type, String key, int index, String status) {}

    private Mutations(List<Mutant> mutants) {
        Map<String, Integer> numbers = new HashMap<>();
        for (Mutant mutant : mutants) {
            boolean killed = KILLED.contains(mutant.status());
            statusOf.put(mutant.key() + " | " + numbers.merge(mutant.key(), 1, Integer::sum), mutant.status());
            classes.add(mutant.type());
            String name = mutant.type().substring(0, mutant.type().lastIndexOf('.'));
            int[] count = counts.computeIfAbsent(name, each -> new int[2]);
            count[0]++;
            count[1] += killed ? 1 : 0;
        }
    }

    /** Reads a report in XML. */
    static Mutations of(InputStream report) throws Exception {
        NodeList all = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(report)
                .getElementsByTagName("mutation");
        List<Mutant> mutants = new ArrayList<>();
        for (int i = 0; i < all.getLength(); i++) {
            Element each = (Element) all.item(i);
            String type = text(each, "mutatedClass");
            String mutator = text(each, "mutator");
            String key = String.join(
                    " | ",
                    type,
                    text(each, "mutatedMethod"),
                    mutator.substring(mutator.lastIndexOf('.') + 1),
                    text(each, "description"));
            mutants.add(new Mutant(type, key, Integer.parseInt(text(each, "index")), each.getAttribute("status")));
        }
        mutants.sort(Comparator.comparing(Mutant::key).thenComparing(Mutant::index));
        return new Mutations(mutants);
    }

    private static String text(Element mutation, String tag) {
        return mutation.getElementsByTagName(tag).item(0).getTextContent();
    }

    /** The keys of a list; whoever is on it has a reason. */
    static Set<String> list(Path file) throws IOException {
        Set<String> keys = new LinkedHashSet<>();
        for (String line : Files.readAllLines(file, UTF_8)) {
            if (!line.isBlank() && !line.startsWith("#")) {
                int reason = line.lastIndexOf(" | ");
                if (line.split(" \\| ", -1).length != 6
                        || line.substring(reason + 3).isBlank()) {
                    throw new IOException(file + ": not class | method | mutator | what it does | n | reason: " + line);
                }
                keys.add(line.substring(0, reason));
            }
        }
        return keys;
    }

    /** What is wrong, in words; empty if nothing is. */
    List<String> complaints(Set<String> equivalent) {
        List<String> complaints = new ArrayList<>();
        statusOf.forEach((key, status) -> {
            if (!KILLED.contains(status) && !equivalent.contains(key)) {
                complaints.add(status + " and not on the list: " + key);
            }
        });
        for (String key : equivalent) {
            if (classes.contains(key.substring(0, key.indexOf(" | "))) && !statusOf.containsKey(key)) {
                complaints.add("on the list, and there is no such mutant: " + key);
            }
        }
        counts.forEach((name, count) -> {
            if (count[1] * 100 < count[0] * LEAST_KILLED) {
                complaints.add(name + ": " + count[1] + " of " + count[0] + " are killed, which is less than "
                        + LEAST_KILLED + " %");
            }
        });
        return complaints;
    }

    /** The figures of each package, a line each. */
    List<String> figures(Set<String> equivalent) {
        List<String> lines = new ArrayList<>();
        counts.forEach((name, count) -> {
            long listed = statusOf.entrySet().stream()
                    .filter(each -> !KILLED.contains(each.getValue()) && equivalent.contains(each.getKey()))
                    .filter(each -> each.getKey().matches("\\Q" + name + ".\\E[^. ]+ .*"))
                    .count();
            lines.add(String.format(
                    "%s: %d mutants, %d killed (%.1f %%), %d equivalent",
                    name, count[0], count[1], 100.0 * count[1] / count[0], listed));
        });
        return lines;
    }
}
