package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.proc.Proc;
import org.kthread.shutdown.KprocShutdown.Terms;
import org.kthread.shutdown.ShutdownReport.Daemon;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Run;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** The handler outside of a shutdown, and where its turn does not go by the book. */
@DisplayName("A handler of kproc_shutdown")
class KprocShutdownTest extends KernelTest {
    private static final Duration BUDGET = Duration.ofSeconds(100);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    private EventTag<Howto> register(EventHandler<Howto> handler, int priority) {
        return kernel.kernel().shutdownEvents().preSync().register(handler, priority);
    }

    private ShutdownReport finish(Caller<ShutdownReport> closer) throws Exception {
        while (closer.isAlive()) {
            closer.awaitEnd(1);
            clock.advance(Duration.ofSeconds(1));
        }
        return closer.result();
    }

    /** Moves the clock to the next time anybody waits for, which has to be this. */
    private void passTo(Duration time) {
        eventually(() -> clock.nextDeadline() == time.toNanos());
        clock.advance(time.minusNanos(clock.nanoTime()));
    }

    private List<String> waitingLines() {
        return kernel.console().stream()
                .filter(line -> line.startsWith("Waiting"))
                .toList();
    }

    @Test
    @DisplayName("invoked outside of a shutdown suspends its daemon, and says so in the log")
    void alone() throws Exception {
        Proc daemon = create("daemon", new Rounds());
        KprocShutdown handler = KprocShutdown.of(daemon);
        try (LogLines log = LogLines.of("org.kthread.console")) {
            handler.handle(Howto.HALT);
            assertEquals(
                    List.of("Waiting (max 60 seconds) for system process `daemon' to stop... done"), log.messages());
        }
        awaitParked(daemon);
        assertEquals("kproc_shutdown daemon", handler.toString());
    }

    @Test
    @DisplayName("whose daemon answers, and ends, at the very beginning of the clock has an answer like any other")
    void atTheBeginning() throws Exception {
        register(KprocShutdown.of(create("daemon", new Rounds())), 1);
        ShutdownReport report = kernel.kernel().reboot(Howto.HALT, BUDGET);
        assertEquals(
                List.of(
                        new Daemon("daemon", 2, "suspend", Duration.ZERO, Duration.ZERO, List.of()),
                        new Daemon("daemon", 2, "stop", Duration.ZERO, Duration.ZERO, List.of())),
                report.daemons());
    }

