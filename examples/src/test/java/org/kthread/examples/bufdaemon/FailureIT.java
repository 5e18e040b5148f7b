package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.examples.bufdaemon.Program.Result;

/** Disks that fail, lie or hang: the program says so, and promises nothing that is not there. */
class FailureIT {
    @TempDir
    private Path work;

    private Path dir;
    private Path journal;

    @BeforeEach
    void paths() {
        dir = work.resolve("files");
        journal = work.resolve("journal");
    }

    private String[] args(Path trace, String... more) {
        String[] args = new String[more.length + 6];
        String[] first = {"--iolog", trace.toString(), "--dir", dir.toString(), "--journal", journal.toString()};
        System.arraycopy(first, 0, args, 0, first.length);
        System.arraycopy(more, 0, args, first.length, more.length);
        return args;
    }

    private void ioFailure(Result result, Path trace, int loops) throws Exception {
        result.expect(Outcome.IO_FAILURE);
        assertTrue(result.err().contains("bufdaemon: I/O failure: "), result::toString);
        assertTrue(result.err().contains("only what is listed as durable is promised"), result::toString);
        assertTrue(result.out().contains("  durable "), result::toString);
        assertEquals(List.of(), new Verifier(trace, loops).verify(dir, Verifier.promises(journal)));
    }

    private void awaitPromise(Program program, String line) {
        Awaitility.await(line)
                .atMost(Duration.ofSeconds(60))
                .until(() -> (Files.exists(journal) && Files.readString(journal).contains(line + "\n"))
                        || !program.isAlive());
    }

    @Test
    @DisplayName("a full disk: exit code 4, and what is durable is said")
    void fullDisk() throws Exception {
        Path disk = Files.createDirectory(work.resolve("disk"));
        boolean mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor()
                == 0;
        // Who may not mount gets a limit on the size of a file instead: it fails the same calls.
        List<String> limit = List.of("bash", "-c", "ulimit -f 256; exec \"$@\"", "limited");
        try {
            dir = disk.resolve("files");
            try (Program program =
                    Program.startUnder(mounted ? List.of("env") : limit, work, args(Traces.DB, "--budget", "8"))) {
                ioFailure(program.await(), Traces.DB, 1);
            }
        } finally {
            if (mounted) {
                new ProcessBuilder("umount", disk.toString()).start().waitFor();
            }
        }
    }

    @Test
    @DisplayName("a limit on the size of a file, met by bufdaemon and syncer only: nobody dies silently")
    void fileTooLarge() throws Exception {
        Path trace = Traces.v2(
                work, "/x/a add", "/x/a open", "/x/a write 0 4000000", "/x/a wait 300000000 0", "/x/a read 0 1");
        List<String> limit = List.of("bash", "-c", "ulimit -f 256; exec \"$@\"", "limited");
        try (Program program =
                Program.startUnder(limit, work, args(trace, "--rate", "real", "--budget", "8", "--buffers", "400"))) {
            ioFailure(program.await(), trace, 1);
        }
    }

    @Test
    @DisplayName("a file that is gone: a sync of it is no promise")
    void fileGone() throws Exception {
        Path trace = Traces.v2(
                work,
                "/x/a add",
                "/x/a open",
                "/x/a write 0 100",
                "/x/a sync 0 0",
                "/x/a wait 1500000 0",
                "/x/a write 0 100",
                "/x/a sync 0 0");
        try (Program program = Program.start(work, args(trace, "--rate", "real", "--budget", "8"))) {
            awaitPromise(program, "durable a k=1");
            Files.delete(dir.resolve("a"));
            Result result = program.await().expect(Outcome.IO_FAILURE);
            assertTrue(result.err().contains("a: the file is gone"), result::toString);
            assertFalse(Files.readString(journal).contains("durable a k=2"));
            assertTrue(result.out().contains("a k=1 of 2"), result::toString);
        }
    }

    @Test
    @DisplayName("a read that does not give what was written: a panic, exit code 2")
    void mismatch() throws Exception {
        Path trace = Traces.v2(
                work,
                "/x/a add",
                "/x/a open",
                "/x/a write 0 1000",
                "/x/a sync 0 0",
                "/x/a write 512 1",
                "/x/a wait 1500000 0",
                "/x/a read 0 1000");
        try (Program program = Program.start(work, args(trace, "--rate", "real", "--buffers", "1", "--block", "512"))) {
            awaitPromise(program, "durable a k=1");
            try (RandomAccessFile file = new RandomAccessFile(dir.resolve("a").toFile(), "rw")) {
                file.seek(100);
                int old = file.read();
                file.seek(100);
                file.write(old ^ 1);
            }
            Result result = program.await().expect(Outcome.MISMATCH);
            assertTrue(result.err().contains("position 100 holds"), result::toString);
            assertTrue(result.out().contains("panic: a: line 8: read 0 1000: position 100 holds"), result::toString);
        }
    }

    @Test
    @DisplayName(
            "a journal that nobody reads blocks who writes it: the shutdown ends in its budget and names who, exit code 3")
    void stuck() throws Exception {
        assertEquals(0, new ProcessBuilder("mkfifo", journal.toString()).start().waitFor());
        // Keeps the pipe open and reads nothing; cat fills it, and is ended when it cannot go on.
        try (RandomAccessFile reader = new RandomAccessFile(journal.toFile(), "rw")) {
            assertTrue(reader.getFD().valid());
            new ProcessBuilder("timeout", "1", "cat", "/dev/zero")
                    .redirectOutput(journal.toFile())
                    .start()
                    .waitFor();
            stuckInJournal();
        }
    }

    private void stuckInJournal() throws Exception {
        try (Program program = Program.start(work, args(Traces.DB, "--budget", "8"))) {
            Awaitility.await("the first promise")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> stacks(program).contains("Journal.durable") || !program.isAlive());
            program.signal("TERM");
            Result result = program.await().expect(Outcome.LEFT_BEHIND);
            assertTrue(result.out().contains("to stop... timed out"), result::toString);
            assertTrue(result.out().contains("Journal.durable"), result::toString);
            assertTrue(result.err().contains("the shutdown left something behind"), result::toString);
        }
    }

    /** What SIGQUIT makes the JVM say, of the moment and of earlier ones. */
    private static String stacks(Program program) throws Exception {
        program.signal("QUIT");
        return program.out();
    }
}
