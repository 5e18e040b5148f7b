package org.kthread.benchmarks.growth;

import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.benchmarks.Heap;
import org.kthread.benchmarks.growth.Scale.Check;
import org.kthread.benchmarks.growth.Scale.Findings;
import org.kthread.benchmarks.growth.Scale.Plant;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.proc.Suspension;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.Action;

/** Daemons asleep: all are created, all are held, nobody works, all go on, all end. */
record ManyDaemons(boolean virtual) implements Check {
    /** Beside the host thread: the goal of the design. */
    private static final double GOAL = 512;

    private static final int FEW = 100_000;
    private static final int TENTH = 10;
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final Duration SHORT = Duration.ofSeconds(10); // where a violation is planted
    private static final int KILOBYTE = 1024;

    @Override
    public String name() {
        return virtual ? "daemons-virtual" : "daemons-platform";
    }

    @Override
    public int size() {
        return virtual ? 1_000_000 : 10_000;
    }

    @Override
    public boolean isPossible() {
        return !virtual || Bare.hasVirtual();
    }

    @Override
    public void run(int n, Plant plant, Findings findings) throws Exception {
        Heap.Weight bare = bare(n, findings);
        Heap.Weight before = Heap.weigh();
        Sleepers sleepers = Sleepers.none(n);
        List<byte[]> ballast = new ArrayList<>();
        findings.begin();
        Action odd = odd(plant, sleepers);
        int sleeping = odd == null ? n : n - 1;
        sleepers.create(sleeping, virtual);
        if (odd != null) {
            sleepers.create(n - 1, virtual, odd);
        }
        findings.took("create, and all asleep", n);
        for (int i = 0; plant == Plant.HEAVY && i < n; i++) {
            ballast.add(new byte[KILOBYTE]);
        }
        Heap.Weight each = Heap.weigh().since(before, n);
        findings.weighs("heap of a daemon, thread and stack included", each.all());
        findings.weighs("beyond a bare waiting thread", each.all() - bare.all());
        findings.weighs("of that: its stack, which is deeper", each.stacks() - bare.stacks());
        double own = each.objects() - bare.objects();
        findings.weighs("of that: its objects", own);
        if (n >= FEW || plant == Plant.HEAVY) { // of a few, what the JVM keeps for itself says nothing
            findings.claim(own <= GOAL, "a daemon weighs " + Math.round(own) + " bytes beside its host thread");
        }
        hold(sleepers, n, plant, findings);
        end(sleepers, n, plant, findings);
        findings.claim(ballast.size() <= n, "the ballast is still here");
    }

    private Heap.Weight bare(int n, Findings findings) throws Exception {
        Bare.start(Math.min(n, FEW), virtual).end(); // so that the stacks that are weighed are compiled code's
        Sleepers warm = Sleepers.start(Math.min(n, FEW), virtual);
        warm.kernel.close();
        Heap.Weight before = Heap.weigh();
        findings.begin();
        Bare threads = Bare.start(n, virtual);
        findings.took("bare threads: start, and all waiting", n);
        Heap.Weight each = Heap.weigh().since(before, n);
        findings.weighs("heap of a bare waiting thread", each.all());
        findings.begin();
        threads.end();
        findings.took("bare threads: wake and join", n);
        return each;
    }

    private static void hold(Sleepers sleepers, int n, Plant plant, Findings findings) throws InterruptedException {
        Kernel kernel = sleepers.kernel;
        findings.begin();
        Suspension hold;
        try {
            hold = kernel.quiesce("scale", Kernel.ALL, plant == Plant.NOTHING ? LIMIT : SHORT);
        } catch (SuspendRefusedException e) {
            findings.claim(false, "not all suspended: " + e.getMessage());
            return;
        }
        findings.took("quiesce all", n);
        long worked = sleepers.worked.now();
        List<Proc> procs = sleepers.procs();
        int woken = sleepers.wakeEvery(TENTH); // of those that are still, nobody acts on it before resume
        long still = procs.stream()
                .filter(proc -> isStill(proc, ResumeOutcome.Kind.STILL_HELD))
                .count();
        findings.claim(still == procs.size(), still + " of " + procs.size() + " answer that they are suspended");
        findings.claim(
                sleepers.worked.now() == worked, (sleepers.worked.now() - worked) + " times work was done while held");
        findings.begin();
        hold.close();
        findings.took("resume all", n);
        boolean resumed = sleepers.worked.reaches(worked + woken, plant == Plant.NOTHING ? LIMIT : SHORT);
        findings.claim(
                resumed, (worked + woken - sleepers.worked.now()) + " of " + woken + " woken ones did not go on");
        long running = procs.stream()
                .filter(proc -> isStill(proc, ResumeOutcome.Kind.RUNNING))
                .count();
        findings.claim(running == procs.size(), running + " of " + procs.size() + " are free of any request");
    }

    /** Asks once more: one that sleeps or is held answers at once. A resume ends this request, and leaves what holds it else. */
    private static boolean isStill(Proc proc, ResumeOutcome.Kind then) {
        try {
            boolean suspended = proc.suspend(Duration.ZERO).verdict() == Verdict.SUSPENDED;
            return proc.resume().kind() == then && suspended;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts", e);
        }
    }

    private static void end(Sleepers sleepers, int n, Plant plant, Findings findings) throws InterruptedException {
        findings.begin();
        ShutdownReport report = sleepers.kernel.reboot(Howto.HALT, plant == Plant.NOTHING ? LIMIT : SHORT);
        findings.took("shutdown: all stopped and joined", n);
        findings.claim(report.complete(), "the report is not complete");
        findings.claim(report.leftThreads().isEmpty(), report.leftThreads().size() + " threads are left");
        findings.claim(
                report.daemons().size() == n,
                "the report tells of " + report.daemons().size() + " daemons");
        long ended = sleepers.procs().stream()
                .filter(proc ->
                        proc.state() == ProcState.REAPED && proc.exitStatus().orElse(-1) == 0)
                .count();
        findings.claim(ended == n, ended + " of " + n + " have ended, with status 0");
    }

    /** The daemon that is not like the others. */
    private static @Nullable Action odd(Plant plant, Sleepers sleepers) {
        return switch (plant) {
            case NEVER_SUSPENDS ->
                () -> {
                    while (!CurThread.shouldStop()) {
                        Thread.onSpinWait();
                    }
                };
            case WORKS_WHILE_HELD ->
                () -> CurThread.quiescent("odd", () -> {
                    while (!CurThread.shouldStop()) {
                        sleepers.worked.add();
                        Thread.onSpinWait();
                    }
                    return null;
                });
            case NEVER_RESUMES ->
                () -> sleepers.kernel.sleepQueues().pause(SUSPENDABLE, "odd", LIMIT); // out of reach of the wakeup
            case NEVER_ENDS ->
                () -> CurThread.quiescent("odd", () -> {
                    long never = System.nanoTime() + 3 * SHORT.toNanos();
                    while (System.nanoTime() < never) {
                        Thread.onSpinWait();
                    }
                    return null;
                });
            default -> null;
        };
    }
}
