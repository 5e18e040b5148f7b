package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.SuspendRequest;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;

/** What the kernel's daemons promise, by a clock that the test moves. */
@Timeout(60)
class DaemonsTest {
    private static final int BUFFERS = 100; // lo 22, mid 33, hi 45
    private static final int BLOCK = 512;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir
    private Path dir;

    private final ManualClock clock = new ManualClock();
    private final Outcome outcome = new Outcome();
    private final BlockingQueue<Vnode> firstDirty = new LinkedBlockingQueue<>();
    private Kernel kernel;
    private FileTable files;
    private BufferCache cache;

    @BeforeEach
    void start() throws Exception {
        kernel = Kernel.start(KernelConfig.defaults().withClock(clock).withConsole(line -> {}));
        files = new FileTable(8, () -> {});
        files.create(dir, IntStream.range(0, 20).mapToObj(i -> "f" + i).toList());
        cache = new BufferCache(kernel.sleepQueues(), BUFFERS, BLOCK, firstDirty::add);
    }

    /** Ends as every test must: nothing fails, and no thread is left. Nothing here needs the clock to move. */
    @AfterEach
    void end() throws Exception {
        files.close();
        assertEquals(List.of(), kernel.reboot(Howto.HALT).leftThreads());
        assertEquals(null, outcome.ioFailure());
    }

    /** On what the daemons run: a subclass chooses virtual threads. */
    protected KthreadSpec host(KthreadSpec spec) {
        return spec;
    }

    private Proc run(String name, Action main) {
        return kernel.kthreads().kthreadCreate(host(KthreadSpec.named(name).main(main)));
    }

    private static void await(String what, Callable<Boolean> condition) {
        Awaitility.await(what)
                .atMost(Duration.ofSeconds(20))
                .pollInterval(Duration.ofMillis(2))
                .until(condition);
    }

    /** Changes one block of the first file. */
    private void dirty(long block) throws Exception {
        Vnode vnode = files.vnodes().get(0);
        Buf buf = cache.getblk(vnode, block, true);
        Pattern.fill(buf.data, 0, BLOCK, 1, block * BLOCK);
        cache.bdwrite(buf, (block + 1) * BLOCK);
    }

    private void dirty(int from, int to) throws Exception {
        for (int block = from; block < to; block++) {
            dirty(block);
        }
    }

    private int dirtyNow() {
        return cache.stats().dirty();
    }

    /** bufdaemon, asleep. */
    private Proc bufdaemon() {
        Proc bufdaemon = run("bufdaemon", new Flusher(cache, outcome)::main);
        await("bufdaemon sleeps", () -> asleep("bufdaemon", "psleep"));
        return bufdaemon;
    }

    private boolean asleep(String name, String wmesg) {
        for (var row : kernel.ps()) {
            if (row.comm().equals(name) && wmesg.equals(row.wmesg())) {
                return true;
            }
        }
        return false;
    }

    @Test
    @DisplayName("B1: an idle bufdaemon wakes once a second, not more")
    void idle() {
        bufdaemon();

        for (int i = 1; i <= 5; i++) {
            clock.advance(SECOND.minusMillis(1));
            assertEquals(i - 1, cache.stats().wakeups());
            clock.advance(Duration.ofMillis(1));
            long wakeups = i;
            await("it wakes", () -> cache.stats().wakeups() == wakeups && asleep("bufdaemon", "psleep"));
        }
    }

    @Test
    @DisplayName("B2: crossing the middle of the marks upward wakes bufdaemon, once; it flushes to the low mark")
    void crossing() throws Exception {
        bufdaemon();

        dirty(0, 33);
        assertEquals(0, cache.stats().wakeups());
        assertEquals(33, dirtyNow());
        dirty(33);
        await("it flushes", () -> dirtyNow() == 22 && asleep("bufdaemon", "psleep"));
        assertEquals(1, cache.stats().wakeups());
        assertEquals(12, cache.stats().flushes());
    }

    @Test
    @DisplayName(
            "B2: with no buffer left it hurries: to half of what is dirty, and after a tenth of a second to the low mark")
    void speedup() throws Exception {
        Proc bufdaemon = bufdaemon();
        bufdaemon.suspend(SECOND);
        dirty(0, BUFFERS);
        Proc writer = run("writer", () -> dirty(BUFFERS));
        await("no buffer left", () -> asleep("writer", "newbuf"));

        bufdaemon.resume();
        writer.join(Duration.ofSeconds(20));
        await("half of it", () -> asleep("bufdaemon", "qsleep"));
        int half = dirtyNow();
        assertTrue(half == BUFFERS / 2 || half == BUFFERS / 2 + 1, "the writer's own may be among " + half);
        clock.advance(Duration.ofMillis(100));
        await("the rest", () -> dirtyNow() == 22);
    }

    @Test
    @DisplayName("a writer above the high mark sleeps until the number of dirty buffers has fallen to the middle")
    void writersWait() throws Exception {
        dirty(0, 46);
        Proc writer = run("writer", () -> {
            cache.bwillwrite();
            dirty(46);
        });
        await("it waits", () -> asleep("writer", "flswai"));

        while (dirtyNow() > 34) {
            assertTrue(cache.flushOne(0));
        }
        assertTrue(asleep("writer", "flswai"), "34 is above the middle");
        cache.flushOne(0);
        assertTrue(writer.join(Duration.ofSeconds(20)));
        assertEquals(34, dirtyNow());
    }

