package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.examples.bufdaemon.Program.Result;

/** A signal is a shutdown in order: what was written is synced, promised, and said. */
class SignalIT {
    private static final int LOOPS = 20;

    @TempDir
    private Path work;

    private Path dir;
    private Path journal;

    @BeforeEach
    void paths() {
        dir = work.resolve("files");
        journal = work.resolve("journal");
    }

    private Program start(Path trace, String... more) throws Exception {
        String[] args = new String[more.length + 6];
        String[] first = {"--iolog", trace.toString(), "--dir", dir.toString(), "--journal", journal.toString()};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return Program.start(work, args);
    }

    /** Exit code 0, a clean report, and all that the summary calls durable is promised and there. */
    private Result ended(Program program, Path trace, int loops) throws Exception {
        Result result = program.await().expect(Outcome.OK);
        assertTrue(result.out().contains("Shutdown HALT: clean"), result::toString);
        Map<String, Long> promises = Verifier.promises(journal);
        for (String line :
                result.out().lines().filter(l -> l.startsWith("  durable ")).toList()) {
            assertTrue(line.matches("  durable +\\S+ k=\\d+"), () -> "not all is durable: " + line);
            String[] words = line.trim().split(" +", -1);
            long k = Long.parseLong(words[2].substring(2));
            assertEquals(k, promises.getOrDefault(words[1], 0L), line);
        }
        assertEquals(List.of(), new Verifier(trace, loops).verify(dir, promises));
        return result;
    }

    private void awaitPromises(Program program) {
        Awaitility.await("a promise")
                .atMost(Duration.ofSeconds(60))
                .until(() -> (Files.exists(journal) && Files.size(journal) > 200) || !program.isAlive());
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    @DisplayName("during the replay at the trace's own pace")
    void replay(String signal) throws Exception {
        try (Program program = start(Traces.MAIL, "--rate", "real", "--loop", "" + LOOPS)) {
            awaitPromises(program);
            program.signal(signal);
            Result result = ended(program, Traces.MAIL, LOOPS);
            assertTrue(result.out().contains("system process `replay box.0' to stop... done"), result::toString);
        }
    }

    @Test
    @DisplayName("during a replay at full speed, with writers waiting for buffers")
    void fullSpeed() throws Exception {
        int loops = 200; // more than it can do in this time
        try (Program program = start(Traces.MAIL, "--loop", "" + loops, "--buffers", "4")) {
            awaitPromises(program);
            program.signal("TERM");
            ended(program, Traces.MAIL, loops);
        }
    }

    @Test
    @DisplayName("during the boot: what was started is stopped, and nothing is left")
    void boot() throws Exception {
        Path trace = Traces.manyFiles(work, 3000);
        try (Program program = start(trace)) {
            Awaitility.await("the boot")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(5))
                    .until(() -> Files.exists(dir.resolve("f100")) || !program.isAlive());
            program.signal("TERM");
            Result result = program.await().expect(Outcome.OK);
            assertTrue(result.out().contains("STEP"), result::toString);
            assertEquals(List.of(), new Verifier(trace, 1).verify(dir, Verifier.promises(journal)));
        }
    }

    @Test
    @DisplayName("during the shutdown: it changes nothing")
    void shutdown() throws Exception {
        try (Program program = start(Traces.DB)) {
            program.awaitOutput("system process `vnlru' to stop...");
            program.signal("TERM");
            ended(program, Traces.DB, 1);
            assertEquals(List.of(), new Verifier(Traces.DB, 1).verifyAll(dir));
        }
    }

    @Test
    @DisplayName("twice: the second changes nothing")
    void twice() throws Exception {
        try (Program program = start(Traces.MAIL, "--rate", "real", "--loop", "" + LOOPS)) {
            awaitPromises(program);
            program.signal("TERM");
            program.awaitOutput("system process `vnlru' to stop...");
            program.signal("TERM");
            program.signal("INT");
            ended(program, Traces.MAIL, LOOPS);
        }
    }
}
