package org.kthread.sysinit;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The trace of a boot: which step ran when, for how long, and what it started. {@link #toString} is a table.
 *
 * @param steps in the order in which they ran
 * @param known how many steps the boot knew of at the end, those that did not run included
 * @param took from the first step to the end of the last, and of the roll-back if there was one
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=boottrace&amp;sektion=4">boottrace(4)</a>
 */
public record BootReport(List<Step> steps, int known, Duration took) {
    /**
     * Refuses what is missing.
     *
     * @param steps in the order in which they ran
     * @param known how many steps the boot knew of at the end, those that did not run included
     * @param took from the first step to the end of the last, and of the roll-back if there was one
     */
    public BootReport {
        Objects.requireNonNull(took, "took");
        steps = List.copyOf(Objects.requireNonNull(steps, "steps"));
    }

    /** What became of a step. */
    public enum Result {
        /** It ran, and stands. */
        DONE,
        /** It failed; its processes are stopped. */
        FAILED,
        /** It ran, and has been undone, or is to be undone by the shutdown that stopped the boot. */
        UNDONE,
        /** It ran; undoing it failed. */
        UNDO_FAILED
    }

    /**
     * One step of the trace.
     *
     * @param name of the step
     * @param key of the step
     * @param begin since the begin of the boot
     * @param end of the step, its wait for daemons included, since the begin of the boot
     * @param thread that ran it
     * @param processes that it created, as {@code name[pid]}
     * @param result what became of it
     * @param failure why it failed, or why undoing it failed
     */
    public record Step(
            String name,
            Key key,
            Duration begin,
            Duration end,
            String thread,
            List<String> processes,
            Result result,
            @Nullable Throwable failure) {
        /**
         * Refuses what is missing.
         *
         * @param name of the step
         * @param key of the step
         * @param begin since the begin of the boot
         * @param end of the step, its wait for daemons included, since the begin of the boot
         * @param thread that ran it
         * @param processes that it created, as {@code name[pid]}
         * @param result what became of it
         * @param failure why it failed, or why undoing it failed
         */
        public Step {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(key, "key");
            Objects.requireNonNull(begin, "begin");
            Objects.requireNonNull(end, "end");
            Objects.requireNonNull(thread, "thread");
            Objects.requireNonNull(result, "result");
            processes = List.copyOf(Objects.requireNonNull(processes, "processes"));
        }
    }

    /** The trace as a table for a terminal, one line a step. */
    @Override
    public String toString() {
        int name = "STEP".length();
        int key = "KEY".length();
        int thread = "THREAD".length();
        for (Step step : steps) {
            name = Math.max(name, step.name.length());
            key = Math.max(key, step.key.toString().length());
            thread = Math.max(thread, step.thread.length());
        }
        String row = "%5s %12s %12s  %-" + name + "s  %-" + key + "s  %-11s  %-" + thread + "s  %s";
        StringBuilder table = new StringBuilder();
        line(table, row, "#", "BEGIN ms", "TOOK ms", "STEP", "KEY", "RESULT", "THREAD", "PROCESSES");
        int number = 0;
        for (Step step : steps) {
            line(
                    table,
                    row,
                    ++number,
                    millis(step.begin),
                    millis(step.end.minus(step.begin)),
                    step.name,
                    step.key,
                    step.result.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                    step.thread,
                    String.join(" ", step.processes));
            if (step.failure != null) {
                table.append("      ").append(BootException.text(step.failure)).append('\n');
            }
        }
        return table.append(String.format(Locale.ROOT, "%d of %d steps in %s ms\n", steps.size(), known, millis(took)))
                .toString();
    }

    private static void line(StringBuilder table, String row, Object... cells) {
        table.append(String.format(Locale.ROOT, row, cells).stripTrailing()).append('\n');
    }

    private static String millis(Duration time) {
        return String.format(Locale.ROOT, "%.3f", time.getSeconds() * 1e3 + time.getNano() / 1e6);
    }
}
