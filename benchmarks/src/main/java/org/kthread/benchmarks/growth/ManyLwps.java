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
import org.kthread.lwp.Lwps;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;

/** Lwps, ten in each process, each process with a file open: each is where it says, and with the last one all is closed. */
final class ManyLwps implements Check {
    /** The goals of the design. */
    private static final double LWP_GOAL = 100;

    private static final double PROCESS_GOAL = 400;
    private static final int FEW = 10_000;

    @Override
    public String name() {
        return "lwps";
    }

    @Override
    public int size() {
        return 100_000;
    }

    @Override
    public void run(int n, Plant plant, Findings findings) {
        int processes = n / Contexts.A_PROCESS;
        Kernel kernel =
                Kernel.start(KernelConfig.defaults().withConsole(line -> {}).withShutdownBudget(Duration.ofMinutes(1)));
        Lwps lwps = kernel.lwps();
        List<Lwp> all = new ArrayList<>(n);
        double process = make(lwps, n, processes, all, findings);
        int[] closed = new int[1];
        for (Lwp lwp : all.subList(0, processes)) {
            lwps.switchTo(lwp);
            kernel.syscalls().install(() -> closed[0]++);
        }
        Collections.shuffle(all, new Random(n));
        int wrong = 0;
        findings.begin();
        for (Lwp lwp : all) {
            lwps.switchTo(lwp);
            wrong += kernel.syscalls().getpid() == lwp.proc().pid() && lwps.curLwp() == lwp ? 0 : 1;
        }
        findings.took("switch to each", n);
        findings.claim(wrong == 0, wrong + " lwps are not where they say");
        findings.claim(closed[0] == 0, closed[0] + " files closed before the end");
        List<Proc> procs = all.stream().map(Lwp::proc).distinct().toList();
        findings.claim(procs.size() == processes, procs.size() + " processes");
        long listed = procs.stream().mapToLong(proc -> proc.lwps().size()).sum();
        findings.claim(listed == n, "the processes list " + listed + " lwps");
        lwps.switchTo(null);
        if (plant == Plant.ONE_MISSING) {
            all.remove(all.size() - 1); // and nobody releases it
        }
        findings.begin();
        Contexts.release(lwps, all);
        findings.took("release each", n);
        long left = procs.stream()
                .filter(proc -> kernel.pfind(proc.pid()).isPresent())
                .count();
        findings.claim(left == 0, left + " processes are left");
        findings.claim(closed[0] == processes, closed[0] + " of " + processes + " files are closed");
        if (n >= FEW) {
            findings.claim(process <= PROCESS_GOAL, "a process weighs " + Math.round(process) + " bytes");
        }
        kernel.close();
    }

    /** Tells what a process weighs, without its lwp. */
    private static double make(Lwps lwps, int n, int processes, List<Lwp> all, Findings findings) {
        long before = Heap.used();
        findings.begin();
        Contexts.fork(lwps, processes, all);
        findings.took("rfork", processes);
        long forked = Heap.used();
        findings.begin();
        Contexts.add(lwps, n, all);
        findings.took("newlwp", n - processes);
        double lwp = (double) (Heap.used() - forked) / (n - processes);
        double process = (double) (forked - before) / processes - lwp;
        findings.weighs("heap of an lwp", lwp);
        findings.weighs("heap of a process beside its lwp", process);
        if (n >= FEW) {
            findings.claim(lwp <= LWP_GOAL, "an lwp weighs " + Math.round(lwp) + " bytes");
        }
        return process;
    }
}
