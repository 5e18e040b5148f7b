package org.kthread.proc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;

/**
 * The kernel threads of one kernel at about one moment, in pid order: each row is right, but they are not taken at once.
 * {@link #toString} is the table.
 *
 * @see <a href="https://man.freebsd.org/ps/1">ps(1)</a>
 */
public final class Ps implements Iterable<PsRow> {
    private static final double NANOS = 1e9;

    private final List<PsRow> rows;

    private Ps(List<PsRow> rows) {
        this.rows = List.copyOf(rows);
    }

    static Ps of(List<Proc> procs, long now) {
        List<PsRow> rows = new ArrayList<>();
        for (Proc proc : procs) {
            List<Kthread> threads = proc.kthreads();
            if (threads.isEmpty()) {
                char state = proc.state() == ProcState.ZOMBIE || proc.state() == ProcState.REAPED
                        ? 'Z'
                        : proc.isRunning() ? 'R' : 'S';
                rows.add(new PsRow(
                        proc.pid(), proc.ppid(), 0, proc.comm(), "", state, null, Duration.ZERO, List.of(), null, ""));
            }
            for (Kthread thread : threads) {
                rows.add(row(proc, thread, now));
            }
        }
        return new Ps(rows);
    }

    private static PsRow row(Proc proc, Kthread thread, long now) {
        SuspendGate gate = thread.gate;
        String wmesg = gate.wmesg();
        Duration age = wmesg == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, now - gate.since()));
        List<String> holds = new ArrayList<>();
        for (SuspendGate.Ask ask : gate.asks()) {
            holds.add(String.format(
                    Locale.ROOT, "%s %.1fs", ask.owner == null ? "suspend" : ask.owner, (now - ask.since) / NANOS));
        }
        return new PsRow(
                proc.pid(),
                proc.ppid(),
                thread.tid(),
                proc.comm(),
                thread.name(),
                state(thread, wmesg != null),
                wmesg,
                age,
                holds,
                HostInfo.cpu(thread.host),
                thread.host.getName());
    }

    static char state(Kthread thread, boolean asleep) {
        if (thread.gate.isGone()) {
            return 'Z';
        }
        if (thread.gate.isSuspended()) {
            return 'T';
        }
        if (asleep) {
            return thread.gate.isInterruptible() ? 'S' : 'D';
        }
        return switch (thread.host.getState()) {
            case BLOCKED, WAITING, TIMED_WAITING -> 'D';
            default -> 'R';
        };
    }

    /**
     * The rows.
     *
     * @return in pid order
     */
    public List<PsRow> rows() {
        return rows;
    }

    @Override
    public Iterator<PsRow> iterator() {
        return rows.iterator();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("  PID  PPID     TID STAT WMESG        AGE      CPU COMMAND");
        for (PsRow row : rows) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n%5d %5d %7s %-4s %-8s %7s %8s %s",
                    row.pid(),
                    row.ppid(),
                    row.tid() == 0 ? "-" : Integer.toString(row.tid()),
                    row.state(),
                    row.wmesg() == null ? "-" : row.wmesg(),
                    row.wmesg() == null ? "-" : seconds(row.age()),
                    row.cpu() == null ? "-" : seconds(row.cpu()),
                    command(row)));
        }
        return text.toString();
    }

    private static String command(PsRow row) {
        boolean own = row.thread().isEmpty() || row.thread().startsWith(row.comm());
        String held = row.holds().isEmpty() ? "" : " held by " + String.join(", ", row.holds());
        return "[" + row.comm() + (own ? "" : "/" + row.thread()) + "]" + held;
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1fs", time.toNanos() / NANOS);
    }
}
