package org.kthread.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** What a line has to reach. */
public sealed interface Goal {

    /** As the table says it. */
    String text();

    /** Whether the run has reached it. */
    boolean met(Row row, Figures figures);

    /** The time of ours by that of the limit, the median of the pairs. */
    record Ratio(double most) implements Goal {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "≤ %s x limit", number(most));
        }

        @Override
        public boolean met(Row row, Figures figures) {
            return figures.ratio(row.of(), row.ours(), row.requireLimit().method())
                            .median()
                    <= most;
        }
    }

    /** What ours takes more than the limit, for each of the parts of an operation. */
    record Above(double nanos, int parts) implements Goal {
        @Override
        public String text() {
            return "≤ limit + " + number(nanos) + " ns" + (parts > 1 ? " a handler" : "");
        }

        @Override
        public boolean met(Row row, Figures figures) {
            return figures.above(row.of(), row.ours(), row.requireLimit().method())
                                    .median()
                            / parts
                    <= nanos;
        }
    }

    /** A time for each of the parts of an operation. */
    record AtMost(double nanos, int parts) implements Goal {
        @Override
        public String text() {
            return "≤ " + (nanos < 1000 ? number(nanos) + " ns" : number(nanos / 1000) + " µs")
                    + (parts > 1 ? " a daemon" : "");
        }

        @Override
        public boolean met(Row row, Figures figures) {
            return figures.time(row.of(), row.ours()).median() / parts <= nanos;
        }
    }

    /** Faster than every peer. */
    record Ahead() implements Goal {
        @Override
        public String text() {
            return "ahead of the peers";
        }

        @Override
        public boolean met(Row row, Figures figures) {
            return row.peers().stream()
                    .filter(peer -> figures.has(row.of(), peer.method()))
                    .allMatch(peer ->
                            figures.ratio(row.of(), row.ours(), peer.method()).median() < 1);
        }
    }

    /**
     * Nothing is allocated that the limit does not allocate too: to switch between virtual threads allocates. The profiler counts
     * for the whole JVM, so what is below one byte is none.
     */
    record NoBytes() implements Goal {
        @Override
        public String text() {
            return "no bytes but the limit's";
        }

        @Override
        public boolean met(Row row, Figures figures) {
            OptionalDouble bytes = figures.bytes(row.of(), row.ours());
            double limit = row.limit() == null
                    ? 0
                    : figures.bytes(row.of(), row.limit().method()).orElse(0);
            return bytes.isEmpty() || bytes.getAsDouble() < limit + 1;
        }
    }

    /** More threads slow ours down no more than they do the limit, but for what the measurement itself may err. */
    record Scales(Case alone) implements Goal {
        private static final double ERROR = 1.1;

        @Override
        public String text() {
            return "slows down no more than the limit";
        }

        @Override
        public boolean met(Row row, Figures figures) {
            String limit = row.requireLimit().method();
            return figures.ratio(row.of(), row.ours(), limit).median()
                    <= figures.ratio(alone, row.ours(), limit).median() * ERROR;
        }
    }

    /** Several at once. */
    record All(List<Goal> goals) implements Goal {
        @Override
        public String text() {
            StringBuilder text = new StringBuilder();
            for (Goal goal : goals) {
                text.append(text.length() == 0 ? "" : "; ").append(goal.text());
            }
            return text.toString();
        }

        @Override
        public boolean met(Row row, Figures figures) {
            for (Goal goal : goals) {
                if (!goal.met(row, figures)) {
                    return false;
                }
            }
            return true;
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
