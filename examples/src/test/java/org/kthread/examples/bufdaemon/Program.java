package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** The packaged program, in a process of its own, as a user starts it. */
final class Program implements AutoCloseable {
    private static final Path JAR = Path.of(System.getProperty("bufdaemon.jar", "target/bufdaemon.jar"));
    private static final Duration LIMIT = Duration.ofSeconds(90);

    /** How it ended, and what it said. */
    record Result(int exitCode, String out, String err) {
        Result expect(int code) {
            assertEquals(code, exitCode, this::toString);
            return this;
        }

        @Override
        public String toString() {
            return "exit " + exitCode + "\n--- standard output\n" + out + "\n--- standard error\n" + err;
        }
    }

    private final Process process;
    private final Path out;
    private final Path err;

    private Program(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it; what it says goes to two files in {@code work}. */
    static Program start(Path work, String... args) throws IOException {
        return startUnder(List.of(), work, args);
    }

    /** Starts it by a command that ends in starting what follows, as {@code env} does. */
    static Program startUnder(List<String> command, Path work, String... args) throws IOException {
        // Maven may have been started with signals ignored, as by nohup or a script's "&": the program would inherit
        // that.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=HUP,INT"));
        line.addAll(command);
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", JAR.toString()));
        line.addAll(List.of(args));
        Path out = Files.createTempFile(work, "out", ".txt");
        Path err = Files.createTempFile(work, "err", ".txt");
        Process process = new ProcessBuilder(line)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        return new Program(process, out, err);
    }

    static Result run(Path work, String... args) throws Exception {
        try (Program program = start(work, args)) {
            return program.await();
        }
    }

    String out() throws IOException {
        return Files.readString(out);
    }

    void awaitOutput(String text) {
        Awaitility.await(text)
                .atMost(LIMIT)
                .pollInterval(Duration.ofMillis(5))
                .until(() -> out().contains(text) || !process.isAlive());
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void signal(String name) throws Exception {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    Result await() throws Exception {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            signal("QUIT"); // its stacks, on standard output
            process.waitFor(2, TimeUnit.SECONDS);
            process.destroyForcibly().waitFor();
            fail("did not end in " + LIMIT + "\n" + out() + "\n" + Files.readString(err));
        }
        return new Result(process.exitValue(), out(), Files.readString(err));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
