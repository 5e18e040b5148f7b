package org.kthread.benchmarks.programs;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Heap;
import org.kthread.benchmarks.Program;
import org.kthread.proc.Suspension;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.KernelClock;

/** The heap of a sleeping daemon, beside that of a bare waiting thread of the same kind. */
public final class DaemonHeap implements Program {
    private static final int VIRTUAL = 100_000;
    private static final int PLATFORM = 10_000;
    private static final int MOST = 512;

    private final Object monitor = new Object();
    private static final ReentrantLock LOCK = new ReentrantLock();

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

    private Line line(boolean virtual, int n) throws Exception {
        Bench.daemon("warm", virtual, () -> {}).join(Bench.LONG);
        Heap.Weight bare = bareThreads(virtual, n);
        Heap.Weight daemon = daemons(virtual, n);
        double more = daemon.objects() - bare.objects();
        return new Line(
                "heap a daemon beside its host thread, " + (virtual ? "virtual" : "platform"),
                String.format(Locale.ROOT, "%.0f B more", more) + stack(daemon),
                String.format(Locale.ROOT, "bare waiting thread: %.0f B", bare.objects()) + stack(bare),
                "-",
                "-",
                "≤ " + MOST + " B",
                more <= MOST);
    }

    /** The stack of a virtual thread is on the heap while it waits, and is part of the host thread. */
    private static String stack(Heap.Weight weight) {
        return weight.stacks() == 0 ? "" : String.format(Locale.ROOT, ", and a stack of %.0f B", weight.stacks());
    }

    private Heap.Weight bareThreads(boolean virtual, int n) throws Exception {
        Heap.Weight before = Heap.weigh();
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
        return Heap.weigh().since(before, n);
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

    private Heap.Weight daemons(boolean virtual, int n) throws Exception {
        Bench.kernel();
        Heap.Weight before = Heap.weigh();
        for (int i = 0; i < n; i++) {
            kept.add(Bench.daemon("daemon", virtual, DaemonHeap::sleepAsDaemon));
        }
        try (Suspension quiet = Bench.kernel().quiesce("bench", Kernel.ALL, Bench.LONG)) {
            kept.add(quiet.owner()); // all are asleep
        }
        return Heap.weigh().since(before, n);
    }

    static void sleepAsDaemon() {
        while (true) {
            LOCK.lock();
            Bench.kernel()
                    .sleepQueues()
                    .msleep(
                            DaemonHeap.class,
                            LOCK,
                            SleepPriority.SUSPENDABLE | SleepPriority.PDROP,
                            "idle",
                            KernelClock.FOREVER); // without a limit, as the bare thread: a timer of the JDK weighs, too
        }
    }
}
