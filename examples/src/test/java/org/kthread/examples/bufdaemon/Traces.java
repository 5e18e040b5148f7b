package org.kthread.examples.bufdaemon;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** Traces for tests: the shipped ones, and small ones made to a purpose. */
final class Traces {
    static final Path DB = Path.of("traces/db-v2.iolog");
    static final Path MAIL = Path.of("traces/mail-v3.iolog");

    private Traces() {}

    /** A version 2 trace of these lines. */
    static Path v2(Path work, String... lines) throws IOException {
        Path trace = Files.createTempFile(work, "trace", ".iolog");
        return Files.writeString(trace, "fio version 2 iolog\n" + String.join("\n", lines) + "\n");
    }

    /** One write, one sync and one read to each of many files. */
    static Path manyFiles(Path work, int files) throws IOException {
        String[] lines = new String[6 * files];
        for (int i = 0; i < files; i++) {
            String name = "/many/f" + i;
            lines[i] = name + " add";
            lines[files + i] = name + " open";
            lines[2 * files + i] = name + " write " + i + " 3000";
            lines[3 * files + i] = name + " sync 0 0";
            lines[4 * files + i] = name + " read 0 4000";
            lines[5 * files + i] = name + " close";
        }
        return v2(work, lines);
    }

    /** Random writes, reads, trims and syncs of two files, overlapping a lot. */
    static Path random(Path work, long seed, int operations) throws IOException {
        Random random = new Random(seed);
        String[] actions = {"write", "write", "write", "write", "read", "read", "trim", "sync", "datasync", "wait"};
        String[] lines = new String[operations + 4];
        for (int i = 0; i < 4; i++) {
            lines[i] = "/random/" + "ab".charAt(i % 2) + (i < 2 ? " add" : " open");
        }
        for (int i = 4; i < lines.length; i++) {
            String action = actions[random.nextInt(actions.length)];
            lines[i] = "/random/" + "ab".charAt(random.nextInt(2)) + " " + action + " " + random.nextInt(60_000) + " "
                    + random.nextInt(9_000);
        }
        return v2(work, lines);
    }
}
