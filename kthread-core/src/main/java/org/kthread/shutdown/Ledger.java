package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.StopRecord;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.SuspendRequest;
import org.kthread.shutdown.ShutdownReport.Daemon;
import org.kthread.shutdown.ShutdownReport.Phase;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Run;
import org.kthread.shutdown.ShutdownReport.Unsynced;
import org.kthread.sys.KernelClock;

/** Writes down what a shutdown does, as it does it; a report can be had at any time. */
final class Ledger {
    /*
     * Locking key: (f) final; (m) this monitor.
     */
    private final KernelClock clock; // (f)
    private final Howto howto; // (f)
    private final Budget budget; // (f)
    private final Duration length; // (f)

    @GuardedBy("this")
    private final List<Phase> phases = new ArrayList<>(); // (m) those that are over

    @GuardedBy("this")
    private final List<Run> runs = new ArrayList<>(); // (m) of the phase that is not

    @GuardedBy("this")
    private final List<Daemon> daemons = new ArrayList<>(); // (m)

    @GuardedBy("this")
    private final List<Unsynced> unsynced = new ArrayList<>(); // (m)

    @GuardedBy("this")
    private @Nullable String phase; // (m) the one that is not over

    @GuardedBy("this")
    private long phaseBegan; // (m)

    @GuardedBy("this")
    private @Nullable String run; // (m) what runs now

    @GuardedBy("this")
    private long runBegan; // (m)

    @GuardedBy("this")
    private int runNumber; // (m) of what runs, or ran last

    Ledger(KernelClock clock, Howto howto, Budget budget, Duration length) {
        this.clock = clock;
        this.howto = howto;
        this.budget = budget;
        this.length = length;
    }

    private Duration since(long time) {
        return Duration.ofNanos(Math.max(0, time - budget.begin()));
    }

    private Duration took(long began) {
        return Duration.ofNanos(clock.nanoTime() - began);
    }

    synchronized void beginPhase(String name) {
        phase = name;
        phaseBegan = clock.nanoTime();
    }

    synchronized void endPhase() {
        if (phase != null) {
            phases.add(new Phase(phase, since(phaseBegan), took(phaseBegan), List.copyOf(runs)));
            phase = null;
            runs.clear();
        }
    }

    /** Something runs from now on; its number is for {@link #rename}. */
    synchronized int beginRun(String name) {
        run = name;
        runBegan = clock.nanoTime();
        return ++runNumber;
    }

    /** Gives what runs a better name, if it still runs. */
    synchronized void rename(int number, String name) {
        if (run != null && runNumber == number) {
            run = name;
        }
    }

    /** What we do ourselves has failed. */
    synchronized void failed(Throwable failure) {
        if (phase == null) {
            beginPhase("between"); // two phases, or behind the last
        }
        if (run == null) {
            beginRun("the shutdown itself");
        }
        endRun(Result.FAILED, failure, List.of());
    }

    synchronized void endRun(Result result, @Nullable Throwable failure, List<StackTraceElement> stack) {
        if (run != null) {
            runs.add(new Run(run, since(runBegan), took(runBegan), result, failure, stack));
            run = null;
        }
    }

    /** Something that ran for a time altogether, perhaps in pieces. */
    synchronized void addRun(
            String name,
            long began,
            long took,
            Result result,
            @Nullable Throwable failure,
            List<StackTraceElement> stack) {
        runs.add(new Run(name, since(began), Duration.ofNanos(took), result, failure, stack));
    }

    synchronized void suspended(KprocShutdown handler, SuspendRequest request, @Nullable SuspendOutcome outcome) {
        long answered = request.answered();
        daemons.add(new Daemon(
                handler.name(),
                handler.proc().pid(),
                "suspend",
                since(request.asked()),
                answered < 0 ? null : since(answered),
                outcome == null ? List.of() : outcome.stuck()));
    }

    synchronized void stopped(StopRecord stop) {
        daemons.add(new Daemon(
                stop.proc().comm(),
                stop.proc().pid(),
                "stop",
                since(stop.asked()),
                stop.ended() < 0 ? null : since(stop.ended()),
                stop.stuck()));
    }

    synchronized void unsynced(List<Unsynced> left) {
        unsynced.addAll(left);
    }

    /** What was done so far. */
    synchronized ShutdownReport report(@Nullable String panic, List<String> leftThreads, boolean complete) {
        List<Phase> all = new ArrayList<>(phases);
        if (phase != null) {
            List<Run> now = new ArrayList<>(runs);
            if (run != null) {
                now.add(new Run(run, since(runBegan), took(runBegan), Result.RUNNING, null, List.of()));
            }
            all.add(new Phase(phase, since(phaseBegan), took(phaseBegan), List.copyOf(now)));
        }
        return new ShutdownReport(
                howto,
                panic,
                length,
                took(budget.begin()),
                List.copyOf(all),
                List.copyOf(daemons),
                List.copyOf(unsynced),
                List.copyOf(leftThreads),
                complete);
    }
}
