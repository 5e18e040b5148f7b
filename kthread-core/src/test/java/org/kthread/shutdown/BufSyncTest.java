package org.kthread.shutdown;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.event.Worker;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Run;
import org.kthread.shutdown.ShutdownReport.Unsynced;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

/** The rounds of the sync: reference 7.4. */
@Timeout(60)
class BufSyncTest {
    private static final long NAP = Duration.ofMillis(50).toNanos();

    private final ManualClock clock = new ManualClock();
    private final PhaseRunner runner = new PhaseRunner(clock);
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() {
        runner.start();
    }

    @AfterEach
    void close() {
        assertEquals(List.of(), runner.close());
    }

    /** Moves the clock to the next time anybody waits for, which has to be this. */
    private void passTo(long end) {
        awaitWait(end);
        clock.advance(Duration.ofNanos(end - clock.nanoTime()));
    }

    private void awaitWait(long end) {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> clock.nextDeadline() == end);
    }

    /** Moves the clock on, before the hour is over, until something is so. */
    private void passUntil(BooleanSupplier condition, Caller<Boolean> syncer) {
        while (!condition.getAsBoolean()) {
            clock.advance(Duration.ofSeconds(1));
            assertTrue(clock.nanoTime() < Duration.ofHours(1).toNanos(), "all the time was waited");
            syncer.awaitEnd(1);
        }
    }

    private void sync(Duration limit, SyncTarget... targets) {
        new BufSync(clock, runner, List.of(targets), lines::add, limit.toNanos(), () -> false).run();
    }

    /** Syncs one target, and gives its row of the report. */
    private Run row(PhaseRunner on, SyncTarget target) {
        Ledger ledger =
                new Ledger(clock, Howto.HALT, new Budget(clock.nanoTime(), KernelClock.NEVER), KernelClock.FOREVER);
        ledger.beginPhase("sync");
        BufSync sync = new BufSync(clock, on, List.of(target), lines::add, KernelClock.NEVER, () -> false);
        sync.run();
        sync.tell(ledger);
        ledger.endPhase();
        return ledger.report(null, List.of(), true).phases().get(0).runs().get(0);
    }

    @Test
    void nothingDirty() {
        sync(Duration.ofHours(1), SyncTarget.of("disk", () -> 0, () -> {}));

        assertEquals(List.of("All buffers synced."), lines);
    }

    @Test
    @DisplayName("A target made of two functions has its name in the report also when it had no turn")
    void namedWithoutTurn() {
        Ledger ledger = new Ledger(clock, Howto.HALT, new Budget(0, 0), Duration.ZERO);
        BufSync sync = new BufSync(
                clock, runner, List.of(SyncTarget.of("disk", () -> 1, () -> {})), lines::add, 0, () -> false);
        sync.run();
        sync.tell(ledger);
        assertEquals(
                List.of(new Unsynced("disk", 1)),
                ledger.report(null, List.of(), true).unsynced());
    }

    @Test
    @DisplayName("A target of a class of its own has in the report the name that it tells in its turn")
    void tellsItsName() {
        assertEquals("sync index", row(runner, new Index("index")).name());
        assertEquals(
                "sync " + Index.class.getName(), row(runner, new Index(null)).name());
    }

    private record Index(@Nullable String told) implements SyncTarget {
        @Override
        @SuppressWarnings("NullAway") // what a program may do against its promise
        public String name() {
            return told;
        }

        @Override
        public long remaining() {
            return 0;
        }

        @Override
        public void sync() {}
    }

    @Test
    void noTargetsAtAll() {
        sync(Duration.ofHours(1));

        assertEquals(List.of("All buffers synced."), lines);
    }

    /** A round that makes progress is the first again: there is no nap after it. */
    @Test
    void fallsToZero() throws Exception {
        AtomicInteger dirty = new AtomicInteger(4);
        Worker syncer = Worker.start(
                "syncer", () -> sync(Duration.ofHours(1), SyncTarget.of("disk", dirty::get, dirty::decrementAndGet)));

        syncer.join();

        assertEquals(List.of("Syncing disks, buffers remaining... 3 2 1 ", "Final sync complete"), lines);
        assertEquals(0, clock.nanoTime());
    }

    @Test
    void twentyRoundsWithoutProgressAndItGivesUp() throws Exception {
        AtomicInteger syncs = new AtomicInteger();
        Worker syncer = Worker.start(
                "syncer", () -> sync(Duration.ofHours(1), SyncTarget.of("disk", () -> 5, syncs::incrementAndGet)));
        for (int round = 1; round < 20; round++) {
            passTo(clock.nanoTime() + NAP * round);
        }
        syncer.join();

        assertEquals(
                List.of("Syncing disks, buffers remaining... " + "5 ".repeat(20), "Giving up on 5 buffers"), lines);
        assertEquals(21, syncs.get());
        assertEquals(Duration.ofMillis(9_500).toNanos(), clock.nanoTime());
    }

    /** Half of the hour is the share of the slow one in the first round; then the others go on without it. */
    @Test
    void oneThatReturnsWhenTheOthersHaveGivenUpBeginsTheRoundsAgain() throws Exception {
        CountDownLatch slow = new CountDownLatch(1);
        AtomicInteger dirty = new AtomicInteger(5);
        Caller<Boolean> syncer = Caller.run(
                "syncer",
                () -> sync(
                        Duration.ofHours(1),
                        SyncTarget.of("slow", () -> 0, slow::await),
                        SyncTarget.of("disk", dirty::get, () -> dirty.addAndGet(slow.getCount() == 0 ? -1 : 0))));
        passTo(Duration.ofMinutes(30).toNanos());
        for (int round = 1; round < 20; round++) {
            passTo(clock.nanoTime() + NAP * round);
        }
        for (int look = 0; look < 3; look++) { // the others wait for it: no rounds meanwhile
            passTo(clock.nanoTime() + NAP);
        }
        slow.countDown();
        passUntil(() -> !syncer.isAlive(), syncer);
        syncer.result();

        assertEquals(
                List.of("Syncing disks, buffers remaining... " + "6 ".repeat(20) + "5 4 3 2 1 ", "Final sync complete"),
                lines);
    }

    /** In the first round the stuck one has a third of the hour, the slow one half of the rest. */
    @Test
    void oneThatReturnsIsCountedThoughAnotherBeforeItDoesNot() throws Exception {
        Door stuck = new Door();
        Door slow = new Door();
        Door counted = new Door();
        Caller<Boolean> syncer = Caller.run(
                "syncer",
                () -> sync(
                        Duration.ofHours(1),
                        SyncTarget.of("stuck", () -> 0, stuck::await),
                        SyncTarget.of("slow", () -> seen(counted), slow::await),
                        SyncTarget.of("disk", () -> 0, () -> {})));
        passTo(Duration.ofMinutes(20).toNanos());
        passTo(Duration.ofMinutes(40).toNanos());
        for (int round = 1; round < 20; round++) {
            passTo(clock.nanoTime() + NAP * round);
        }
        slow.open();
        passUntil(counted::isOpen, syncer);
        stuck.open();
        passUntil(() -> !syncer.isAlive(), syncer);
        syncer.result();

        assertEquals("Final sync complete", lines.get(1));
    }

    private static long seen(Door counted) {
        counted.open();
        return 0;
    }

    @Test
    void aPanicEndsTheWaitForOneThatDoesNotReturn() throws Exception {
        AtomicBoolean cancelled = new AtomicBoolean();
        Stuck stuck = new Stuck();
        SyncTarget disk = SyncTarget.of("disk", () -> 0, () -> {});
        BufSync sync = new BufSync(
                clock,
                runner,
                List.of(SyncTarget.of("stuck", () -> 0, stuck), disk),
                lines::add,
                Duration.ofHours(1).toNanos(),
                cancelled::get);
        Worker syncer = Worker.start("syncer", sync::run);
        passTo(Duration.ofMinutes(30).toNanos());
        for (int round = 1; round < 20; round++) {
            passTo(clock.nanoTime() + NAP * round);
        }
        long end = clock.nanoTime() + NAP;
        awaitWait(end);
        cancelled.set(true);
        passTo(end);
        syncer.join();
        stuck.release();

        assertEquals("Giving up on 1 buffers", lines.get(1));
    }

    @Test
    void theLastIsCountedForAsLongAsThereIsTime() throws Exception {
        Door slow = new Door();
        clock.advance(Duration.ofMillis(10));
        Worker syncer = Worker.start(
                "syncer",
                () -> sync(
                        Duration.ofMillis(100),
                        SyncTarget.of("disk", () -> 0, () -> {}),
                        SyncTarget.of(
                                "slow",
                                () -> {
                                    slow.await();
                                    return 0;
                                },
                                () -> {})));
        await().until(() -> clock.nextDeadline() == Duration.ofMillis(100).toNanos());
        slow.open();
        syncer.join();

        assertEquals(List.of("All buffers synced."), lines);
    }

    @Test
    void theLastIsSyncedForAsLongAsThereIsTime() throws Exception {
        Door slow = new Door();
        clock.advance(Duration.ofMillis(10));
        Worker syncer = Worker.start(
                "syncer",
                () -> sync(
                        Duration.ofMillis(100),
                        SyncTarget.of("disk", () -> 0, () -> {}),
                        SyncTarget.of("slow", () -> 0, slow::await)));
        await().until(() -> clock.nextDeadline() == Duration.ofMillis(100).toNanos());
        slow.open();
        syncer.join();

        assertEquals(List.of("All buffers synced."), lines);
    }

    /** One sync and two counts, the second for the last line. */
    @Test
    void whatASyncAndItsCountsTakeIsOneTime() {
        clock.advance(Duration.ofSeconds(1));
        Run row = row(
                runner,
                SyncTarget.of(
                        "disk",
                        () -> {
                            clock.advance(Duration.ofMillis(5));
                            return 0;
                        },
                        () -> clock.advance(Duration.ofMillis(30))));

        assertEquals(Duration.ofMillis(40), row.took());
        assertEquals(Result.DONE, row.result());
    }

    @Test
    void theFirstFailureIsToldWithTheOthersOnceEach() {
        Exception first = new Exception("first");
        Exception second = new Exception("second");
        Iterator<Exception> failures = List.of(first, first, second).iterator();
        AtomicInteger dirty = new AtomicInteger(3);
        Run row = row(runner, SyncTarget.of("disk", dirty::get, () -> {
            dirty.decrementAndGet();
            throw failures.next();
        }));

        assertEquals(Result.FAILED, row.result());
        assertSame(first, row.failure());
        assertEquals(List.of(second), List.of(first.getSuppressed()));
    }

    @Test
    void withoutAThreadTheCoordinatorSyncs() {
        PhaseRunner none = new PhaseRunner(clock);
        none.starter = host -> {
            throw new OutOfMemoryError("planted");
        };
        AtomicInteger dirty = new AtomicInteger(2);
        Run row = row(none, SyncTarget.of("disk", dirty::get, dirty::decrementAndGet));

        assertEquals(Result.DONE, row.result());
        assertEquals(List.of("Syncing disks, buffers remaining... 1 ", "Final sync complete"), lines);
    }

    @Test
    void moreThanANumberHoldsIsStillSomething() throws Exception {
        SyncTarget endless = SyncTarget.of("endless", () -> Long.MAX_VALUE, () -> {});
        Caller<Boolean> syncer = Caller.run("syncer", () -> sync(Duration.ofHours(1), endless, endless));
        passUntil(() -> !syncer.isAlive(), syncer);
        syncer.result();

        assertEquals("Giving up on " + Long.MAX_VALUE + " buffers", lines.get(1));
    }

    @Test
    void withoutAnyTimeNothingIsSynced() {
        AtomicInteger syncs = new AtomicInteger();
        sync(Duration.ZERO, SyncTarget.of("disk", () -> 5, syncs::incrementAndGet));

        assertEquals(0, syncs.get());
        assertEquals(List.of("Giving up on 1 buffers"), lines);
    }

    @Test
    void theDeadlineEndsItEarlier() throws Exception {
        Worker syncer =
                Worker.start("syncer", () -> sync(Duration.ofMillis(120), SyncTarget.of("disk", () -> 5, () -> {})));
        await().until(() -> clock.nextDeadline() == NAP);
        clock.advance(Duration.ofMillis(50));
        await().until(() -> clock.nextDeadline() == Duration.ofMillis(120).toNanos());
        clock.advance(Duration.ofMillis(70));
        syncer.join();

        assertTrue(lines.contains("Giving up on 5 buffers"), lines::toString);
    }
}
