package org.kthread.proc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.kthread.sys.KernelClock;

/** Waits for threads that were told to stop: a grace, an interrupt, and the deadline. */
final class Stopping {
    /** The grace is a quarter of the time that is left, within these. */
    static final long LEAST_GRACE = 100_000_000L;

    private static final long MOST_GRACE = 10_000_000_000L;

    private Stopping() {}

    /** Waits for the end of these; tells who has not ended at the deadline. */
    static List<Kthread> await(KernelClock clock, List<Kthread> threads, long deadline) throws InterruptedException {
        long now = clock.nanoTime();
        long grace = now + Math.max(LEAST_GRACE, Math.min(MOST_GRACE, (deadline - now) / 4));
        if (grace < deadline) {
            for (Kthread thread : threads) {
                if (!thread.gate.awaitGone(grace)) {
                    thread.graceIsOver(0);
                }
            }
            return awaitUntil(clock, threads, deadline);
        }
        List<Kthread> left = awaitUntil(clock, threads, deadline);
        left.forEach(thread -> thread.graceIsOver(LEAST_GRACE)); // who stops in small portions has waited, too
        return left;
    }

    private static List<Kthread> awaitUntil(KernelClock clock, List<Kthread> threads, long deadline)
            throws InterruptedException {
        List<Kthread> left = new ArrayList<>();
        boolean patient = true;
        for (Kthread thread : threads) {
            if (!thread.gate.awaitGone(deadline)) {
                left.add(thread);
            } else if (!HostThreads.join(
                    thread.host, patient ? HostThreads.patience(clock, deadline) : Duration.ZERO)) {
                left.add(thread); // it has left its last monitor, and does not end
                patient = false; // what keeps one from its end keeps others
            }
        }
        return left;
    }

    /** Tells all of these first, then waits for all, up to one deadline. */
    static List<StopRecord> all(ProcTable table, List<Proc> procs, Function<Proc, List<Kthread>> tell, long deadline) {
        long asked = table.clock.nanoTime();
        List<List<Kthread>> targets = new ArrayList<>();
        List<Kthread> everyone = new ArrayList<>();
        for (Proc proc : procs) {
            List<Kthread> threads = tell.apply(proc);
            threads.forEach(Kthread::tellStop);
            targets.add(threads);
            everyone.addAll(threads);
        }
        try {
            await(table.clock, everyone, deadline);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // what has ended so far is told below
        }
        return records(procs, targets, everyone, asked);
    }

    private static List<StopRecord> records(
            List<Proc> procs, List<List<Kthread>> targets, List<Kthread> everyone, long asked) {
        List<Kthread> late = new ArrayList<>(everyone); // looked at once: one may end any time
        late.removeIf(thread -> thread.gate.goneAt() >= 0);
        List<Diagnosis> stuck = HostInfo.diagnose(late, Integer.MAX_VALUE);
        int told = 0;
        List<StopRecord> records = new ArrayList<>();
        for (int i = 0; i < procs.size(); i++) {
            int first = told;
            long ended = 0;
            for (Kthread thread : targets.get(i)) {
                if (told < late.size() && late.get(told) == thread) {
                    told++;
                } else {
                    ended = Math.max(ended, thread.gate.goneAt());
                }
            }
            if (!targets.get(i).isEmpty()) {
                records.add(new StopRecord(procs.get(i), asked, told > first ? -1 : ended, stuck.subList(first, told)));
            }
        }
        return records;
    }
}
