package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kthread.examples.bufdaemon.Program.Result;

/** Bad arguments and bad traces: exit code 1, one sentence that says what is wrong, and nothing touched. */
class BadInputIT {
    @TempDir
    private Path work;

    private Path dir;
    private Path good;

    @BeforeEach
    void paths() throws Exception {
        dir = work.resolve("files");
        good = Traces.v2(work, "/x/a add", "/x/a open", "/x/a write 0 10", "/x/a close");
    }

    private Result refused(Path trace, String message, String... more) throws Exception {
        List<String> args = new ArrayList<>(List.of("--iolog", trace.toString(), "--dir", dir.toString()));
        args.addAll(List.of(more));
        Result result = Program.run(work, args.toArray(String[]::new)).expect(Outcome.BAD_INPUT);
        assertTrue(result.err().startsWith("bufdaemon: "), result::toString);
        assertTrue(result.err().contains(message), () -> "no \"" + message + "\" in " + result);
        assertFalse(result.err().contains("\tat "), () -> "a stack trace in " + result);
        assertEquals("", result.out());
        assertFalse(Files.exists(dir.resolve("a")), "a file was made");
        return result;
    }

    private Path text(String text) throws Exception {
        return Files.writeString(Files.createTempFile(work, "bad", ".iolog"), text);
    }

    @Test
    @DisplayName("no such file")
    void noSuchFile() throws Exception {
        refused(work.resolve("missing"), "missing: no such file");
    }

    @Test
    @DisplayName("a directory in place of a trace")
    void directory() throws Exception {
        refused(work, "is a directory, not a trace");
    }

    @Test
    @DisplayName("an empty trace, with and without a first line")
    void empty() throws Exception {
        refused(text(""), "the trace is empty");
        refused(text("fio version 2 iolog\n"), "the trace is empty");
    }

    @Test
    @DisplayName("an unknown version")
    void version() throws Exception {
        refused(
                text("fio version 7 iolog\n/x/a add\n"),
                "line 1: \"fio version 7 iolog\": expected \"fio version 2 iolog\" or \"fio version 3 iolog\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/x/a wriite 0 10|expected an action",
                "/x/a write 0|expected FILE ACTION [OFFSET LENGTH]",
                "/x/a write -4096 10|expected an offset as a whole number, not negative",
                "/x/a write 0 -1|expected a length as a whole number, not negative",
                "/x/a write 18446744073709551615 1|expected an offset of at most",
                "/x/a write 9223372036854775807 9223372036854775807|expected an offset and a length that end at or before",
                "/x/a write 17179869184 1|expected an offset and a length that end at or before 17179869184 (--max-file)",
                "/x/b write 0 10|expected \"add\" of this file before \"write\"",
            })
    @DisplayName("a malformed line: its number, the line, and what was expected")
    void malformed(String line, String expected) throws Exception {
        refused(
                text("fio version 2 iolog\n/x/a add\n/x/a open\n" + line + "\n"),
                "line 4: \"" + line + "\": " + expected);
    }

    @Test
    @DisplayName("a write before open")
    void notOpen() throws Exception {
        refused(
                text("fio version 2 iolog\n/x/a add\n/x/a write 0 10\n"),
                "line 3: \"/x/a write 0 10\": expected \"open\" of this file before \"write\"");
    }

    @Test
    @DisplayName("two files with the same base name")
    void collision() throws Exception {
        refused(text("fio version 2 iolog\n/x/a add\n/y/a add\n"), "line 3: \"/y/a add\": expected another name");
    }

    @Test
    @DisplayName("a file whose name leads out of the directory")
    void dotDot() throws Exception {
        refused(text("fio version 2 iolog\n/x/.. add\n"), "expected a path that ends in the name of a file");
    }