    @Test
    @DisplayName("fsync writes and forces what the cache has of the file, and says up to which write")
    void fsync() throws Exception {
        Vnode vnode = files.vnodes().get(0);
        dirty(0, 10);
        cache.written(vnode, 7);

        assertEquals(7, cache.fsync(vnode));

        assertEquals(0, dirtyNow());
        assertFalse(vnode.isUnforced());
        byte[] disk = Files.readAllBytes(vnode.path);
        byte[] must = new byte[10 * BLOCK];
        Pattern.fill(must, 0, must.length, 1, 0);
        assertArrayEquals(must, disk);
    }

    @Test
    @DisplayName(
            "a sync waits for a buffer that is on its way to the disk, and the promise is not in the journal before")
    void promiseComesLast() throws Exception {
        Vnode vnode = files.vnodes().get(0);
        Path promises = dir.resolve("journal");
        Journal journal = new Journal();
        journal.open(promises);
        dirty(0, 2);
        cache.written(vnode, 5);
        Buf underway = cache.getblk(vnode, 1, false);
        IoOp sync = new IoOp(1, 0, IoOp.Action.SYNC, 0, 0, 0);
        Replayer replayer = new Replayer(
                new Iolog.TracedFile(vnode.name, List.of(sync)),
                vnode,
                new Replayer.Context(
                        cache,
                        kernel.sleepQueues(),
                        clock,
                        journal,
                        outcome,
                        new Replayer.Progress(1),
                        false,
                        new Replayer.Passes(1, 0, 0)));
        Proc replay = run("replay", replayer::main);
        await("it waits", () -> asleep("replay", "biowr"));
        assertEquals("", Files.readString(promises));

        cache.brelse(underway);
        assertTrue(replay.join(Duration.ofSeconds(20)));
        assertEquals("durable f0 k=5\n", Files.readString(promises));
        assertEquals(0, dirtyNow());
        journal.close();
    }

    @Test
    @DisplayName("V1: vnlru is suspended at once, in the middle of its sleep")
    void vnlru() throws Exception {
        Proc vnlru = run("vnlru", new Vnlru(files, kernel.sleepQueues(), outcome)::main);
        await("it sleeps", () -> asleep("vnlru", "vlruwt"));

        assertEquals(Verdict.SUSPENDED, vnlru.suspend(SECOND).verdict()); // this clock does not move
    }

    @Test
    @DisplayName(
            "vnlru closes the files not used for longest; nobody opens more than the limit; a closed file is opened again")
    void limit() throws Exception {
        for (Vnode vnode : files.vnodes()) {
            vnode.write(new byte[] {1}, 1, 0);
        }
        assertEquals(8, files.mostOpenFiles());
        run("vnlru", new Vnlru(files, kernel.sleepQueues(), outcome)::main);
        await("nine tenths", () -> files.openFiles() == 7);

        byte[] data = new byte[2];
        files.vnodes().get(0).read(data, 2, 0);
        assertEquals(1, data[0]);
        assertEquals(0, data[1]);
    }

    @Test
    @DisplayName("syncer writes a file 30 seconds after it got dirty")
    void thirtySeconds() throws Exception {
        BlockingQueue<Vnode> synced = new LinkedBlockingQueue<>();
        Syncer syncer = syncer(synced);
        syncer.add(files.vnodes().get(3));

        for (int second = 1; second < Syncer.FILE_DELAY; second++) {
            tick(SECOND);
            assertTrue(synced.isEmpty(), second + " seconds");
        }
        tick(SECOND);
        assertEquals(files.vnodes().get(3), synced.take());
        assertEquals(0, syncer.remaining());
    }

    @Test
    @DisplayName(
            "Y1: at shutdown syncer writes all, waits four more rounds, and only then answers; a plain suspend it does not")
    void drains() throws Exception {
        BlockingQueue<Vnode> synced = new LinkedBlockingQueue<>();
        Syncer syncer = syncer(synced);
        syncer.add(files.vnodes().get(3));
        SuspendRequest ask = kernel.pfind(2).orElseThrow().ask("test");
        tick(SECOND);
        tick(SECOND);
        assertEquals(Verdict.TIMED_OUT, ask.verdict(), "running, it is not suspended");

        syncer.shutdown(Howto.HALT);
        assertEquals(files.vnodes().get(3), synced.take());
        await("the round is over", () -> asleep("syncer", "syncer"));
        for (int round = 0; round < 5; round++) {
            assertEquals(Verdict.TIMED_OUT, ask.verdict(), "round " + round);
            tick(Duration.ofMillis(250));
        }
        clock.advance(Duration.ofMillis(250));
        assertEquals(Verdict.SUSPENDED, ask.await(SECOND).verdict());
    }

    @Test
    @DisplayName("Y1: without a sync syncer writes nothing")
    void nosync() throws Exception {
        BlockingQueue<Vnode> synced = new LinkedBlockingQueue<>();
        Syncer syncer = syncer(synced);
        syncer.add(files.vnodes().get(3));
        SuspendRequest ask = kernel.pfind(2).orElseThrow().ask("test");

        syncer.shutdown(Howto.HALT.nosync());
        assertEquals(Verdict.SUSPENDED, ask.await(SECOND).verdict());
        assertTrue(synced.isEmpty());
    }

    private Syncer syncer(BlockingQueue<Vnode> synced) {
        Syncer syncer = new Syncer(
                vnode -> {
                    synced.add(vnode);
                    return false;
                },
                kernel.sleepQueues(),
                clock,
                line -> {});
        assertEquals(2, run("syncer", syncer::main).pid());
        await("it sleeps", () -> asleep("syncer", "syncer"));
        return syncer;
    }

    /** Lets one round of syncer pass. */
    private void tick(Duration nap) {
        long deadline = clock.nextDeadline();
        clock.advance(nap);
        await("a round", () -> clock.nextDeadline() > deadline && asleep("syncer", "syncer"));
    }
}
