package org.kthread.benchmarks.lines;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.sys.Action;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.Key;
import org.kthread.sysinit.Sysinit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Steps in no order are sorted and run, each of which counts itself. Each boot has a kernel of its own. */
@State(Scope.Thread)
public class BootSteps {
    /** What the sort and the loop know of a step. */
    record BareStep(Key key, Action action) {}

    private static final Comparator<BareStep> BY_KEY = Comparator.comparing(BareStep::key);

    @Param("100000")
    public int n;

    private final List<Sysinit> steps = new ArrayList<>();
    private final List<BareStep> bare = new ArrayList<>();
    private Kernel kernel = Bench.quietKernel();
    private int ran;

    @Setup
    public void setUp() {
        kernel.close();
        Random random = new Random(1);
        for (int i = 0; i < n; i++) {
            Key key = new Key(random.nextInt(0x10000000), random.nextInt(0x10000000));
            Action action = () -> ran++;
            steps.add(Sysinit.of("step " + i, key.subsystem(), key.order(), action));
            bare.add(new BareStep(key, action));
        }
    }

    @Setup(Level.Invocation)
    public void newKernel() {
        kernel = Bench.quietKernel();
    }

    @TearDown(Level.Invocation)
    public void closeKernel() {
        kernel.close();
    }

    @Benchmark
    public BootReport ours() throws InterruptedException {
        return Boot.of(kernel).add(steps).run();
    }

    @Benchmark
    public int sortAndLoop() throws Exception {
        BareStep[] sorted = bare.toArray(new BareStep[0]);
        Arrays.sort(sorted, BY_KEY);
        for (BareStep step : sorted) {
            step.action().run();
        }
        return ran;
    }
}
