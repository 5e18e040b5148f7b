package org.kthread.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.models.Spin.Outcome;

/**
 * Every configuration of every model in {@code docs/models}, with and without spurious wakeups: the clean ones must hold, and
 * each planted bug must be rejected with the one or the other. Run by the profile {@code model}.
 */
class SpinModels {
    private static final Path MODELS = Path.of("..", "docs", "models");
    private static final int[] SPURIOUS = {0, 1};
    private static final String ROW = "%-13s %-4s %-10s %-8s %-8s %11s %6s  %s%n";

    @TempDir
    Path folder;

    private record Run(Configuration configuration, Future<Outcome> outcome) {}

    @Test
    @DisplayName("Each model holds, and rejects each bug planted in it")
    void everyModel() throws Exception {
        Spin.requireTools(folder);
        ExecutorService pool = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Run> runs = new ArrayList<>();
            for (Configuration configuration : Configuration.all(MODELS)) {
                if (configuration.isPlanted()) {
                    runs.add(new Run(configuration, pool.submit(() -> hunt(configuration))));
                    continue;
                }
                for (int spurious : SPURIOUS) {
                    runs.add(new Run(
                            configuration, pool.submit(() -> Spin.in(folder).run(configuration, spurious))));
                }
            }
            assertEquals(List.of(), judge(runs), "configurations that did not end as expected");
        } finally {
            pool.shutdownNow();
            assertTrue(pool.awaitTermination(1, TimeUnit.MINUTES));
        }
    }

    /** A bug is rejected without spurious wakeups, or else with them. */
    private Outcome hunt(Configuration planted) throws Exception {
        Outcome outcome = Spin.in(folder).run(planted, SPURIOUS[0]);
        return outcome.rejected() ? outcome : Spin.in(folder).run(planted, SPURIOUS[1]);
    }

    /** Prints the table as the runs end; tells what is wrong. */
    @SuppressWarnings("SystemOut") // the table is what this is run for
    private static List<String> judge(List<Run> runs) throws InterruptedException {
        System.out.printf(ROW, "model", "wake", "what", "expected", "got", "states", "sec.", "options");
        List<String> wrong = new ArrayList<>();
        double seconds = 0;
        for (Run run : runs) {
            Configuration of = run.configuration;
            String got;
            Outcome outcome = new Outcome(0, false, 0, 0);
            try {
                outcome = run.outcome.get();
                got = outcome.rejected() ? "rejected" : "holds";
                if (outcome.rejected() != of.isPlanted()) {
                    wrong.add(of + ": " + got);
                }
            } catch (ExecutionException e) {
                got = "FAILED";
                wrong.add(of + ": " + e.getCause());
            }
            seconds += outcome.seconds();
            System.out.printf(
                    ROW,
                    of.model().getFileName(),
                    outcome.spurious() == 0 ? "none" : "spur",
                    of.isPlanted() ? "P" + of.property() + " bug " + of.bug() : of.isLive() ? "LTL" : "clean",
                    of.isPlanted() ? "rejected" : "holds",
                    got,
                    outcome.states(),
                    String.format(Locale.ROOT, "%.1f", outcome.seconds()),
                    String.join(" ", of.options()) + (of.words().isEmpty() ? "" : " : " + of.words()));
        }
        System.out.printf(Locale.ROOT, "%d runs, %.0f seconds of work, %d wrong%n", runs.size(), seconds, wrong.size());
        return wrong;
    }

    @Test
    @DisplayName("A head in which a property has no planted bug is refused")
    void propertyWithoutBug() {
        List<String> head =
                List.of(" *   P1  This holds.", " *   P2  And that.", " *   clean     -DA", " *   bug 3 P1  -DA : x");
        Exception refused = assertThrows(IllegalArgumentException.class, () -> Configuration.of(Path.of("head"), head));
        assertTrue(refused.getMessage().contains("[2]"), refused::getMessage);
    }
}
