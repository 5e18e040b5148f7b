package org.kthread.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/** What JFR has seen of JMH's benchmarks: who waited for a monitor, who took heap. */
final class Recordings {
    private static final String SETTINGS = "profile.jfc";
    private static final String LIBRARY = "org.kthread.";
    private static final String OWN = "org.kthread.benchmarks.";

    private final Path directory;

    /** Below this directory, which is made. */
    Recordings(Path directory) throws IOException {
        this.directory = directory.toAbsolutePath();
        Files.createDirectories(directory);
        try (InputStream settings = Objects.requireNonNull(Recordings.class.getResourceAsStream(SETTINGS))) {
            Files.write(directory.resolve(SETTINGS), settings.readAllBytes());
        }
    }

    /** For JMH's profiler. */
    String options() {
        return "dir=" + directory + ";configName=" + directory.resolve(SETTINGS);
    }

    /** A row for each of those who are ours: how often the library's code waited for a monitor, waited on one, or took heap. */
    String table() throws IOException {
        StringBuilder table = new StringBuilder(
                "| benchmark | contended entries | waits | pieces of heap taken |\n|---|---|---|---|\n");
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(file -> file.toString().endsWith(".jfr"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            String name = directory.relativize(file).getName(0).toString();
            List<RecordedEvent> events = RecordingFile.readAllEvents(file);
            events.removeIf(event -> !isOfTheLibrary(event));
            table.append(String.format(
                    "| `%s` | %d | %d | %d |%n",
                    name.substring(name.indexOf("lines.") + "lines.".length()).replace("-AverageTime", ""),
                    count(events, "JavaMonitorEnter"),
                    count(events, "JavaMonitorWait"),
                    count(events, "ObjectAllocation")));
        }
        return table.toString();
    }

    private static long count(List<RecordedEvent> events, String kind) {
        return events.stream()
                .filter(event -> event.getEventType().getName().startsWith("jdk." + kind))
                .count();
    }

    private static boolean isOfTheLibrary(RecordedEvent event) {
        return event.getStackTrace() != null
                && event.getStackTrace().getFrames().stream()
                        .filter(frame -> frame.isJavaFrame())
                        .map(frame -> frame.getMethod().getType().getName())
                        .anyMatch(type -> type.startsWith(LIBRARY) && !type.startsWith(OWN));
    }
}
