package org.kthread.benchmarks.programs;

import java.util.List;
import java.util.Locale;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.Heap;
import org.kthread.benchmarks.Program;
import org.kthread.lwp.Lwps;

/** What an lwp takes of the heap, and what a process with one lwp takes. */
public final class LwpMemory implements Program {
    private static final int N = 200_000;

    @Override
    public List<Line> measure() {
        Lwps lwps = Bench.kernel().lwps();
        lwps.rfork(Lwps.RUMP_RFCFDG);
        int pid = Bench.kernel().syscalls().getpid();
        return List.of(
                line("memory of an lwp", 100, "C: 4.1 KB", () -> lwps.newLwp(pid)),
                line("memory of a process with an lwp", 400, "C: 6.7 KB", () -> {
                    lwps.switchTo(null);
                    lwps.rfork(0);
                }));
    }

    private static Line line(String what, int most, String inC, Runnable make) {
        make.run();
        long before = Heap.used();
        for (int i = 0; i < N; i++) {
            make.run();
        }
        double each = (double) (Heap.used() - before) / N;
        return new Line(
                what, String.format(Locale.ROOT, "%.0f B", each), "-", "-", inC, "≤ " + most + " B", each <= most);
    }
}
