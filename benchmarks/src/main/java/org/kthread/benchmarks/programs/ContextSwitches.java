package org.kthread.benchmarks.programs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Program;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Action;

/** How often the system switches to a daemon that is suspended and resumed while it is idle, as the system counts it. */
public final class ContextSwitches implements Program {
    private static final int TIMES = 100_000;
    private static final Path SELF = Path.of("/proc/thread-self");

    @Override
    public List<Line> measure() throws Exception {
        List<Line> lines = new ArrayList<>();
        if (Files.exists(SELF)) {
            lines.add(count("asleep", () -> {
                while (true) {
                    Bench.kernel().sleepQueues().pause(SleepPriority.SUSPENDABLE, "idle", Bench.LONG);
                }
            }));
            lines.add(count("in a region", () -> CurThread.quiescent("idle", () -> TimeUnit.DAYS.sleep(1))));
        }
        return lines;
    }

    private static Line count(String where, Action idle) throws Exception {
        CompletableFuture<Path> task = new CompletableFuture<>();
        Proc daemon = Bench.daemon("idle", false, () -> {
            task.complete(SELF.toRealPath());
            idle.run();
        });
        Path status = task.get().resolve("status");
        daemon.suspend(Bench.LONG); // so it is idle by now
        daemon.resume();
        TimeUnit.MILLISECONDS.sleep(100); // and off its processor
        long before = switches(status);
        for (int i = 0; i < TIMES; i++) {
            daemon.suspend(Bench.LONG);
            daemon.resume();
        }
        long counted = switches(status) - before;
        return new Line(
                "context switches of a daemon " + where + ", 100,000 times suspended and resumed",
                Long.toString(counted),
                "-",
                "-",
                "-",
                "0",
                counted == 0);
    }

    private static long switches(Path status) throws IOException {
        try (var lines = Files.lines(status)) {
            return lines.filter(line -> line.contains("ctxt_switches"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        }
    }
}
