package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The work of a boot, in comparisons of keys, grows as n log n")
class GrowthTest {
    private long comparisons;

    private final Comparator<Schedule.Entry> counted = (a, b) -> {
        comparisons++;
        return Schedule.ORDER.compare(a, b);
    };

    private static List<Sysinit> steps(int n) {
        Random random = new Random(n);
        List<Sysinit> steps = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            steps.add(Sysinit.of("s" + i, 1 + random.nextInt(1 << 20), 0, () -> {}));
        }
        return steps;
    }

    /** What order to put n steps in may cost, with room for who waits for another. */
    private static void assertGrowth(long comparisons, int n, int factor) {
        double most = factor * n * (Math.log(n) / Math.log(2));
        assertTrue(comparisons <= most, n + " steps: " + comparisons + " comparisons, more than " + most);
    }

    private int run(Schedule schedule) {
        int ran = 0;
        for (Schedule.Entry entry = schedule.next(); entry != null; entry = schedule.next()) {
            ran++;
            schedule.done(entry);
        }
        return ran;
    }

    @ParameterizedTest(name = "{0} steps")
    @ValueSource(ints = {100, 1_000, 10_000, 100_000})
    @DisplayName("known from the start")
    void known(int n) {
        Schedule schedule = new Schedule(counted);
        schedule.admit(steps(n));
        assertEquals(n, run(schedule));
        assertGrowth(comparisons, n, 1);
    }

    @ParameterizedTest(name = "{0} steps")
    @ValueSource(ints = {100, 1_000, 10_000, 100_000})
    @DisplayName("in order already, and in reverse: one comparison for two steps that are neighbors")
    void inOrder(int n) {
        List<Sysinit> sorted = new ArrayList<>(n);
        for (int i = 0; i < n; i++) {
            sorted.add(Sysinit.of("s" + i, 1 + i, 0, () -> {}));
        }
        for (int turn = 0; turn < 2; turn++) {
            comparisons = 0;
            Schedule schedule = new Schedule(counted);
            schedule.admit(sorted);
            assertEquals(n, run(schedule));
            assertTrue(comparisons <= 3L * n, n + " steps: " + comparisons + " comparisons");
            Collections.reverse(sorted);
        }
    }

    @ParameterizedTest(name = "{0} steps")
    @ValueSource(ints = {100, 1_000, 10_000, 100_000})
    @DisplayName("each waiting for the one that was added before it")
    void chained(int n) {
        List<Sysinit> chain = new ArrayList<>(n);
        for (Sysinit step : steps(n)) {
            chain.add(
                    chain.isEmpty()
                            ? step
                            : step.requires(chain.get(chain.size() - 1).name()));
        }
        Schedule schedule = new Schedule(counted);
        schedule.admit(chain);
        assertEquals(n, run(schedule));
        assertGrowth(comparisons, n, 4);
    }

    @Test
    @DisplayName("(and a boot that looks at every step at each turn is caught)")
    void planted() {
        int n = 1_000;
        List<Schedule.Entry> left = new ArrayList<>();
        steps(n).forEach(step -> left.add(new Schedule.Entry(step, left.size())));
        while (!left.isEmpty()) {
            left.remove(Collections.min(left, counted));
        }
        assertThrows(AssertionError.class, () -> assertGrowth(comparisons, n, 4));
    }
}
