package org.kthread.benchmarks.lines;

import java.util.concurrent.TimeUnit;
import org.kthread.benchmarks.Bench;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.kthread.sleep.SleepPriority;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A daemon that counts as parked already, in a suspendable sleep or in a region, is suspended and resumed. */
@State(Scope.Thread)
public class SuspendIdle {
    private Proc sleeper = Bench.kernel().initproc();
    private Proc inRegion = sleeper;

    @Setup
    public void setUp() throws InterruptedException {
        sleeper = Bench.daemon("sleeper", false, () -> {
            while (true) {
                Bench.kernel().sleepQueues().pause(SleepPriority.SUSPENDABLE, "idle", Bench.LONG);
            }
        });
        inRegion = Bench.daemon("inregion", false, () -> CurThread.quiescent("idle", () -> TimeUnit.DAYS.sleep(1)));
        for (Proc each : new Proc[] {sleeper, inRegion}) {
            each.suspend(Bench.LONG);
            each.resume();
        }
    }

    @Benchmark
    public void asleep() throws InterruptedException {
        sleeper.suspend(Bench.LONG);
        sleeper.resume();
    }

    @Benchmark
    public void inRegion() throws InterruptedException {
        inRegion.suspend(Bench.LONG);
        inRegion.resume();
    }
}