    @Test
    @DisplayName("passes on an interrupt that no panic has sent, and takes back what it asked: it may ask again")
    void interrupted() throws Exception {
        Rounds work = new Rounds();
        Stuck stuck = new Stuck(work);
        Proc daemon = create("deaf", stuck);
        KprocShutdown handler = KprocShutdown.of(daemon);
        Caller<Boolean> caller = Caller.startInterrupted("caller", () -> {
            handler.handle(Howto.HALT);
            return true;
        });
        assertInstanceOf(InterruptedException.class, caller.failure());
        stuck.release();
        work.awaitWork();
        register(handler, 1);
        kernel.kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> awaitParked(daemon)));
        assertTrue(kernel.kernel().reboot(Howto.HALT, BUDGET).isClean());
    }

    @Test
    @DisplayName(
            "two are alone in at once, and one of them is interrupted: the other one's daemon is asked all the same")
    void twoAlone() throws Exception {
        Stuck deaf = new Stuck(new Rounds());
        Proc daemon = create("deaf", deaf);
        KprocShutdown handler = KprocShutdown.of(daemon);
        Caller<Boolean> one = Caller.run("one", () -> handler.handle(Howto.HALT));
        Caller<Boolean> other = Caller.run("other", () -> handler.handle(Howto.HALT));
        eventually(() -> row(daemon).holds().size() == 2);
        one.awaitWaiting();
        one.thread().interrupt();
        assertInstanceOf(InterruptedException.class, one.failure());
        assertEquals(1, row(daemon).holds().size());
        deaf.release();
        other.result();
        assertEquals('T', row(daemon).state());
        handler.handle(Howto.HALT);
        assertEquals(1, row(daemon).holds().size());
    }

    @Test
    @DisplayName(
            "that somebody else calls while the shutdown waits in it, and who is interrupted, keeps its daemon asked")
    void besideTheShutdown() throws Exception {
        Stuck deaf = new Stuck(new Rounds());
        Proc daemon = create("deaf", deaf);
        KprocShutdown handler = KprocShutdown.of(daemon);
        register(handler, 1);
        kernel.kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> awaitParked(daemon)));
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        eventually(() -> clock.nextDeadline() == Duration.ofSeconds(45).toNanos());
        Caller<Boolean> other = Caller.startInterrupted("other", () -> {
            handler.handle(Howto.HALT);
            return true;
        });
        assertInstanceOf(InterruptedException.class, other.failure());
        deaf.release();
        assertTrue(finish(closer).isClean());
    }

    @Test
    @DisplayName("refuses the daemon itself, and nobody after it")
    void refusesItself() throws Exception {
        AtomicReference<KprocShutdown> handler = new AtomicReference<>();
        Door known = new Door();
        Rounds work = new Rounds();
        Proc daemon = create("daemon", () -> {
            known.await();
            assertErrno(Errno.EDEADLK, () -> handler.get().handle(Howto.HALT));
            work.run();
        });
        handler.set(KprocShutdown.of(daemon));
        known.open();
        work.awaitWork();
        handler.get().handle(Howto.HALT);
        assertEquals('T', row(daemon).state());
    }

    @Test
    @DisplayName("that another handler calls, and that is given up with it, keeps its daemon asked: the sync is next")
    void inAnother() throws Exception {
        Stuck deaf = new Stuck(new Rounds());
        Proc daemon = create("deaf", deaf);
        KprocShutdown inner = KprocShutdown.of(daemon);
        Door called = new Door();
        register(
                howto -> {
                    called.open();
                    inner.handle(howto);
                },
                1);
        kernel.kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> {
            deaf.release();
            awaitParked(daemon);
        }));
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        called.await();
        passTo(Duration.ofSeconds(45));
        ShutdownReport report = finish(closer);
        assertEquals(
                List.of(Result.ABANDONED, Result.DONE),
                report.phases().stream()
                        .flatMap(phase -> phase.runs().stream())
                        .map(Run::result)
                        .toList());
    }

    @Test
    @DisplayName("whose daemon deregisters it without waiting, as it ends, is answered by its end")
    void deregistersItself() throws Exception {
        AtomicReference<EventTag<Howto>> tag = new AtomicReference<>();
        Stuck busy = new Stuck(() -> tag.get().deregisterNowait());
        Proc daemon = create("daemon", busy);
        tag.set(register(KprocShutdown.of(daemon), 1));
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        eventually(() -> clock.nextDeadline() == Duration.ofSeconds(45).toNanos());
        busy.release();
        ShutdownReport report = closer.result();
        assertTrue(report.isClean(), report::toString);
        assertEquals(List.of("Waiting (max 45 seconds) for system process `daemon' to stop... done"), waitingLines());
    }

    @Test
    @DisplayName(
            "that was invoked before the shutdown, in vain, is asked there as any other, and so are those of its priority")
    void aloneBefore() throws Exception {
        Stuck deaf = new Stuck();
        Proc good = create("good", new Rounds());
        KprocShutdown handler = KprocShutdown.of(create("deaf", deaf));
        try (LogLines log = LogLines.of("org.kthread.console")) {
            Caller<Boolean> alone = Caller.run("alone", () -> handler.handle(Howto.HALT));
            passTo(Duration.ofSeconds(60));
            alone.result();
            assertEquals(
                    List.of("Waiting (max 60 seconds) for system process `deaf' to stop... timed out"), log.messages());
        }
        register(handler, 1);
        register(KprocShutdown.of(good), 1);
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        awaitParked(good);
        passTo(Duration.ofSeconds(60 + 45));
        finish(closer);
        deaf.release();
        assertEquals(
                List.of(
                        "Waiting (max 45 seconds) for system process `deaf' to stop... timed out",
                        "Waiting (max 45 seconds) for system process `good' to stop... done"),
                waitingLines());
    }

    @Test
    @DisplayName("that was given a name is one of its priority all the same, and the report shows the name")
    void named() throws Exception {
        Stuck deaf = new Stuck();
        Proc good = create("good", new Rounds());
        register(KprocShutdown.of(create("deaf", deaf)), 1);
        register(EventHandler.named("flusher", EventHandler.named("inner", KprocShutdown.of(good))), 1);
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        awaitParked(good);
        ShutdownReport report = finish(closer);
        deaf.release();
        assertEquals(List.of("deaf", "good"), suspended(report));
        assertEquals(
                List.of("kproc_shutdown deaf", "flusher"),
                report.phases().get(0).runs().stream().map(Run::name).toList());
        assertEquals(
                "Waiting (max 45 seconds) for system process `good' to stop... done",
                waitingLines().get(1));
    }

    @Test
    @DisplayName("whose wait is over is not reached by the interrupt of a panic")
    void panicAfterTheWait() throws Exception {
        List<Boolean> flags = new CopyOnWriteArrayList<>();
        register(KprocShutdown.of(create("daemon", new Rounds())), 1);
        kernel.kernel()
                .shutdownEvents()
                .preSync()
                .register(
                        howto -> {
                            kernel.kernel().panic("late");
                            flags.add(Thread.currentThread().isInterrupted());
                        },
                        2);
        assertFalse(kernel.shutdown().isClean());
        assertEquals(List.of(false), flags);
    }

    @ParameterizedTest(name = "others come later: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "that is deregistered after its daemon was asked, and before its turn, lets the daemon go with its priority;")
    void deregistered(boolean later) throws Exception {
        Rounds work = new Rounds();
        Proc kept = create("kept", new Rounds());
        Proc freed = create("freed", work);
        AtomicReference<EventTag<Howto>> tag = new AtomicReference<>();
        register(KprocShutdown.of(kept), 1);
        register(
                howto -> {
                    awaitParked(freed);
                    tag.get().deregister();
                },
                1);
        tag.set(register(KprocShutdown.of(freed), 1));
        register(howto -> awaitParked(freed), 1);
        SyncTarget disk = SyncTarget.of("disk", () -> 0, () -> {
            work.awaitWork();
            awaitParked(kept);
        });
        kernel.kernel().syncTargets().register(disk);
        if (later) {
            register(howto -> disk.sync(), 2);
        }
        ShutdownReport report = kernel.kernel().reboot(Howto.HALT, BUDGET);
        assertTrue(report.isClean(), report::toString);
        assertEquals(List.of("kept"), suspended(report));
    }

    @Test
    @DisplayName("that is registered again for a later priority asks again there")
    void deregisteredOnce() throws Exception {
        Rounds work = new Rounds();
        Proc daemon = create("daemon", work);
        KprocShutdown handler = KprocShutdown.of(daemon);
        AtomicReference<EventTag<Howto>> tag = new AtomicReference<>();
        register(KprocShutdown.of(create("other", new Rounds())), 1);
        register(howto -> tag.get().deregister(), 1);
        tag.set(register(handler, 1));
        register(howto -> work.awaitWork(), 2);
        register(handler, 3);
        kernel.kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> awaitParked(daemon)));
        ShutdownReport report = kernel.kernel().reboot(Howto.HALT, BUDGET);
        assertTrue(report.isClean(), report::toString);
        assertEquals(List.of("other", "daemon"), suspended(report));
    }

    @Test
    @DisplayName("whose turn does not come since the kernel has panicked keeps its daemon still: there may be a sync")
    void panicBeforeTheTurn() throws Exception {
        Proc daemon = create("daemon", new Rounds());
        register(KprocShutdown.of(create("other", new Rounds())), 1);
        register(howto -> kernel.kernel().panic("enough"), 1);
        register(KprocShutdown.of(daemon), 1);
        register(howto -> awaitParked(daemon), 2);
        ShutdownReport report = kernel.kernel().reboot(Howto.HALT, BUDGET);
        assertEquals(
                List.of(Result.DONE, Result.DONE, Result.DONE),
                report.phases().get(0).runs().stream().map(Run::result).toList());
    }

    private static List<String> suspended(ShutdownReport report) {
        return report.daemons().stream()
                .filter(daemon -> daemon.how().equals("suspend"))
                .map(Daemon::name)
                .toList();
    }

    @ParameterizedTest(name = "of a later priority: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "waits for half of what is left of its phase, if others are still to be asked, and else for all of it;")
    void half(boolean later) throws Exception {
        Stuck deaf = new Stuck();
        register(KprocShutdown.of(create("deaf", deaf)), 1);
        register(KprocShutdown.of(create("other", new Rounds())), later ? 2 : 1);
        kernel.kernel().shutdownEvents().preSync().register(howto -> {}, 3);
        clock.advance(Duration.ofSeconds(10));
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        long end = Duration.ofMillis(later ? 32_500 : 55_000).toNanos();
        eventually(() -> clock.nextDeadline() == end);
        finish(closer);
        deaf.release();
    }

    @ParameterizedTest(name = "answered meanwhile: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("that is given up, since one of kproc_hung does not return, has its line all the same, and only once")
    void givenUp(boolean answers) throws Exception {
        Stuck deaf = new Stuck(new Rounds());
        Stuck hung = new Stuck();
        Proc daemon = create("deaf", deaf);
        kernel.events().kprocHung().register(diagnosis -> hung.run(), 1);
        register(KprocShutdown.of(daemon), 1);
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        eventually(() -> clock.nextDeadline() == Duration.ofSeconds(45).toNanos());
        clock.advance(Duration.ofSeconds(45));
        hung.awaitInside();
        if (answers) {
            deaf.release();
            awaitParked(daemon);
        }
        ShutdownReport report = finish(closer);
        deaf.release();
        hung.release();
        assertEquals(
                List.of("Waiting (max 45 seconds) for system process `deaf' to stop... "
                        + (answers ? "done" : "timed out")),
                waitingLines());
        Daemon row = report.daemons().get(0);
        assertEquals(answers, row.answered() != null);
        assertEquals(answers ? 0 : 1, row.stuck().size());
    }

    @Test
    @DisplayName(
            "is one of many whose daemons are deaf, and one of kproc_hung does not return: all have one slack between them")
    void oneSlack() throws Exception {
        Stuck deaf = new Stuck();
        Stuck hung = new Stuck();
        Door synced = new Door();
        kernel.events().kprocHung().register(diagnosis -> hung.run(), 1);
        for (int i = 0; i < 8; i++) {
            register(KprocShutdown.of(create("deaf", deaf)), i / 4);
        }
        kernel.kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, synced::open));
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        passTo(Duration.ofMillis(22_500));
        hung.awaitInside();
        passTo(Duration.ofSeconds(50));
        synced.await();
        ShutdownReport report = finish(closer);
        deaf.release();
        hung.release();
        assertEquals(Duration.ofSeconds(50), report.phases().get(0).took());
        assertEquals(
                List.of(Result.ABANDONED, Result.NOT_RUN),
                report.phases().get(0).runs().stream()
                        .map(Run::result)
                        .distinct()
                        .toList());
        assertEquals(8, waitingLines().size());
        List<Daemon> asked = report.daemons().stream()
                .filter(daemon -> daemon.how().equals("suspend"))
                .toList();
        assertEquals(8, asked.size());
        assertTrue(
                asked.stream().allMatch(daemon -> !daemon.stuck().get(0).stack().isEmpty()), report::toString);
    }

    @Test
    @DisplayName("is one of many whose daemons are deaf: each of them is told to kproc_hung, though they wait together")
    void manyHung() throws Exception {
        Stuck stuck = new Stuck();
        List<String> told = new CopyOnWriteArrayList<>();
        kernel.events().kprocHung().register(hung -> told.add(hung.comm()), 1);
        register(KprocShutdown.of(create("one", stuck)), 1);
        register(KprocShutdown.of(create("two", stuck)), 1);
        Caller<ShutdownReport> closer =
                Caller.start("closer", () -> kernel.kernel().reboot(Howto.HALT, BUDGET));
        finish(closer);
        stuck.release();
        assertEquals(Set.of("one", "two"), Set.copyOf(told));
        assertEquals(2, told.size());
    }

    @Test
    @DisplayName(
            "that waits is interrupted by a panic, and not when it runs handlers of kproc_hung, whose work that is not")
    void panicMeanwhile() throws Exception {
        Stuck stuck = new Stuck();
        Panic panic = new Panic();
        AtomicBoolean interrupted = new AtomicBoolean();
        kernel.events()
                .kprocHung()
                .register(
                        hung -> {
                            panic.declare("planted");
                            interrupted.set(Thread.interrupted());
                        },
                        1);
        KprocShutdown handler = KprocShutdown.of(create("deaf", stuck));
        handler.ask(Terms.of(clock, 1, panic, line -> {}));
        Caller<Boolean> turn = Caller.run("turn", () -> handler.handle(Howto.HALT));
        eventually(() -> clock.nextDeadline() == 1);
        clock.advance(Duration.ofNanos(1));
        turn.result();
        assertTrue(panic.isDeclared());
        assertFalse(interrupted.get());
        stuck.release();
    }
}
