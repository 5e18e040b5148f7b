package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.Key;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;

/** Boot steps, added in an order of chance: sorted, run, and written down. */
final class Steps implements Sweep {
    @Override
    public String name() {
        return "boot";
    }

    @Override
    public String title() {
        return "Boot steps";
    }

    @Override
    public String elements() {
        return "steps";
    }

    @Override
    public List<Integer> sizes() {
        return Sweep.upTo(100_000);
    }

    @Override
    public Map<String, Double> run(int n) throws Exception {
        Map<String, Double> costs = new LinkedHashMap<>();
        Lap lap = new Lap(costs, n);
        int[] ran = new int[1];
        List<Sysinit> independent = shuffled(n, ran, false);
        boot(lap, "boot", independent);
        boot(lap, "boot of a chain of constraints", shuffled(n, ran, true));
        if (ran[0] != 2 * n) {
            throw new IllegalStateException(ran[0] + " steps ran, not " + 2 * n);
        }
        List<Plain> plain = new ArrayList<>(n);
        independent.forEach(step -> plain.add(new Plain(step.key(), () -> ran[0]++)));
        lap.begin();
        plain.sort(Comparator.comparing(Plain::key));
        for (Plain step : plain) {
            step.action().run();
        }
        lap.end(Point.BASE + "sort and loop");
        return costs;
    }

    /** A step of the base line. */
    private record Plain(Key key, Runnable action) {}

    private static void boot(Lap lap, String what, List<Sysinit> steps) throws InterruptedException {
        try (Kernel kernel = Kernel.start(KernelConfig.defaults().withConsole(line -> {}))) {
            lap.begin();
            BootReport report = Boot.of(kernel).add(steps).run();
            lap.end(what);
            if (report.steps().size() != steps.size()) {
                throw new IllegalStateException(report.steps().size() + " steps in the trace, not " + steps.size());
            }
        }
    }

    static List<Sysinit> shuffled(int n, int[] ran, boolean constrained) {
        List<Sysinit> steps = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            Sysinit step = Sysinit.of("step" + i, Subsystem.SI_SUB_KTHREAD_IDLE, i, () -> ran[0]++);
            steps.add(constrained && i > 0 ? step.requires("step" + (i - 1)) : step);
        }
        Collections.shuffle(steps, new Random(n));
        return steps;
    }
}
