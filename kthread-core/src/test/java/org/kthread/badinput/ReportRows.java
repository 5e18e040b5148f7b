package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.returns;

import java.time.Duration;
import java.util.List;
import org.kthread.lwp.Stat;
import org.kthread.proc.Diagnosis;
import org.kthread.proc.PsRow;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.Rlimit;
import org.kthread.proc.StopOutcome;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

/** The values of all packages that tell what happened, and those that are given. */
final class ReportRows {
    private ReportRows() {}

    static void in(Table table) {
        Rows howto = table.of(Howto.class, world -> Howto.HALT).value();
        howto.reads("nosync()", "isNosync()", "isAutoboot()", "toString()");
        howto.call("new Howto(int bits)").any("bits"); // other flags mean something to other programs
        table.of(Rlimit.class).value().call("new Rlimit(long cur, long max)").any("cur", "max"); // setrlimit refuses
        table.of(Stat.class).report().call("new Stat(String name, boolean regular, long size)");
        outcomes(table);
        table.of(PsRow.class)
                .report()
                .call("new PsRow(int pid, int ppid, int tid, String comm, String thread, char state, String wmesg,"
                        + " Duration age, List holds, Duration cpu, String hostThread)")
                .with(Kind.NULL, "wmesg", gives("wmesg=null"))
                .with(Kind.NULL, "cpu", gives("cpu=null"));
        Rows diagnosis = table.of(
                        Diagnosis.class,
                        world -> new Diagnosis(
                                1, 2, "comm", "thread", null, Thread.State.RUNNABLE, null, null, List.of(), List.of()))
                .report();
        diagnosis.reads("summary()", "toString()");
        diagnosis
                .call("new Diagnosis(int pid, int tid, String comm, String thread, String wmesg, State hostState,"
                        + " String waitsFor, String lockOwner, List stack, List open)")
                .with(Kind.NULL, "wmesg", gives("RUNNABLE"))
                .with(Kind.NULL, "waitsFor", gives("owned by good"))
                .with(Kind.NULL, "lockOwner", gives("waits for good"));
        shutdownReport(table);
    }

    private static void outcomes(Table table) {
        Rows suspend = table.of(SuspendOutcome.class, world -> new SuspendOutcome(Verdict.EXITED, List.of()))
                .report();
        suspend.reads("isQuiet()", "toString()");
        suspend.call("new SuspendOutcome(Verdict verdict, List stuck)");
        Rows stop = table.of(StopOutcome.class, world -> new StopOutcome(Verdict.EXITED, List.of()))
                .report();
        stop.reads("isExited()", "toString()");
        stop.call("new StopOutcome(Verdict verdict, List stuck)");
        Rows resume = table.of(ResumeOutcome.class, world -> new ResumeOutcome(ResumeOutcome.Kind.RUNNING, List.of()))
                .report();
        resume.reads("toString()");
        resume.call("new ResumeOutcome(Kind kind, List owners)");
    }

    private static void shutdownReport(Table table) {
        Rows report = table.of(
                        ShutdownReport.class,
                        world -> new ShutdownReport(
                                Howto.HALT,
                                null,
                                Duration.ZERO,
                                Duration.ofSeconds(-1),
                                List.of(),
                                List.of(),
                                List.of(),
                                List.of(),
                                true))
                .report();
        report.reads("isClean()", "toString()");
        report.call("new ShutdownReport(Howto howto, String panic, Duration budget, Duration took, List phases,"
                        + " List daemons, List unsynced, List leftThreads, boolean complete)")
                .with(Kind.NULL, "panic", gives("clean"));
        table.of(ShutdownReport.Phase.class)
                .report()
                .call("new Phase(String name, Duration began, Duration took, List runs)");
        table.of(ShutdownReport.Run.class)
                .report()
                .call(
                        "new Run(String name, Duration began, Duration took, Result result, Throwable failure, List stack)")
                .with(Kind.NULL, "failure", returns());
        table.of(ShutdownReport.Daemon.class)
                .report()
                .call("new Daemon(String name, int pid, String how, Duration asked, Duration answered, List stuck)")
                .with(Kind.NULL, "answered", returns());
        table.of(ShutdownReport.Unsynced.class).report().call("new Unsynced(String name, long remaining)");
    }
}