    @Test
    @DisplayName("--max-file is a limit of the trace's choice of offsets")
    void maxFile() throws Exception {
        refused(good, "(--max-file)", "--max-file", "9");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--buffers 0|--buffers 0: at least 1",
                "--buffers -3|--buffers -3: at least 1",
                "--buffers many|many",
                "--buffers 2000000000|do not fit",
                "--block 0|--block 0: at least 1",
                "--block 1T|at most",
                "--block 4096x|is no size",
                "--loop 0|--loop 0: at least 1",
                "--loop 9223372036854775807 --overwrite|",
                "--budget 0|--budget 0: at least 1",
                "--rate warp|warp",
                "--report xml|xml",
                "--max-file 99999999T|more bytes than fit",
                "--frobnicate|--frobnicate",
                "stray|stray",
            })
    @DisplayName("bad arguments")
    void arguments(String arguments, String message) throws Exception {
        if (message != null) {
            refused(good, message, arguments.split(" ", -1));
        } else {
            // One write a pass: the largest loop just fits, and would take very long.
            refused(
                    text("fio version 2 iolog\n/x/a add\n/x/a open\n/x/a write 0 1\n/x/a write 0 1\n"),
                    "the numbers of the writes do not fit",
                    arguments.split(" ", -1));
        }
    }

    @Test
    @DisplayName("no arguments at all")
    void nothing() throws Exception {
        Result result = Program.run(work).expect(Outcome.BAD_INPUT);
        assertTrue(result.err().contains("--iolog") && result.err().contains("--dir"), result::toString);
    }

    @Test
    @DisplayName("a file that exists, without --overwrite: it is left as it is")
    void exists() throws Exception {
        Files.createDirectory(dir);
        Files.writeString(dir.resolve("b"), "precious");
        refused(text("fio version 2 iolog\n/x/a add\n/x/b add\n/x/b open\n"), "exists; --overwrite empties it");
        assertEquals("precious", Files.readString(dir.resolve("b")));
    }

    @Test
    @DisplayName("--overwrite follows no link out of the directory, and empties no file that has a second name")
    void links() throws Exception {
        Path outside = Files.writeString(work.resolve("outside"), "precious");
        Files.createDirectory(dir);
        Path trace = text("fio version 2 iolog\n/x/b add\n/x/b open\n/x/b write 0 1\n");
        Files.createSymbolicLink(dir.resolve("b"), outside);
        refused(trace, "is no regular file", "--overwrite");
        Files.delete(dir.resolve("b"));
        Files.createSymbolicLink(dir.resolve("b"), work.resolve("nowhere"));
        refused(trace, "is no regular file", "--overwrite");
        Files.delete(dir.resolve("b"));
        Files.createLink(dir.resolve("b"), outside);
        refused(trace, "has another name", "--overwrite");
        Files.delete(dir.resolve("b"));
        Files.createDirectory(dir.resolve("b"));
        refused(trace, "is no regular file", "--overwrite");
        assertEquals("precious", Files.readString(outside));
    }

    @Test
    @DisplayName("the trace or the journal as a file of the trace, even with --overwrite")
    void itself() throws Exception {
        Files.createDirectory(dir);
        Path trace = Files.copy(good, dir.resolve("b"));
        Files.writeString(trace, "fio version 2 iolog\n/x/b add\n");
        refused(trace, "is the trace or the journal", "--overwrite");
        refused(good, "is the trace", "--overwrite", "--journal", good.toString());
        refused(
                good,
                "is a file of the trace",
                "--overwrite",
                "--journal",
                dir.resolve("a").toString());
    }

    @Test
    @DisplayName("a journal that promises something already, or cannot be written")
    void journal() throws Exception {
        Path journal = Files.writeString(work.resolve("journal"), "durable a k=7\n");
        refused(good, "exists; --overwrite empties it", "--journal", journal.toString());
        refused(good, "is a directory", "--journal", work.toString());
        refused(
                good,
                "its directory does not exist",
                "--journal",
                work.resolve("no/journal").toString());
        assertEquals("durable a k=7\n", Files.readString(journal));
    }

    @Test
    @DisplayName("--dir not writable, or no directory")
    void dir() throws Exception {
        dir = Path.of("/proc");
        refused(good, "--dir /proc: is not writable");
        dir = good;
        refused(good, "is not a directory");
    }
}
