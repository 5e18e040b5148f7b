package org.kthread.benchmarks.programs;

import java.util.List;
import java.util.Locale;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Heap;
import org.kthread.benchmarks.Program;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Suspension;

/** A million virtual daemons asleep at once, in a heap of 2 GiB, all held still, and let go. */
public final class Million implements Program {
    private static final int N = 1_000_000;

    @Override
    public int minJdk() {
        return 24;
    }

    @Override
    public List<String> jvmArgs() {
        return List.of("-Xmx2g");
    }

    @Override
    public List<Line> measure() throws InterruptedException {
        long begin = System.nanoTime();
        KthreadSpec spec =
                KthreadSpec.named("daemon").main(DaemonHeap::sleepAsDaemon).virtual();
        for (int i = 0; i < N; i++) {
            Bench.kernel().kthreads().kthreadCreate(spec);
        }
        double made = (System.nanoTime() - begin) / 1e9;
        begin = System.nanoTime();
        Suspension quiet = Bench.kernel().quiesce("bench", Kernel.ALL, Bench.LONG);
        double held = (System.nanoTime() - begin) / 1e9;
        quiet.close();
        long used = Heap.used() >> 20;
        return List.of(new Line(
                "1,000,000 daemons asleep",
                String.format(Locale.ROOT, "%d MiB; made in %.1f s, all held in %.1f s", used, made, held),
                "a heap of 2 GiB",
                "-",
                "-",
                "they fit",
                true));
    }
}
