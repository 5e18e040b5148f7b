package org.kthread.benchmarks;

import com.google.gson.Gson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts JVMs that measure, with the same JDK and classes as this one, and waits for them. */
final class Fork {
    private static final long MOST_SECONDS = 600;

    private Fork() {}

    /** Runs a main that writes what it has measured into the file named by its last argument; gives what it wrote. */
    static String run(Class<?> main, List<String> jvmArgs, String... args) throws IOException, InterruptedException {
        Path out = Files.createTempFile("bench", ".json");
        Path log = Files.createTempFile("bench", ".log");
        try {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(jvmArgs);
            command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
            command.addAll(List.of(args));
            command.add(out.toString());
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            if (!process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IOException("not done in " + MOST_SECONDS + " s: " + String.join(" ", command) + "\n"
                        + Files.readString(log));
            }
            if (process.exitValue() != 0) {
                throw new IOException("exit " + process.exitValue() + ": " + String.join(" ", command) + "\n"
                        + Files.readString(log));
            }
            return Files.readString(out);
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(log);
        }
    }

    static String run(Class<?> main, List<String> jvmArgs, Gson gson, Object order)
            throws IOException, InterruptedException {
        Path in = Files.createTempFile("bench", ".json");
        try {
            Files.writeString(in, gson.toJson(order));
            return run(main, jvmArgs, in.toString());
        } finally {
            Files.deleteIfExists(in);
        }
    }
}
