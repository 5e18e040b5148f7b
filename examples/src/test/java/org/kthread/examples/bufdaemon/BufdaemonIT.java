package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.examples.bufdaemon.Program.Result;

/** What the program does with good input. */
class BufdaemonIT {
    @TempDir
    private Path work;

    private Path dir;
    private Path journal;

    @BeforeEach
    void paths() {
        dir = work.resolve("files");
        journal = work.resolve("journal");
    }

    private Result replay(Path trace, int loops, String... more) throws Exception {
        String[] args = new String[more.length + 8];
        String[] first = {
            "--iolog", trace.toString(), "--dir", dir.toString(), "--journal", journal.toString(), "--loop", "" + loops
        };
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        Result result = Program.run(work, args).expect(Outcome.OK);

        Verifier verifier = new Verifier(trace, loops);
        assertEquals(List.of(), verifier.verifyAll(dir));
        assertEquals(List.of(), verifier.verify(dir, Verifier.promises(journal)));
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"db-v2.iolog", "mail-v3.iolog"})
    @DisplayName("the shipped traces: everything is on disk and promised, and everything is said")
    void shipped(String name) throws Exception {
        Result result = replay(Path.of("traces", name), 1);

        assertInOrder(
                result.out(),
                "bufdaemon[",
                "vnlru[",
                "syncer[",
                "replay ",
                "system process `vnlru' to stop...",
                "system process `syncer' to stop...",
                "system process `bufdaemon' to stop...",
                "All buffers synced.",
                "Summary",
                "operations",
                "bytes",
                "hits",
                "flushes",
                "syncs",
                "dirty buffers",
                "longest stall",
                "boot ",
                "replay ",
                "pre_sync",
                "durable",
                "Shutdown HALT: clean");
        assertFalse(result.out().contains("\r"), "a progress line, and no terminal");
        assertEquals("", result.err());
        Iolog iolog = Iolog.read(Path.of("traces", name), 1L << 34);
        Map<String, Long> promises = Verifier.promises(journal);
        iolog.files()
                .forEach(f -> assertEquals(
                        f.operations().stream().mapToLong(IoOp::k).max().orElse(0), promises.get(f.name()), f.name()));
    }

    @ParameterizedTest
    @CsvSource({"1, 512, 300", "1, 1, 20", "2, 4096, 600", "8, 1000, 600", "64, 65536, 600"})
    @DisplayName("any number and size of buffers gives the same files")
    void buffers(String buffers, String block, int operations) throws Exception {
        replay(Traces.random(work, 42, operations), 2, "--buffers", buffers, "--block", block);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    @DisplayName("random overlapping writes, reads, trims and syncs, several passes, few buffers")
    void random(long seed) throws Exception {
        replay(Traces.random(work, seed, 2000), 3, "--buffers", "5", "--block", "2048");
    }

    @Test
    @DisplayName("writers wait above the high mark, and the number of dirty buffers stays at it")
    void highMark() throws Exception {
        JsonObject summary = json(replay(Traces.MAIL, 3, "--buffers", "16", "--block", "512", "--report", "json"))
                .getAsJsonObject("summary");

        // Each of the five writers may pass the mark with one buffer in hand.
        assertTrue(summary.getAsJsonObject("cache").get("mostDirty").getAsInt()
                <= Marks.of(16).hi() + 5);
        assertTrue(summary.getAsJsonObject("cache").get("flushes").getAsInt() > 0);
        assertTrue(summary.getAsJsonObject("cache").get("longestStall").getAsDouble() > 0);
    }

    @Test
    @DisplayName("more files than may be open: vnlru and those who open close others")
    void manyFiles() throws Exception {
        JsonObject summary =
                json(replay(Traces.manyFiles(work, 200), 2, "--report", "json")).getAsJsonObject("summary");

        assertTrue(summary.get("mostOpen").getAsInt() < 200, summary::toString);
    }

    @Test
    @DisplayName("at the trace's own pace: as long as the trace, and waits are honored")
    void real() throws Exception {
        Path trace = Traces.v2(
                work,
                "/x/a add",
                "/x/a open",
                "/x/a write 0 10",
                "/x/a wait 700000 0",
                "/x/a write 5 10",
                "/x/a close");

        JsonObject phases = json(replay(trace, 2, "--rate", "real", "--report", "json"))
                .getAsJsonObject("summary")
                .getAsJsonObject("phases");

        // The boot's last step starts the replayer, so its time belongs to the replay too.
        double took = phases.get("boot").getAsDouble() + phases.get("replay").getAsDouble();
        assertTrue(took >= 1.4, phases::toString);
    }

    @Test
    @DisplayName("--report json: one object on standard output, everything else on standard error")
    void json() throws Exception {
        Result result = replay(Traces.DB, 1, "--report", "json");

        JsonObject report = json(result);
        assertEquals(0, report.get("exitCode").getAsInt());
        assertEquals(1699, report.getAsJsonObject("summary").get("operations").getAsLong());
        assertEquals(9, report.getAsJsonObject("boot").getAsJsonArray("steps").size());
        assertTrue(report.has("shutdown"));
        assertTrue(result.err().contains("All buffers synced."), result::toString);
    }

    @Test
    @DisplayName("a trace that only reads, and one of nothing but add, leave empty files")
    void nothingWritten() throws Exception {
        replay(Traces.v2(work, "/x/a add", "/x/a open", "/x/a read 0 100000", "/x/a trim 0 4096", "/x/b add"), 1);

        assertEquals(0, Files.size(dir.resolve("a")));
        assertEquals(0, Files.size(dir.resolve("b")));
    }

    @Test
    @DisplayName("--overwrite empties files and journal that exist")
    void overwrite() throws Exception {
        replay(Traces.DB, 1);
        Files.writeString(dir.resolve("bystander"), "untouched");

        replay(Traces.DB, 1, "--overwrite");

        assertEquals("untouched", Files.readString(dir.resolve("bystander")));
    }

    @Test
    @DisplayName("--virtual: the same on virtual threads, and a clear refusal where there are none")
    void virtual() throws Exception {
        if (Runtime.version().feature() >= 21) {
            replay(Traces.MAIL, 2, "--virtual", "--buffers", "16");
        } else {
            Result result = Program.run(work, "--virtual", "--iolog", Traces.DB.toString(), "--dir", dir.toString());
            result.expect(Outcome.BAD_INPUT);
            assertTrue(result.err().contains("has no virtual threads"), result::toString);
        }
    }

    @Test
    @DisplayName("--help names every option and exit code, --version the version")
    void help() throws Exception {
        String help = Program.run(work, "--help").expect(0).out();
        for (String word : List.of(
                "--iolog",
                "--dir",
                "--overwrite",
                "--buffers",
                "--block",
                "--rate",
                "--loop",
                "--virtual",
                "--journal",
                "--budget",
                "--report",
                "--max-file",
                "--help",
                "--version",
                "Exit codes:")) {
            assertTrue(help.contains(word), word);
        }
        assertTrue(Program.run(work, "--version").expect(0).out().matches("bufdaemon \\d+\\.\\d+\\S*\\R"));
    }

    private static JsonObject json(Result result) {
        return JsonParser.parseString(result.out()).getAsJsonObject();
    }

    private static void assertInOrder(String text, String... parts) {
        int at = 0;
        for (String part : parts) {
            int found = text.indexOf(part, at);
            assertTrue(found >= 0, () -> "\"" + part + "\" is not in its place in\n" + text);
            at = found + part.length();
        }
    }
}
