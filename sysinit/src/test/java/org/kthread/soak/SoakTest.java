package org.kthread.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Life after life of a kernel full of daemons that do everything at random, every invariant checked as it runs. For {@code
 * -Dsoak.seconds}, with the dice of {@code -Dsoak.seed}, up to {@code -Dsoak.daemons} processes at once.
 */
@DisplayName("Nothing is lost, hung or leaked in a soak of")
class SoakTest {
    private static final long SECONDS = Long.getLong("soak.seconds", 20);
    private static final long SEED = Long.getLong("soak.seed", System.nanoTime());
    private static final long SECOND = 1_000_000_000L;
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final boolean VIRTUAL = Runtime.version().feature() >= 24;
    private static final int MOST = Integer.getInteger("soak.daemons", VIRTUAL ? 3000 : 1500);

    @TempDir
    private Path directory;

    @Test
    @DisplayName("many lives")
    @SuppressWarnings("SystemOut") // the figures, and on failure the seed, are for people
    void soak() throws Exception {
        Figures figures = new Figures();
        Heap heap = new Heap();
        long end = System.nanoTime() + SECONDS * SECOND;
        Random random = new Random(SEED);
        long files = 0;
        Mute mute = new Mute();
        try {
            for (int life = 0; life <= Heap.WARM_UP || System.nanoTime() < end; life++) {
                long length = SECOND + random.nextInt(2_000_000_000);
                figures.note("life " + life);
                Epoch epoch = new Epoch(figures, directory, random.nextLong(), MOST, VIRTUAL);
                World.within("soak-life", LONGEST, () -> {
                    epoch.run(length);
                    return true;
                });
                heap.measure();
                files = life == 0 ? World.files() : files;
            }
            assertEquals(files, World.files(), "files are left open");
            heap.requireFlat();
            for (Op op : Op.values()) {
                assertTrue(figures.of(op) > 0, () -> op + " was never done: this soak is too short, or too soft");
            }
        } catch (Throwable t) {
            System.out.println("soak: FAILED with -Dsoak.seed=" + SEED + " after " + figures.boots
                    + " boots; the last events:\n  " + figures.history());
            throw t;
        } finally {
            mute.close();
        }
        System.out.println(figures.line(SEED, SECONDS, heap));
    }
}
