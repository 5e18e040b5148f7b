package org.kthread.benchmarks.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Program;
import org.kthread.proc.Suspension;
import org.kthread.sleep.SleepPriority;

/** The heap of a sleeping daemon, beside that of a bare waiting thread of the same kind. */
public final class DaemonHeap implements Program {
    private static final int VIRTUAL = 100_000;
    private static final int PLATFORM = 4000;
    private static final int MOST = 512;

    private final Object monitor = new Object();
    private final List<Object> kept = new ArrayList<>();

    @Override
    public List<Line> measure() throws Exception {
        List<Line> lines = new ArrayList<>();
        lines.add(line(false, PLATFORM));
        if (Bench.hasVirtual()) {
            lines.add(line(true, VIRTUAL));
        }
        return lines;
    }

    private Line line(boolean virtual, int n) throws InterruptedException {
        Bench.daemon("warm", virtual, () -> {}).join(Bench.LONG);
        double bare = (double) bareThreads(virtual, n) / n;
        double daemon = (double) daemons(virtual, n) / n;
        double more = daemon - bare;
        return new Line(
                "heap a daemon beside its host thread, " + (virtual ? "virtual" : "platform"),
                String.format(Locale.ROOT, "%.0f B more", more),
                String.format(Locale.ROOT, "bare waiting thread: %.0f B", bare),
                "-",
                "-",
                "≤ " + MOST + " B",
                more <= MOST);
    }

    private long bareThreads(boolean virtual, int n) throws InterruptedException {
        long before = Heap.used();
        AtomicInteger waiting = new AtomicInteger();
        for (int i = 0; i < n; i++) {
            Thread thread = Bench.bare(virtual, () -> {
                synchronized (monitor) {
                    waiting.incrementAndGet();
                    sleepForEver();
                }
            });
            kept.add(thread);
            thread.start();
        }
        while (waiting.get() < n) {
            Thread.onSpinWait();
        }
        CountDownLatch last = new CountDownLatch(1);
        synchronized (monitor) {
            last.countDown(); // who has counted itself has let the monitor go, and so waits
        }
        last.await();
        return Heap.used() - before;
    }

    private void sleepForEver() {
        while (true) {
            try {
                monitor.wait();
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts it", e);
            }
        }
    }

    private long daemons(boolean virtual, int n) throws InterruptedException {
        Bench.kernel();
        long before = Heap.used();
        for (int i = 0; i < n; i++) {
            kept.add(Bench.daemon("daemon", virtual, DaemonHeap::sleepAsDaemon));
        }
        try (Suspension quiet = Bench.kernel().quiesce("bench", Kernel.ALL, Bench.LONG)) {
            kept.add(quiet.owner()); // all are asleep
        }
        return Heap.used() - before;
    }

    static void sleepAsDaemon() {
        while (true) {
            Bench.kernel()
                    .sleepQueues()
                    .tsleep(DaemonHeap.class, SleepPriority.SUSPENDABLE, "idle", Bench.LONG.multipliedBy(60));
        }
    }
}
