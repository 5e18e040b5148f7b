package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.FailingClock;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.sys.WatchedClock;
import org.kthread.testing.BrokenLog;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** A shutdown ends, and gives a report, whatever fails in it. */
@Timeout(120)
class ShutdownFaultsTest {
    @TempDir
    private Path directory;

    private final List<String> console = new CopyOnWriteArrayList<>();

    private Kernel start(KernelConfig config) {
        return Kernel.start(config.withConsole(console::add).withShutdownBudget(Duration.ofSeconds(20)));
    }

    @ParameterizedTest(name = "for good: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "An OutOfMemoryError at any moment of the coordinator's costs its phase, not the end: who waits gets a report;")
    void outOfMemory(boolean forGood) throws Exception {
        try (BrokenLog log = BrokenLog.of("org.kthread.shutdown")) {
            boolean failed = true;
            for (int look = 1; failed; look++) {
                failed = shutDown(new FailingClock("shutdown", look, forGood));
            }
            assertTrue(log.lines() > 0);
        }
    }

    /** One life; whether the clock has failed in it. */
    private boolean shutDown(FailingClock clock) throws Exception {
        Kernel kernel = start(KernelConfig.defaults().withClock(clock));
        Rounds rounds = new Rounds();
        Proc daemon =
                kernel.kthreads().kthreadCreate(KthreadSpec.named("daemon").main(rounds));
        kernel.shutdownEvents().preSync().register(KprocShutdown.of(daemon), ShutdownEvents.SHUTDOWN_PRI_FIRST);
        kernel.syncTargets().register(SyncTarget.of("disk", () -> 0L, () -> {}));
        kernel.onUndo("undo", () -> {});
        ShutdownReport report =
                Caller.start("closer", () -> kernel.reboot(Howto.HALT)).result();
        boolean failed = clock.hasFailed();
        assertTrue(failed || report.isClean(), report::toString);
        assertFalse(
                failed && report.isClean() && report.complete(), "what failed is told, or that there is more to tell");
        daemon.stop(Caller.LIMIT); // if it was not told for lack of memory
        assertTrue(daemon.join(Caller.LIMIT));
        return failed;
    }

    @Test
    @DisplayName("A sync target whose channel is closed under it has failed, and has something left; the rest is done")
    void closedChannel() throws Exception {
        ManualClock clock = new ManualClock();
        Kernel kernel = start(KernelConfig.defaults().withClock(clock));
        FileChannel channel =
                FileChannel.open(directory.resolve("disk"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        channel.close();
        kernel.syncTargets().register(SyncTarget.of("disk", () -> 1L, () -> channel.force(true)));
        List<String> undone = new CopyOnWriteArrayList<>();
        kernel.onUndo("undo", () -> undone.add("undo"));
        Caller<ShutdownReport> closer = Caller.start("closer", () -> kernel.reboot(Howto.HALT));
        while (closer.isAlive()) {
            closer.awaitEnd(1);
            clock.advance(Duration.ofMillis(50));
        }
        ShutdownReport report = closer.result();
        assertFalse(report.isClean());
        assertEquals(List.of(new ShutdownReport.Unsynced("disk", 1)), report.unsynced());
        assertEquals(List.of("undo"), undone);
        assertTrue(report.toString().contains(ClosedChannelException.class.getName()), report::toString);
    }

    @Test
    @DisplayName("What cannot tell its name, even by an Error, is run all the same: a handler, and a sync target")
    void nameless() throws Exception {
        Kernel kernel = start(KernelConfig.defaults());
        Nameless nameless = new Nameless();
        kernel.shutdownEvents().preSync().register(nameless, 1);
        kernel.syncTargets().register(nameless);
        ShutdownReport report = kernel.reboot(Howto.HALT);
        assertEquals(List.of("handled", "synced"), nameless.done);
        assertTrue(report.isClean(), report::toString);
        assertTrue(report.toString().contains("sync " + Nameless.class.getName()), report::toString);
    }

    /** Overflows the stack when it is asked what it is. */
    private static final class Nameless implements EventHandler<Howto>, SyncTarget {
        final List<String> done = new CopyOnWriteArrayList<>();

        @Override
        public void handle(Howto howto) {
            done.add("handled");
        }

        @Override
        public String name() {
            throw new StackOverflowError("planted");
        }

        @Override
        public long remaining() {
            return 0;
        }

        @Override
        public void sync() {
            done.add("synced");
        }

        @Override
        public String toString() {
            return name();
        }
    }

    @Test
    @DisplayName("The line about a daemon tells a limit that can be, also without one, also if another comes later")
    void unlimited() throws Exception {
        Kernel kernel = start(KernelConfig.defaults());
        for (int priority : new int[] {ShutdownEvents.SHUTDOWN_PRI_FIRST, ShutdownEvents.SHUTDOWN_PRI_LAST}) {
            Proc daemon =
                    kernel.kthreads().kthreadCreate(KthreadSpec.named("daemon").main(new Rounds()));
            kernel.shutdownEvents().preSync().register(KprocShutdown.of(daemon), priority);
        }
        ShutdownReport report = kernel.reboot(Howto.HALT, KernelClock.FOREVER);
        assertTrue(report.isClean(), report::toString);
        assertFalse(console.toString().contains("-"), () -> console.toString());
        assertEquals(
                2,
                console.stream()
                        .filter(line -> line.contains("max " + Long.MAX_VALUE + " seconds"))
                        .count(),
                () -> console.toString());
    }

    @Test
    @DisplayName("A console that is slow, but works, does not take the time of the sync, however many lines there are")
    void slowConsole() throws Exception {
        ManualClock clock = new ManualClock();
        Door synced = new Door();
        long line = Duration.ofMillis(90).toNanos();
        long patience = Duration.ofMillis(100).toNanos();
        Kernel kernel = Kernel.start(KernelConfig.defaults().withClock(clock).withConsole(text -> {
            eventually(() -> synced.isOpen() || clock.nextDeadline() - clock.nanoTime() <= patience);
            if (!synced.isOpen()) {
                clock.advance(Duration.ofNanos(line)); // somebody waits for it
            }
            console.add(text);
        }));
        for (int i = 0; i < 100; i++) {
            KprocShutdown handler = KprocShutdown.of(
                    kernel.kthreads().kthreadCreate(KthreadSpec.named("d" + i).main(new Rounds())));
            kernel.shutdownEvents().preSync().register(handler, 1);
        }
        kernel.syncTargets().register(SyncTarget.of("disk", () -> 0, synced::open));
        ShutdownReport report = kernel.reboot(Howto.HALT, Duration.ofSeconds(10));
        assertTrue(report.isClean(), report::toString);
        assertTrue(synced.isOpen());
        assertEquals(103, console.size());
        for (int i = 0; i < 100; i++) {
            assertTrue(console.get(i).contains("`d" + i + "' to stop... done"), () -> console.toString());
        }
    }

    @ParameterizedTest(name = "somebody alone was interrupted in it before: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "A daemon whose handler is deregistered once it was asked, before it comes to run, is let go with its priority;")
    void deregisteredInItsTurn(boolean before) throws Exception {
        WatchedClock clock = new WatchedClock("shutdown");
        Kernel kernel = start(KernelConfig.defaults().withClock(clock));
        Rounds rounds = new Rounds();
        Stuck busy = new Stuck(rounds);
        Proc daemon =
                kernel.kthreads().kthreadCreate(KthreadSpec.named("daemon").main(busy));
        busy.awaitInside();
        KprocShutdown handler = KprocShutdown.of(daemon);
        if (before) {
            Caller<Boolean> alone = Caller.startInterrupted("alone", () -> {
                handler.handle(Howto.HALT);
                return true;
            });
            assertInstanceOf(InterruptedException.class, alone.failure());
        }
        busy.release();
        rounds.awaitWork();
        EventTag<Howto> tag = kernel.shutdownEvents().preSync().register(handler, 1);
        clock.before(() -> {
            if (kernel.ps().rows().stream().anyMatch(row -> !row.holds().isEmpty())) {
                tag.deregister();
            }
        });
        kernel.syncTargets().register(SyncTarget.of("disk", () -> 0, rounds::awaitWork));
        ShutdownReport report = kernel.reboot(Howto.HALT);
        assertTrue(report.isClean(), report::toString);
        assertEquals(
                List.of("stop"),
                report.daemons().stream().map(ShutdownReport.Daemon::how).toList());
        assertTrue(console.stream().noneMatch(line -> line.startsWith("Waiting")), () -> console.toString());
    }

    @Test
    @DisplayName(
            "A daemon whose handler has a second turn, and is deregistered at any moment before, has a row for each turn")
    void deregisteredInItsSecondTurn() throws Exception {
        int moment = 0;
        AtomicInteger left = new AtomicInteger();
        while (left.get() <= 0) {
            left.set(++moment);
            console.clear();
            WatchedClock clock = new WatchedClock("shutdown");
            Kernel kernel = start(KernelConfig.defaults().withClock(clock));
            Rounds rounds = new Rounds();
            KprocShutdown handler = KprocShutdown.of(
                    kernel.kthreads().kthreadCreate(KthreadSpec.named("daemon").main(rounds)));
            rounds.awaitWork();
            kernel.shutdownEvents().preSync().register(handler, 1);
            EventTag<Howto> second = kernel.shutdownEvents().preSync().register(handler, 1);
            clock.before(() -> {
                if (waitingLines() > 0 && left.decrementAndGet() == 0) {
                    second.deregister();
                }
            });
            ShutdownReport report = kernel.reboot(Howto.HALT);
            assertTrue(report.isClean(), report::toString);
            assertEquals(
                    waitingLines(),
                    report.daemons().stream()
                            .filter(daemon -> daemon.how().equals("suspend"))
                            .count());
        }
        assertTrue(moment > 3, "the clock was hardly read");
    }

    private long waitingLines() {
        return console.stream().filter(line -> line.startsWith("Waiting")).count();
    }

    @Test
    @DisplayName("An undo that never returns leaves half of the time to those behind it")
    void stuckUndo() throws Exception {
        List<String> undone = new CopyOnWriteArrayList<>();
        Kernel kernel = start(KernelConfig.defaults());
        Object never = new Object();
        kernel.onUndo("first", () -> undone.add("first"));
        kernel.onUndo("second", () -> undone.add("second"));
        kernel.onUndo("stuck", () -> {
            synchronized (never) {
                while (true) {
                    never.wait();
                }
            }
        });
        ShutdownReport report = kernel.reboot(Howto.HALT, Duration.ofSeconds(8));
        assertEquals(List.of("second", "first"), undone, report::toString);
        assertEquals(
                ShutdownReport.Result.ABANDONED,
                report.phases().get(report.phases().size() - 1).runs().get(0).result());
    }
}
