package org.kthread.shutdown;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Diagnosis;
import org.kthread.sys.KernelClock;

/**
 * What a shutdown did, and what it left behind. All times count from its begin. {@link #toString} is a table to read.
 *
 * @param howto how it was to be done
 * @param panic what was wrong, if it was a panic
 * @param budget how much time it had
 * @param took how much it used
 * @param phases in their order, those not reached left out
 * @param daemons who was asked to suspend or told to stop
 * @param unsynced what is not on disk
 * @param leftThreads host threads of ours that live
 * @param complete whether all phases are over; a report given to a handler is not complete
 */
public record ShutdownReport(
        Howto howto,
        @Nullable String panic,
        Duration budget,
        Duration took,
        List<Phase> phases,
        List<Daemon> daemons,
        List<Unsynced> unsynced,
        List<String> leftThreads,
        boolean complete) {
    private static final double NANOS = 1e9;

    /**
     * Refuses what is missing.
     *
     * @param howto how it was to be done
     * @param panic what was wrong, if it was a panic
     * @param budget how much time it had
     * @param took how much it used
     * @param phases in their order, those not reached left out
     * @param daemons who was asked to suspend or told to stop
     * @param unsynced what is not on disk
     * @param leftThreads host threads of ours that live
     * @param complete whether all phases are over; a report given to a handler is not complete
     */
    public ShutdownReport {
        Objects.requireNonNull(howto, "howto");
        Objects.requireNonNull(budget, "budget");
        Objects.requireNonNull(took, "took");
        phases = List.copyOf(Objects.requireNonNull(phases, "phases"));
        daemons = List.copyOf(Objects.requireNonNull(daemons, "daemons"));
        unsynced = List.copyOf(Objects.requireNonNull(unsynced, "unsynced"));
        leftThreads = List.copyOf(Objects.requireNonNull(leftThreads, "leftThreads"));
    }

    /** What came of one thing that was run. */
    public enum Result {
        /** It returned. */
        DONE,
        /** It threw. */
        FAILED,
        /** It did not return in the time of its phase: it was interrupted and left behind. */
        ABANDONED,
        /** There was no time left for it. */
        NOT_RUN,
        /** It is running. */
        RUNNING
    }

    /**
     * One phase.
     *
     * @param name of the phase
     * @param began when
     * @param took how long
     * @param runs what was run in it: handlers, the sync, undos
     */
    public record Phase(String name, Duration began, Duration took, List<Run> runs) {
        /**
         * Refuses what is missing.
         *
         * @param name of the phase
         * @param began when
         * @param took how long
         * @param runs what was run in it: handlers, the sync, undos
         */
        public Phase {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(began, "began");
            Objects.requireNonNull(took, "took");
            runs = List.copyOf(Objects.requireNonNull(runs, "runs"));
        }
    }

    /**
     * One handler, sync or undo.
     *
     * @param name what it is
     * @param began when
     * @param took how long
     * @param result what came of it
     * @param failure what it threw
     * @param stack where it was when it was left behind
     */
    public record Run(
            String name,
            Duration began,
            Duration took,
            Result result,
            @Nullable Throwable failure,
            List<StackTraceElement> stack) {
        /**
         * Refuses what is missing.
         *
         * @param name what it is
         * @param began when
         * @param took how long
         * @param result what came of it
         * @param failure what it threw
         * @param stack where it was when it was left behind
         */
        public Run {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(began, "began");
            Objects.requireNonNull(took, "took");
            Objects.requireNonNull(result, "result");
            stack = List.copyOf(Objects.requireNonNull(stack, "stack"));
        }
    }

    /**
     * One daemon that was asked to suspend, or told to stop.
     *
     * @param name of its process
     * @param pid of its process
     * @param how {@code suspend} or {@code stop}
     * @param asked when
     * @param answered when it had parked or ended; null if it had not
     * @param stuck where its threads were that had not
     */
    public record Daemon(
            String name,
            int pid,
            String how,
            Duration asked,
            @Nullable Duration answered,
            List<Diagnosis> stuck) {
        /**
         * Refuses what is missing.
         *
         * @param name of its process
         * @param pid of its process
         * @param how {@code suspend} or {@code stop}
         * @param asked when
         * @param answered when it had parked or ended; null if it had not
         * @param stuck where its threads were that had not
         */
        public Daemon {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(how, "how");
            Objects.requireNonNull(asked, "asked");
            stuck = List.copyOf(Objects.requireNonNull(stuck, "stuck"));
        }
    }

    /**
     * What a sync target could not bring to disk.
     *
     * @param name of the target
     * @param remaining how much
     */
    public record Unsynced(String name, long remaining) {
        /**
         * Refuses what is missing.
         *
         * @param name of the target
         * @param remaining how much
         */
        public Unsynced {
            Objects.requireNonNull(name, "name");
        }
    }

    /**
     * Whether nothing failed and nothing was left behind.
     *
     * @return true if so
     */
    public boolean isClean() {
        boolean ran = phases.stream()
                .flatMap(phase -> phase.runs().stream())
                .allMatch(run -> run.result() == Result.DONE || run.result() == Result.RUNNING);
        boolean parked = daemons.stream().allMatch(daemon -> daemon.stuck().isEmpty());
        return ran && parked && unsynced.isEmpty() && leftThreads.isEmpty() && panic == null;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "Shutdown %s: %s, %s of %s%s",
                howto,
                isClean() ? "clean" : "NOT CLEAN",
                seconds(took),
                seconds(budget),
                complete ? "" : ", so far"));
        if (panic != null) {
            text.append(String.format("%npanic: %s", panic));
        }
        text.append(String.format("%n  PHASE       BEGAN      TOOK  WHAT"));
        phases.forEach(phase -> append(text, phase));
        if (!daemons.isEmpty()) {
            text.append(String.format("%n  DAEMON                PID  HOW        ASKED   ANSWERED"));
            daemons.forEach(daemon -> append(text, daemon));
        }
        unsynced.forEach(left -> text.append(
                String.format(Locale.ROOT, "%n  NOT SYNCED: %s: %d remaining", left.name(), left.remaining())));
        leftThreads.forEach(thread -> text.append(String.format("%n  STILL ALIVE: host thread %s", thread)));
        return text.toString();
    }

    private static void append(StringBuilder text, Phase phase) {
        text.append(String.format(
                Locale.ROOT, "%n  %-9s %8s  %8s", phase.name(), seconds(phase.began()), seconds(phase.took())));
        for (Run run : phase.runs()) {
            text.append(String.format(
                    Locale.ROOT, "%n            %8s  %8s  %s", seconds(run.began()), seconds(run.took()), run.name()));
            if (run.result() != Result.DONE) {
                text.append(": ").append(run.result());
            }
            if (run.failure() != null) {
                text.append(": ").append(run.failure());
            }
            append(text, run.stack());
        }
    }

    private static void append(StringBuilder text, Daemon daemon) {
        Duration answered = daemon.answered();
        text.append(String.format(
                Locale.ROOT,
                "%n  %-19s %5d  %-7s %8s   %s",
                daemon.name(),
                daemon.pid(),
                daemon.how(),
                seconds(daemon.asked()),
                answered == null ? "NOT" : seconds(answered)));
        for (Diagnosis stuck : daemon.stuck()) {
            text.append(String.format("%n      ")).append(stuck.summary());
            append(text, stuck.stack());
        }
    }

    private static void append(StringBuilder text, List<StackTraceElement> stack) {
        stack.forEach(frame -> text.append(String.format("%n          at %s", frame)));
    }

    private static String seconds(Duration time) {
        if (!time.isNegative() && KernelClock.nanos(time) == KernelClock.NEVER) {
            return "no limit";
        }
        return String.format(Locale.ROOT, "%.3fs", time.getSeconds() + time.getNano() / NANOS);
    }
}
