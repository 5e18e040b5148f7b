package org.kthread.benchmarks.growth;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM like this one, with its own heap, for something that is to be alone. Its output is this one's. */
final class Child {
    private Child() {}

    /** Runs a main to its end; gives the exit status. */
    static int run(Class<?> main, List<String> jvmArgs, String... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmArgs);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(args));
        Process process = new ProcessBuilder(command).inheritIO().start();
        Thread last = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(last); // nobody leaves a JVM of gigabytes behind
        try {
            return process.waitFor();
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(last);
        }
    }
}
