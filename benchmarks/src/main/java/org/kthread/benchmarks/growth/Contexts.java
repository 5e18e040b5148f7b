package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.lwp.Lwps;
import org.kthread.proc.Lwp;

/** Lwps, ten in each process: made, switched to in an order of chance, and released. */
final class Contexts implements Sweep {
    static final int A_PROCESS = 10;
    private static final int SWITCHES = 500_000;
    private static final Object NOBODY = new Object();
    private static final ThreadLocal<@Nullable Object[]> SLOT = new ThreadLocal<>();

    @Override
    public String name() {
        return "lwps";
    }

    @Override
    public String title() {
        return "Lwps, ten in each process";
    }

    @Override
    public String elements() {
        return "lwps";
    }

    @Override
    public List<Integer> sizes() {
        return Sweep.upTo(100_000);
    }

    @Override
    public Map<String, Double> run(int n) {
        Map<String, Double> costs = new LinkedHashMap<>();
        Lap lap = new Lap(costs, n);
        try (Kernel kernel = Kernel.start(KernelConfig.defaults().withConsole(line -> {}))) {
            int rounds = Math.max(1, 20_000 / n);
            double forking = 0;
            double adding = 0;
            double releasing = 0;
            int processes = (n + A_PROCESS - 1) / A_PROCESS;
            for (int round = 0; round < rounds; round++) {
                List<Lwp> all = new ArrayList<>(n);
                long began = System.nanoTime();
                fork(kernel.lwps(), processes, all);
                forking += System.nanoTime() - began;
                began = System.nanoTime();
                add(kernel.lwps(), n, all);
                adding += System.nanoTime() - began;
                Collections.shuffle(all, new Random(n));
                if (round == 0) {
                    switching(kernel.lwps(), all, lap);
                }
                began = System.nanoTime();
                release(kernel.lwps(), all);
                releasing += System.nanoTime() - began;
            }
            costs.put("rfork", forking / rounds / processes);
            if (n > processes) {
                costs.put("newlwp", adding / rounds / (n - processes));
            }
            costs.put("switch and release", releasing / rounds / n);
        }
        bare(n, lap);
        return costs;
    }

    static void fork(Lwps lwps, int processes, List<Lwp> all) {
        for (int i = 0; i < processes; i++) {
            lwps.switchTo(null);
            lwps.rfork(Lwps.RUMP_RFCFDG);
            all.add(Objects.requireNonNull(lwps.curLwp()));
        }
    }

    static void add(Lwps lwps, int n, List<Lwp> all) {
        int processes = all.size();
        for (int i = processes; i < n; i++) {
            lwps.newLwp(all.get(i % processes).proc().pid());
            all.add(Objects.requireNonNull(lwps.curLwp()));
        }
        lwps.switchTo(null);
    }

    static void release(Lwps lwps, List<Lwp> all) {
        for (Lwp lwp : all) {
            lwps.switchTo(lwp);
            lwps.releaseLwp();
        }
    }

    private static void switching(Lwps lwps, List<Lwp> all, Lap lap) {
        if (all.size() == 1) {
            return; // nowhere to go
        }
        int passes = Math.max(1, SWITCHES / all.size());
        lap.begin();
        for (int i = 0; i < passes; i++) {
            for (Lwp lwp : all) {
                lwps.switchTo(lwp);
            }
        }
        lap.end("switch", passes);
        lwps.switchTo(null);
    }

    /** A lookup, a compare-and-set and a store, to as many places. */
    private static void bare(int n, Lap lap) {
        if (n == 1) {
            return;
        }
        List<AtomicReference<Object>> all = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            all.add(new AtomicReference<>(NOBODY));
        }
        Collections.shuffle(all, new Random(n));
        SLOT.set(new @Nullable Object[1]);
        Thread me = Thread.currentThread();
        AtomicReference<Object> left = null;
        int passes = Math.max(1, SWITCHES / n);
        lap.begin();
        for (int i = 0; i < passes; i++) {
            for (AtomicReference<Object> next : all) {
                @Nullable Object[] here = Objects.requireNonNull(SLOT.get());
                if (!next.compareAndSet(NOBODY, me)) {
                    throw new IllegalStateException("nobody else is there");
                }
                here[0] = next;
                if (left != null) {
                    left.setRelease(NOBODY);
                }
                left = next;
            }
        }
        lap.end(Point.BASE + "lookup and compare-and-set", passes);
        SLOT.remove();
    }
}
