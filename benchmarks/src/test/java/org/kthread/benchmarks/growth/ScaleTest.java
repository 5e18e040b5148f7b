package org.kthread.benchmarks.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.benchmarks.growth.Scale.Plant;

class ScaleTest {
    private static final int FEW = 200;

    private static List<String> run(String check, Plant plant) {
        return Scale.run(Scale.check(check), FEW, plant);
    }

    @ParameterizedTest
    @DisplayName("with nothing planted each check finds nothing")
    @ValueSource(strings = {"daemons-platform", "steps", "handlers", "lwps"})
    void clean(String check) {
        assertEquals(List.of(), run(check, Plant.NOTHING));
    }

    @ParameterizedTest
    @DisplayName("what is planted is found, and by the claim it breaks")
    @CsvSource({
        "daemons-platform, NEVER_SUSPENDS, not all suspended",
        "daemons-platform, WORKS_WHILE_HELD, work was done while held",
        "daemons-platform, NEVER_RESUMES, did not go on",
        "daemons-platform, NEVER_ENDS, threads are left",
        "daemons-platform, HEAVY, beside its host thread",
        "steps, ONE_MISSING, did not run once each",
        "handlers, ONE_MISSING, not called once each",
        "lwps, ONE_MISSING, processes are left",
    })
    void planted(String check, Plant plant, String claim) {
        List<String> failures = run(check, plant);
        assertTrue(failures.stream().anyMatch(failure -> failure.contains(claim)), failures::toString);
    }

    @Test
    @DisplayName("the slope tells flat from linear, in the table")
    void slope() {
        assertTrue(table(100, 100).contains("| 0.0 |"), () -> table(100, 100));
        assertTrue(table(100, 1_000).contains("| 1.0 |"), () -> table(100, 1_000));
    }

    private static String table(double few, double many) {
        return Figures.table(List.of(
                new Point(17, "plot", "series", 1_000, few, few, few),
                new Point(17, "plot", "series", 10_000, many, many, many)));
    }
}
