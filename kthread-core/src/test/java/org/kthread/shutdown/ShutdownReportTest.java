package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.kthread.proc.Diagnosis;
import org.kthread.shutdown.ShutdownReport.Daemon;
import org.kthread.shutdown.ShutdownReport.Phase;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Run;
import org.kthread.shutdown.ShutdownReport.Unsynced;
import org.kthread.sys.KernelClock;

class ShutdownReportTest {
    private static final StackTraceElement FRAME = new StackTraceElement("Cache", "flush", "Cache.java", 42);

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }

    @Test
    void aBadOneNamesEverything() {
        Diagnosis where = new Diagnosis(
                7, 100, "vnlru", "vnlru", "vlruwt", Thread.State.TIMED_WAITING, null, null, List.of(FRAME), List.of());
        ShutdownReport report = new ShutdownReport(
                Howto.HALT.nosync(),
                "freeing free block",
                Duration.ofSeconds(5),
                millis(2_250),
                List.of(
                        new Phase(
                                "pre_sync",
                                millis(0),
                                millis(2_250),
                                List.of(
                                        new Run("good", millis(0), millis(1), Result.DONE, null, List.of()),
                                        new Run(
                                                "bad",
                                                millis(1),
                                                millis(2),
                                                Result.FAILED,
                                                new IllegalStateException("no"),
                                                List.of()),
                                        new Run(
                                                "stuck",
                                                millis(3),
                                                millis(2_247),
                                                Result.ABANDONED,
                                                null,
                                                List.of(FRAME)))),
                        new Phase("sync", millis(2_250), millis(0), List.of())),
                List.of(
                        new Daemon("syncer", 6, "suspend", millis(3), millis(4), List.of()),
                        new Daemon("vnlru", 7, "suspend", millis(3), null, List.of(where))),
                List.of(new Unsynced("cache", 12)),
                List.of("shutdown-runner"),
                true);

        String nl = System.lineSeparator();
        assertEquals(
                String.join(
                        nl,
                        "Shutdown HALT|NOSYNC: NOT CLEAN, 2.250s of 5.000s",
                        "panic: freeing free block",
                        "  PHASE       BEGAN      TOOK  WHAT",
                        "  pre_sync    0.000s    2.250s",
                        "              0.000s    0.001s  good",
                        "              0.001s    0.002s  bad: FAILED: java.lang.IllegalStateException: no",
                        "              0.003s    2.247s  stuck: ABANDONED",
                        "          at Cache.flush(Cache.java:42)",
                        "  sync        2.250s    0.000s",
                        "  DAEMON                PID  HOW        ASKED   ANSWERED",
                        "  syncer                  6  suspend   0.003s   0.004s",
                        "  vnlru                   7  suspend   0.003s   NOT",
                        "      vnlru (pid 7, tid 100) sleeping on \"vlruwt\"",
                        "          at Cache.flush(Cache.java:42)",
                        "  NOT SYNCED: cache: 12 remaining",
                        "  STILL ALIVE: host thread shutdown-runner"),
                report.toString());
        assertFalse(report.isClean());
    }

    @Test
    void aGoodOneIsShort() {
        ShutdownReport report = new ShutdownReport(
                Howto.AUTOBOOT,
                null,
                KernelClock.FOREVER,
                millis(3),
                List.of(new Phase("pre_sync", millis(0), millis(3), List.of())),
                List.of(),
                List.of(),
                List.of(),
                true);

        assertTrue(report.isClean());
        assertTrue(
                report.toString().startsWith("Shutdown AUTOBOOT: clean, 0.003s of no limit" + System.lineSeparator()),
                report::toString);
    }

    private static ShutdownReport report(@Nullable String panic, List<Run> runs, List<Daemon> daemons) {
        return new ShutdownReport(
                Howto.HALT,
                panic,
                KernelClock.FOREVER,
                millis(3),
                List.of(new Phase("pre_sync", millis(0), millis(3), runs)),
                daemons,
                List.of(),
                List.of(),
                true);
    }

    private static Run run(Result result) {
        return new Run("flush", millis(0), millis(1), result, null, List.of());
    }

    @Test
    void oneFaultAloneMakesItNotClean() {
        Diagnosis where = new Diagnosis(
                7, 100, "vnlru", "vnlru", "vlruwt", Thread.State.TIMED_WAITING, null, null, List.of(FRAME), List.of());
        Daemon parked = new Daemon("syncer", 6, "suspend", millis(3), millis(4), List.of());
        Daemon stuck = new Daemon("vnlru", 7, "suspend", millis(3), null, List.of(where));
        List<Run> good = List.of(run(Result.DONE), run(Result.RUNNING));
        assertTrue(report(null, good, List.of(parked)).isClean());
        assertFalse(report(null, List.of(run(Result.FAILED)), List.of()).isClean());
        assertFalse(report(null, List.of(run(Result.ABANDONED), run(Result.DONE)), List.of())
                .isClean());
        assertFalse(report(null, good, List.of(parked, stuck)).isClean());
        assertFalse(report("freeing free block", good, List.of()).isClean());
    }
}
