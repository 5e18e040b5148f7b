package org.kthread.benchmarks.lines;

import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.sleep.SleepPriority;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Many daemons that are asleep, in suspendable sleeps, are held and let go. */
@State(Scope.Thread)
public class QuiesceIdle {
    @Param("100")
    public int n;

    @Param("false")
    public boolean virtual;

    @Setup
    public void setUp() throws InterruptedException {
        for (int i = 0; i < n; i++) {
            Bench.daemon("idle", virtual, () -> {
                while (true) {
                    Bench.kernel().sleepQueues().pause(SleepPriority.SUSPENDABLE, "idle", Bench.LONG.multipliedBy(60));
                }
            });
        }
        ours();
    }

    @Benchmark
    public void ours() throws InterruptedException {
        Bench.kernel().quiesce("bench", Kernel.ALL, Bench.LONG).close();
    }
}
