package org.kthread.models;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of the head of a model: options with which it must hold, or a bug planted in it and the options with which it must
 * not. The heads are the one place where these are listed:
 *
 * <pre>
 *   clean     -DSUSP=2 -DEXIT
 *   large     -DSUSP=2 -DHOLD=1       with so many states that an optimizing compiler is worth its time
 *   bug 1 P1  -DSUSP=2           : the words
 * </pre>
 *
 * @param model the file
 * @param large whether it has many states
 * @param bug the number of the bug; 0: none
 * @param property the property that must reject the bug; empty if there is none
 * @param options for the preprocessor
 * @param words what the bug is
 */
record Configuration(Path model, boolean large, int bug, String property, List<String> options, String words) {
    private static final Pattern LINE =
            Pattern.compile(" \\* {3}(?:clean|(large)|bug (\\d+) +P(\\d+)) +(-D\\S+(?: -D\\S+)*) *(?:: (.*))?");
    private static final Pattern PROPERTY = Pattern.compile(" \\* {3}P(\\d+) .*");

    /** All lines of all models of a folder; a property without a bug is refused. */
    static List<Configuration> all(Path folder) throws IOException {
        Set<Path> models = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.pml")) {
            files.forEach(models::add);
        }
        List<Configuration> all = new ArrayList<>();
        for (Path model : models) {
            all.addAll(of(model, Files.readAllLines(model)));
        }
        return all;
    }

    /** The lines of one model. */
    static List<Configuration> of(Path model, List<String> head) {
        List<Configuration> found = new ArrayList<>();
        Set<String> unguarded = new TreeSet<>();
        for (String line : head) {
            Matcher property = PROPERTY.matcher(line);
            if (property.matches()) {
                unguarded.add(property.group(1));
            }
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                String bug = matcher.group(2) == null ? "0" : matcher.group(2);
                String broken = matcher.group(3) == null ? "" : matcher.group(3);
                String words = matcher.group(5) == null ? "" : matcher.group(5);
                unguarded.remove(broken);
                found.add(new Configuration(
                        model,
                        matcher.group(1) != null,
                        Integer.parseInt(bug),
                        broken,
                        List.of(matcher.group(4).split(" ")),
                        words));
            }
        }
        if (!unguarded.isEmpty()) {
            throw new IllegalArgumentException(
                    model + ": no bug is planted for the properties " + unguarded + "; plant one for each");
        }
        if (found.stream().noneMatch(each -> each.bug == 0)) {
            throw new IllegalArgumentException(model + ": no line \"clean -D...\" in its head");
        }
        return found;
    }

    boolean isPlanted() {
        return bug != 0;
    }

    /** Whether it is checked against a formula of temporal logic, under weak fairness. */
    boolean isLive() {
        return options.contains("-DLIVE");
    }

    /** All that the preprocessor is told. */
    List<String> arguments(int spurious) {
        List<String> all = new ArrayList<>(options);
        all.add("-DSPURIOUS=" + spurious);
        if (isPlanted()) {
            all.add("-DBUG=" + bug);
            all.add("-DONLY=" + property);
        }
        return all;
    }
}
