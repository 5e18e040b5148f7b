package org.kthread.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs the README shows. */
class ShortProgramsIT {
    @TempDir
    private Path work;

    private Process start(Class<?> program) throws IOException {
        return new ProcessBuilder(
                        "env",
                        "--default-signal=INT", // whoever runs the tests may ignore it: a job in the background does
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        "target/bufdaemon.jar",
                        program.getName())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("out").toFile())
                .start();
    }

    private String out() throws IOException {
        return Files.readString(work.resolve("out"));
    }

    @Test
    @DisplayName("ManualDaemon: flushes, is quiet while held, and is stopped")
    void manualDaemon() throws Exception {
        Process program = start(ManualDaemon.class);

        assertTrue(program.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, program.exitValue(), this::outOrFailure);
        for (String part : new String[] {
            "flushed 42 buffers",
            "[bufdaemon] held by snapshot",
            "system process `bufdaemon' to stop... done",
            "Shutdown HALT: clean"
        }) {
            assertTrue(out().contains(part), this::outOrFailure);
        }
    }

    @Test
    @DisplayName("EmbeddedInMain: Ctrl-C stops both in order; everything that was made is stored")
    void embeddedInMain() throws Exception {
        Process program = start(EmbeddedInMain.class);
        Awaitility.await("two items")
                .atMost(Duration.ofSeconds(60))
                .until(() -> out().contains("stored 2") || !program.isAlive());
        new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor();

        assertTrue(program.waitFor(60, TimeUnit.SECONDS));
        assertEquals(130, program.exitValue(), this::outOrFailure); // the JVM's own, after SIGINT
        int source = out().indexOf("system process `source' to stop... done");
        int store = out().indexOf("system process `store' to stop... done");
        assertTrue(source > 0 && store > source, this::outOrFailure);
        assertTrue(out().contains("The operating system has halted."), this::outOrFailure);
    }

    private String outOrFailure() {
        try {
            return out();
        } catch (IOException e) {
            return e.toString();
        }
    }
}
