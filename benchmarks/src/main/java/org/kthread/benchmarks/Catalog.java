package org.kthread.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.kthread.benchmarks.lines.BootSteps;
import org.kthread.benchmarks.lines.Check;
import org.kthread.benchmarks.lines.Create;
import org.kthread.benchmarks.lines.CurLwp;
import org.kthread.benchmarks.lines.Handshake;
import org.kthread.benchmarks.lines.Invoke;
import org.kthread.benchmarks.lines.NewLwp;
import org.kthread.benchmarks.lines.Quiesce;
import org.kthread.benchmarks.lines.QuiesceIdle;
import org.kthread.benchmarks.lines.SuspendIdle;
import org.kthread.benchmarks.lines.SuspendRunning;
import org.kthread.benchmarks.lines.SwitchLwp;
import org.kthread.benchmarks.lines.WakeupEmpty;

/** The lines of the table, each with its limit, its peers and its goal. */
final class Catalog {
    private Catalog() {}

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        daemons(rows);
        quiesce(rows);
        sleepsAndEvents(rows);
        lwps(rows);
        boot(rows);
        return rows;
    }

    /** The cases in the order of the table, each with all methods that a row wants of it. */
    static Map<Case, Set<String>> cases(List<Row> rows) {
        Map<Case, Set<String>> cases = new LinkedHashMap<>();
        for (Row row : rows) {
            cases.computeIfAbsent(row.of(), of -> new LinkedHashSet<>()).addAll(row.methods());
        }
        return cases;
    }

    private static void daemons(List<Row> rows) {
        Case check = Case.of(Check.class);
        List<Op> peers = List.of(
                new Op("guavaIsRunning", "Guava `Service.isRunning`"),
                new Op("isInterrupted", "`currentThread().isInterrupted`"));
        rows.add(new Row(
                "`suspendCheck`, nothing pending",
                check,
                "ours",
                new Op("lookupAndRead", "current-thread lookup + volatile read"),
                peers,
                new Goal.All(List.of(new Goal.Above(1, 1), new Goal.NoBytes()))));
        rows.add(new Row(
                "the same", check, "ours", new Op("volatileRead", "one volatile read"), peers, new Goal.Above(3, 1)));
        rows.add(new Row(
                "suspend, acknowledge, resume, runs again: a running daemon",
                Case.of(SuspendRunning.class),
                "ours",
                new Op("byHand", "by hand: one monitor, one volatile"),
                List.of(
                        new Op("guavaStartStop", "Guava `Service`: new one, stop *"),
                        new Op("agronaStartClose", "Agrona `AgentRunner`: new one, close *"),
                        new Op("springRestartPause", "Spring: restart, pause *")),
                new Goal.All(List.of(new Goal.Ratio(1.3), new Goal.Ahead()))));
        Case idle = Case.of(SuspendIdle.class);
        rows.add(
                new Row("suspend, resume: a daemon asleep", idle, "asleep", null, List.of(), new Goal.AtMost(1000, 1)));
        rows.add(new Row(
                "suspend, resume: a daemon in a region", idle, "inRegion", null, List.of(), new Goal.AtMost(1000, 1)));
        for (Case create : List.of(
                Case.of(Create.class).with("virtual", false),
                Case.of(Create.class).virtual())) {
            boolean virtual = create.minJdk() > 17;
            rows.add(new Row(
                    "create + exit + join, " + (virtual ? "virtual" : "platform"),
                    create,
                    "ours",
                    new Op("bareThread", "bare thread"),
                    List.of(new Op("guavaService", "Guava `Service`"), new Op("agronaRunner", "Agrona `AgentRunner`")),
                    new Goal.Ratio(virtual ? 1.6 : 1.1)));
        }
    }

    private static void quiesce(List<Row> rows) {
        Op byHand = new Op("byHand", "bare-monitor broadcast and answers");
        // Not 10,000: so many platform threads that never block need many processors; on two neither side ends in a
        // minute.
        for (int n = 10; n <= 1000; n *= 10) {
            rows.add(new Row(
                    "quiesce " + n + " running, platform, and let go",
                    Case.of(Quiesce.class).with("n", n).with("virtual", false),
                    "ours",
                    byHand,
                    List.of(),
                    new Goal.Ratio(1.5)));
        }
        for (int n = 10; n <= 10_000; n *= 10) {
            rows.add(new Row(
                    "quiesce " + n + " running, virtual, and let go",
                    n > 1000
                            ? Case.of(Quiesce.class).with("n", n).virtual().eachApart()
                            : Case.of(Quiesce.class).with("n", n).virtual(),
                    "ours",
                    byHand,
                    List.of(),
                    new Goal.Ratio(1.5)));
        }
        for (int n = 10; n <= 10_000; n *= 10) {
            rows.add(new Row(
                    "quiesce " + n + " asleep, and let go",
                    n > 1000
                            ? Case.of(QuiesceIdle.class)
                                    .with("n", n)
                                    .with("virtual", false)
                                    .eachApart()
                            : Case.of(QuiesceIdle.class).with("n", n).with("virtual", false),
                    "ours",
                    null,
                    List.of(),
                    new Goal.AtMost(1000, n)));
        }
    }

    private static void sleepsAndEvents(List<Row> rows) {
        for (Case pair : List.of(
                Case.of(Handshake.class).with("virtual", false),
                Case.of(Handshake.class).virtual())) {
            rows.add(new Row(
                    "sleep + wakeup, " + (pair.minJdk() > 17 ? "virtual" : "platform"),
                    pair,
                    "ours",
                    new Op("bareMonitor", "bare monitor"),
                    List.of(
                            new Op("condition", "`Condition`"),
                            new Op("guavaMonitor", "Guava `Monitor`"),
                            new Op("lockSupport", "`LockSupport`")),
                    new Goal.All(List.of(new Goal.Ratio(1.3), new Goal.NoBytes()))));
        }
        rows.add(new Row(
                "wakeup, nobody asleep",
                Case.of(WakeupEmpty.class),
                "ours",
                new Op("hashAndRead", "identity hash + volatile read"),
                List.of(
                        new Op("notifyAllOfNobody", "`notifyAll`"),
                        new Op("signalAllOfNobody", "`Condition.signalAll`"),
                        new Op("guavaMonitorOfNobody", "Guava `Monitor`")),
                new Goal.All(List.of(new Goal.Above(3, 1), new Goal.NoBytes()))));
        rows.add(new Row(
                "invoke 10 handlers",
                Case.of(Invoke.class),
                "ours",
                new Op("arrayLoop", "loop over an array"),
                List.of(
                        new Op("guavaEventBus", "Guava `EventBus`"),
                        new Op("springMulticaster", "Spring event multicaster")),
                new Goal.All(List.of(new Goal.Above(12, 10), new Goal.Ahead(), new Goal.NoBytes()))));
    }

    private static void lwps(List<Row> rows) {
        rows.add(new Row(
                "switch lwp",
                Case.of(SwitchLwp.class),
                "ours",
                new Op("byHand", "lookup + compare-and-set + release store"),
                List.of(
                        new Op("openTelemetry", "OpenTelemetry `makeCurrent`, `close`"),
                        new Op("micrometer", "Micrometer `setThreadLocals`, `close`")),
                new Goal.All(List.of(new Goal.Ratio(1.5), new Goal.AtMost(15, 1), new Goal.NoBytes()))));
        Op lookup = new Op("lookup", "the lookup");
        Case bound = Case.of(CurLwp.class).with("bound", true);
        Case implicit = Case.of(CurLwp.class).with("bound", false);
        List<Op> current = List.of(new Op("openTelemetryCurrent", "OpenTelemetry `Context.current`"));
        Goal twice = new Goal.All(List.of(new Goal.Ratio(2), new Goal.NoBytes()));
        rows.add(new Row("curlwp", bound, "curlwp", lookup, current, twice));
        rows.add(new Row("getpid, bound", bound, "getpid", lookup, current, twice));
        rows.add(new Row("getpid, implicit", implicit, "getpid", lookup, current, twice));
        rows.add(new Row(
                "getpid, bound, 2 threads", bound.onThreads(2), "getpid", lookup, List.of(), new Goal.Scales(bound)));
        rows.add(new Row(
                "getpid, implicit, 2 threads",
                implicit.onThreads(2),
                "getpid",
                lookup,
                List.of(),
                new Goal.Scales(implicit)));
        Case made = Case.of(NewLwp.class);
        Op map = new Op("enterAndLeaveMap", "an entry of a locked map");
        rows.add(new Row("newlwp + release", made, "newlwpRelease", map, List.of(), new Goal.AtMost(150, 1)));
        rows.add(new Row("rfork + release", made, "rforkRelease", map, List.of(), new Goal.AtMost(500, 1)));
        rows.add(new Row(
                "newlwp + release, 2 threads",
                made.onThreads(2),
                "newlwpRelease",
                map,
                List.of(),
                new Goal.AtMost(882, 1)));
        rows.add(new Row(
                "rfork + release, 2 threads",
                made.onThreads(2),
                "rforkRelease",
                map,
                List.of(),
                new Goal.AtMost(1776, 1)));
    }

    private static void boot(List<Row> rows) {
        rows.add(new Row(
                "boot of 100,000 steps, trace on",
                Case.of(BootSteps.class).with("n", 100_000).jvm("-Xms2g", "-Xmx2g"),
                "ours",
                new Op("sortAndLoop", "sort + loop"),
                List.of(),
                new Goal.Ratio(2)));
    }
}
