package org.kthread.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A process of its own, which is ended, or runs out of memory, at any place. */
@Timeout(180)
class ProgramTest {
    private static final List<String> PHASES =
            List.of("AT pre_sync", "AT sync", "AT post_sync", "AT stop", "AT final", "AT undo");

    private Process process;
    private final List<String> said = new ArrayList<>();

    private BufferedReader start(String arguments, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        command.add("-cp");
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.add(Program.class.getName());
        command.addAll(List.of(arguments.split(" ", -1)));
        process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
                .start();
        return process.inputReader(StandardCharsets.UTF_8);
    }

    @AfterEach
    void kill() throws Exception {
        process.destroyForcibly().waitFor();
        process.getInputStream().close();
        process.getOutputStream().close();
    }

    private void awaitLine(BufferedReader out, String line) throws Exception {
        while (!said.contains(line)) {
            String next = out.readLine();
            if (next == null) {
                throw new AssertionError("no line \"" + line + "\": " + said);
            }
            said.add(next);
        }
    }

    private void goOn() throws Exception {
        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
    }

    private int end(BufferedReader out) throws Exception {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
        }
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        return process.exitValue();
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"boot", "running", "pre_sync", "sync", "post_sync", "stop", "final", "undo"})
    @DisplayName("SIGTERM at any place: every phase runs once, in its order, to its end")
    void sigterm(String place) throws Exception {
        sigterm(place, place);
    }

    @Test
    @DisplayName("SIGTERM after a handler has closed the kernel from inside the shutdown: the same")
    void sigtermAfterClose() throws Exception {
        sigterm("sync", "sync again");
    }

    private void sigterm(String place, String arguments) throws Exception {
        BufferedReader out = start(arguments);
        awaitLine(out, "AT " + place);
        process.toHandle().destroy(); // SIGTERM, and the streams stay open
        awaitLine(out, "TERM");
        goOn();
        assertEquals(128 + 15, end(out), () -> said.toString());
        assertEquals(1, Collections.frequency(said, "The operating system has halted."), () -> said.toString());
        assertEquals(PHASES, said.stream().filter(PHASES::contains).toList(), () -> said.toString());
    }

    @Test
    @DisplayName("A boot step that exits the JVM: never returns, and is not waited for; the step before it is undone")
    void exitInStep() throws Exception {
        BufferedReader out = start("exit");
        assertEquals(3, end(out), () -> said.toString());
        assertEquals(PHASES, said.stream().filter(PHASES::contains).toList(), () -> said.toString());
    }

    @Test
    @DisplayName("A heap that is full for good: the shutdown ends, and so does the process")
    void fullHeap() throws Exception {
        BufferedReader out = start("memory", "-Xmx24m", "-XX:+UseSerialGC");
        awaitLine(out, "AT boot");
        end(out);
    }
}
