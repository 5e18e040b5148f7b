package org.kthread.soak;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.lwp.Lwps;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Action;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.Stuck;

/** The soak can fail: each of its checks catches what is planted for it. */
@Timeout(60)
@DisplayName("The soak catches")
class PlantedSoakTest {
    private static final Duration LIMIT = Caller.LIMIT;

    @TempDir
    private Path directory;

    private final Mute mute = new Mute();
    private World world;

    @BeforeEach
    void start() {
        world = new World(new Figures(), directory, 20, LIMIT);
    }

    @AfterEach
    void stop() {
        world.kernel.close();
        mute.close();
    }

    private Proc create(Action main) {
        return world.kernel
                .kthreads()
                .kthreadCreate(KthreadSpec.named("planted").main(main));
    }

    private void requireCaught(String word) {
        AssertionError caught = assertThrows(AssertionError.class, world::check);
        assertTrue(String.valueOf(caught.getMessage()).contains(word), caught::getMessage);
    }

    private void requireCaughtAtTheEnd(String word) throws Exception {
        AssertionError caught = assertThrows(AssertionError.class, () -> world.end(Howto.HALT));
        assertTrue(String.valueOf(caught.getMessage()).contains(word), caught::getMessage);
    }

    @Test
    @DisplayName("nothing, where nothing is planted")
    void nothing() throws Exception {
        create(() -> world.life().work(10)).join(LIMIT);
        world.end(Howto.HALT);
    }

    @Test
    @DisplayName("a daemon that works while it is suspended: in a region")
    void worker() throws Exception {
        Door inside = new Door();
        Proc proc = create(() -> CurThread.quiescent("cheat", () -> {
            inside.open();
            while (!CurThread.shouldStop()) {
                world.life().work(1000);
            }
        }));
        inside.await();
        try (Suspension quiet = proc.hold("soak", LIMIT)) {
            List<Kthread> held = proc.kthreads();
            Caller.eventually(() -> {
                world.requireStill(held, quiet.owner());
                return world.isViolated();
            });
        }
        requireCaught("works while");
    }

    @Test
    @DisplayName("a pid that two have")
    void pid() throws Exception {
        World other = new World(new Figures(), directory, 20, LIMIT);
        Stuck stuck = new Stuck();
        Proc mine = create(stuck);
        Proc theirs =
                other.kernel.kthreads().kthreadCreate(KthreadSpec.named("twin").main(() -> {}));
        assertTrue(mine.pid() == theirs.pid());
        world.created(theirs);
        requireCaught("pid");
        stuck.release();
        other.end(Howto.HALT);
    }

    @Test
    @DisplayName("an lwp that nobody tracks, and nobody releases")
    void lwp() throws Exception {
        Caller.run("leaker", () -> {
                    world.kernel.lwps().rfork(Lwps.RUMP_RFCFDG);
                    world.kernel.lwps().switchTo(null);
                })
                .result();
        requireCaughtAtTheEnd("processes are left");
    }

    @Test
    @DisplayName("a descriptor that is not closed, and one that is closed twice")
    void descriptor() throws Exception {
        AutoCloseable twice = world.descriptor();
        twice.close();
        twice.close();
        requireCaught("closed twice");
        World other = new World(new Figures(), directory, 20, LIMIT);
        assertTrue(other.descriptor() != null);
        AssertionError caught = assertThrows(AssertionError.class, () -> other.end(Howto.HALT));
        assertTrue(caught.getMessage().contains("left open"), caught::getMessage);
    }

    @Test
    @DisplayName("a file that stays open")
    void file() throws Exception {
        if (World.files() > 0) { // where the system tells
            Path file = Files.writeString(directory.resolve("f"), "text");
            long before = World.files();
            try (InputStream in = Files.newInputStream(file)) {
                assertTrue(in.read() >= 0 && World.files() > before);
            }
        }
    }

    @Test
    @DisplayName("a thread that stays")
    void thread() throws Exception {
        World other = new World(new Figures(), directory, 20, Duration.ofMillis(500));
        Stuck stuck = new Stuck();
        Proc proc =
                other.kernel.kthreads().kthreadCreate(KthreadSpec.named("stays").main(stuck));
        stuck.awaitInside();
        AssertionError caught = assertThrows(AssertionError.class, () -> other.end(Howto.HALT));
        assertTrue(caught.getMessage().contains("threads are left"), caught::getMessage);
        stuck.release();
        assertTrue(proc.join(LIMIT));
    }

    @Nested
    @DisplayName("of the heap")
    class OfTheHeap {
        private final Heap heap = new Heap();

        private void lives(long... bytes) {
            for (long each : bytes) {
                heap.add(each << 20);
            }
        }

        @Test
        @DisplayName("that it grows")
        void grows() {
            lives(10, 11, 12, 40, 41, 42);
            assertThrows(AssertionError.class, heap::requireFlat);
        }

        @Test
        @DisplayName("not that it comes and goes")
        void comesAndGoes() {
            lives(10, 30, 12, 80, 20, 90);
            assertDoesNotThrow(heap::requireFlat);
        }
    }
}
