package org.kthread.benchmarks.growth;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.benchmarks.Heap;
import org.kthread.benchmarks.growth.Scale.Check;
import org.kthread.benchmarks.growth.Scale.Findings;
import org.kthread.benchmarks.growth.Scale.Plant;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;

/** Boot steps, every tenth with a constraint: each runs once, in order, and is undone once, in reverse. */
final class ManySteps implements Check {
    private static final int CONSTRAINED = 10;

    @Override
    public String name() {
        return "steps";
    }

    @Override
    public int size() {
        return 100_000;
    }

    @Override
    public void run(int n, Plant plant, Findings findings) throws Exception {
        List<Integer> ran = Collections.synchronizedList(new ArrayList<>(n));
        List<Integer> undone = Collections.synchronizedList(new ArrayList<>(n));
        List<Integer> ordered = new ArrayList<>(n);
        List<Sysinit> steps = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            int number = i;
            ordered.add(i);
            Sysinit step = Sysinit.of("step" + i, Subsystem.SI_SUB_KTHREAD_IDLE, i, () -> ran.add(number))
                    .undo(() -> undone.add(number));
            if (i % CONSTRAINED == CONSTRAINED - 1) {
                step = step.requires("step" + (i - CONSTRAINED + 1));
            }
            if (plant != Plant.ONE_MISSING || i != 1) {
                steps.add(step);
            }
        }
        Collections.shuffle(steps, new Random(n));
        long before = Heap.used();
        Kernel kernel =
                Kernel.start(KernelConfig.defaults().withConsole(line -> {}).withShutdownBudget(Duration.ofMinutes(5)));
        findings.begin();
        BootReport trace = Boot.of(kernel).add(steps).run();
        findings.took("boot", n);
        findings.weighs("heap of a step that has run, its trace included", (double) (Heap.used() - before) / n);
        findings.claim(ran.equals(ordered), "the steps did not run once each, in order: " + ran.size() + " ran");
        findings.claim(trace.steps().size() == n, trace.steps().size() + " steps are in the trace");
        findings.begin();
        ShutdownReport report = kernel.reboot(Howto.HALT);
        findings.took("shutdown: each undone", n);
        Collections.reverse(ordered);
        findings.claim(undone.equals(ordered), "not undone once each, in reverse: " + undone.size() + " undone");
        findings.claim(report.complete(), "the report is not complete");
        findings.claim(report.leftThreads().isEmpty(), report.leftThreads().size() + " threads are left");
    }
}
