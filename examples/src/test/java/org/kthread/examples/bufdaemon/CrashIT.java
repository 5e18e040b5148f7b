package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The program is started and ended by SIGTERM, SIGINT or SIGKILL at a random moment, many times over: nothing that the journal
 * promises is ever missing on disk. {@code -Dcrash.rounds=1000} for the long run, {@code -Dcrash.seed=N} to see one again.
 *
 * <p>A kill loses what the process had in memory; it does not lose what the system has. That a promise comes after the force is
 * for the tests of the cache.
 */
class CrashIT {
    private static final int LOOPS = 40;
    private static final int LONGEST_LIFE_MILLIS = 1500;

    @TempDir
    private Path work;

    @Test
    @DisplayName("nothing in the journal is missing on disk, whenever the program ends and however")
    void crashLoop() throws Exception {
        int rounds = Integer.getInteger("crash.rounds", 15);
        long seed = Long.getLong("crash.seed", System.nanoTime());
        Random random = new Random(seed);
        Verifier[] verifiers = {new Verifier(Traces.DB, LOOPS), new Verifier(Traces.MAIL, LOOPS)};
        long promised = 0;
        for (int round = 1; round <= rounds; round++) {
            String name = "seed " + seed + ", round " + round;
            int which = random.nextInt(2);
            promised += round(random, which == 0 ? Traces.DB : Traces.MAIL, verifiers[which], name);
        }
        System.out.println("crash loop: " + rounds + " rounds, seed " + seed + ", " + promised + " promises kept");
        assertTrue(promised > 0, "no round lived long enough to promise anything");
    }

    private int round(Random random, Path trace, Verifier verifier, String name) throws Exception {
        Path round = Files.createTempDirectory(work, "round");
        Path dir = round.resolve("files");
        Path journal = round.resolve("journal");
        String buffers = Integer.toString(1 + random.nextInt(100));
        String block = Integer.toString(512 << random.nextInt(6));
        String signal = List.of("KILL", "KILL", "TERM", "INT").get(random.nextInt(4));
        try (Program program = Program.start(
                round,
                "--iolog",
                trace.toString(),
                "--dir",
                dir.toString(),
                "--journal",
                journal.toString(),
                "--buffers",
                buffers,
                "--block",
                block,
                "--loop",
                Integer.toString(LOOPS))) {
            // The moment is random on purpose; nothing depends on it.
            LockSupport.parkNanos(
                    Duration.ofMillis(random.nextInt(LONGEST_LIFE_MILLIS)).toNanos());
            program.signal(signal);
            if (!signal.equals("KILL") && Files.exists(journal)) {
                program.await().expect(Outcome.OK);
            }
        }
        Map<String, Long> promises = Verifier.promises(journal);
        assertEquals(
                List.of(),
                verifier.verify(dir, promises),
                name + ": SIG" + signal + ", --buffers " + buffers + " --block " + block + ", " + trace);
        return promises.size();
    }
}
