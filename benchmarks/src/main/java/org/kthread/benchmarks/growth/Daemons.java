package org.kthread.benchmarks.growth;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.kthread.Kernel;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;

/** Daemons that sleep: created, all held still, let go, and all stopped and joined by a shutdown. */
record Daemons(boolean virtual) implements Sweep {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    @Override
    public String name() {
        return virtual ? "daemons-virtual" : "daemons-platform";
    }

    @Override
    public String title() {
        return "Sleeping daemons on " + (virtual ? "virtual" : "platform") + " threads";
    }

    @Override
    public String elements() {
        return "daemons";
    }

    @Override
    public List<Integer> sizes() {
        return Sweep.upTo(virtual ? 1_000_000 : 10_000);
    }

    @Override
    public Map<String, Double> run(int n) throws Exception {
        Map<String, Double> costs = new LinkedHashMap<>();
        Lap lap = new Lap(costs, n);
        Sleepers sleepers = Sleepers.none(n);
        Kernel kernel = sleepers.kernel;
        lap.begin();
        sleepers.create(n, virtual);
        lap.end("create");
        lap.begin();
        Suspension hold = kernel.quiesce("growth", Kernel.ALL, LIMIT);
        lap.end("quiesce");
        lap.begin();
        hold.close();
        lap.end("resume");
        lap.begin();
        kernel.reboot(Howto.HALT);
        lap.end("stop and join");
        lap.begin();
        Bare bare = Bare.start(n, virtual);
        lap.end(Point.BASE + "start");
        lap.begin();
        bare.end();
        lap.end(Point.BASE + "wake and join");
        return costs;
    }
}
