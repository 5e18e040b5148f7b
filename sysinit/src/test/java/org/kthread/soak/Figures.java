package org.kthread.soak;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.kthread.sys.KernelClock;

/** What one soak has done: counts of each kind, and the last events. Any thread may count. */
final class Figures {
    private static final int KEPT = 60;
    private static final double MEGA = 1 << 20;

    final LongAdder threads = new LongAdder();
    final LongAdder suspensions = new LongAdder();
    final LongAdder holds = new LongAdder();
    final LongAdder quiesces = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder interrupted = new LongAdder();
    final LongAdder errors = new LongAdder();
    final AtomicInteger boots = new AtomicInteger();
    final AtomicInteger failedBoots = new AtomicInteger();
    final AtomicInteger peak = new AtomicInteger();

    private final Map<Op, LongAdder> ops = new EnumMap<>(Op.class);
    private final Deque<String> history = new ArrayDeque<>();
    private final KernelClock clock = KernelClock.system();

    Figures() {
        for (Op op : Op.values()) {
            ops.put(op, new LongAdder());
        }
    }

    void count(Op op) {
        ops.get(op).increment();
    }

    void live(int now) {
        peak.accumulateAndGet(now, Math::max);
    }

    long of(Op op) {
        return ops.get(op).sum();
    }

    /** Keeps an event; the oldest goes. */
    void note(String event) {
        String line =
                clock.nanoTime() / 1_000 + " us, " + Thread.currentThread().getName() + ": " + event;
        synchronized (history) {
            history.addLast(line);
            if (history.size() > KEPT) {
                history.removeFirst();
            }
        }
    }

    String history() {
        synchronized (history) {
            return String.join("\n  ", history);
        }
    }

    /** The line at the end. */
    String line(long seed, long seconds, Heap heap) {
        StringBuilder text = new StringBuilder();
        text.append("soak: seed ").append(seed).append(", ").append(seconds).append(" s, ");
        text.append(boots).append(" boots (").append(failedBoots).append(" failed or stopped), ");
        text.append(threads).append(" threads made, peak ").append(peak).append(" live, ");
        text.append(suspensions).append(" suspensions, ").append(holds).append(" holds, ");
        text.append(quiesces).append(" quiesces, ").append(refused).append(" refused, ");
        text.append(interrupted).append(" interrupts met, ").append(errors).append(" errnos; ");
        for (Op op : Op.values()) {
            text.append(op.name().toLowerCase(java.util.Locale.ROOT))
                    .append(' ')
                    .append(of(op))
                    .append(' ');
        }
        text.append("; heap ").append(String.format("%.1f", heap.warm() / MEGA)).append(" MB after warm-up, ");
        return text.append(String.format("%.1f", heap.last() / MEGA))
                .append(" MB at the end")
                .toString();
    }
}
