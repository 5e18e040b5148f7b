package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {

    static Sysinit step(String name, int subsystem) {
        return Sysinit.of(name, subsystem, 0, () -> {});
    }

    /** Runs everything; {@code added} gives the steps that a step adds. */
    private static List<String> run(Schedule schedule, Map<String, List<Sysinit>> added) {
        List<String> order = new ArrayList<>();
        int dummies = 0;
        for (Schedule.Entry entry = schedule.next(); entry != null; entry = schedule.next()) {
            order.add(entry.step.name());
            dummies += entry.dummy ? 1 : 0;
            schedule.done(entry);
            List<Sysinit> more = added.get(entry.step.name());
            if (more != null) {
                schedule.admit(more);
            }
        }
        assertNull(schedule.next());
        assertEquals(schedule.size(), order.size() - dummies);
        return order;
    }

    private static List<String> order(Sysinit... steps) {
        Schedule schedule = new Schedule();
        schedule.admit(List.of(steps));
        return run(schedule, Map.of());
    }

    private static String refusal(Sysinit... steps) {
        return assertThrows(IllegalArgumentException.class, () -> order(steps)).getMessage();
    }

    @Nested
    @DisplayName("constraints by name")
    class Constraints {

        @Test
        @DisplayName("a step waits for a later one it requires, and runs right after it; the rest keeps its order")
        void requires() {
            assertEquals(
                    List.of("b", "c", "a", "d"),
                    order(step("a", 1).requires("c"), step("b", 2), step("c", 3), step("d", 4)));
        }

        @Test
        @DisplayName("a step that must run before an earlier one is not moved forward: the earlier one waits")
        void before() {
            assertEquals(
                    List.of("b", "c", "a", "d"),
                    order(step("a", 1), step("b", 2), step("c", 3).before("a"), step("d", 4)));
        }

        @Test
        @DisplayName("a constraint that the keys satisfy anyway changes nothing")
        void redundant() {
            assertEquals(
                    List.of("a", "b", "c"),
                    order(
                            step("c", 3).requires("a", "a"),
                            step("b", 2).requires("a"),
                            step("a", 1).before("c")));
        }

        @Test
        @DisplayName("several steps waiting for one run in their own order after it")
        void several() {
            assertEquals(
                    List.of("d", "a", "b", "c", "e"),
                    order(
                            step("b", 2).requires("a"),
                            step("a", 1).requires("d"),
                            step("c", 3).requires("a"),
                            step("d", 4),
                            step("e", 5)));
        }

        @Test
        @DisplayName("a missing name is refused, with who asks for it")
        void missing() {
            assertEquals(
                    "boot step \"a\" (0x2/FIRST) requires \"b\", and no step has that name",
                    refusal(step("a", 2).requires("b")));
            assertEquals(
                    "boot step \"a\" (0x2/FIRST) must run before \"b\", and no step has that name",
                    refusal(step("a", 2).before("b")));
        }

        @Test
        @DisplayName("a cycle is refused, with its path and nothing else")
        void cycle() {
            assertEquals(
                    "boot steps wait for each other, each runs before the next: c -> d -> b -> c",
                    refusal(
                            step("a", 1).before("c"),
                            step("b", 2).requires("d").before("c"),
                            step("c", 3).before("d"),
                            step("d", 4),
                            step("e", 5).requires("d")));
            assertEquals(
                    "boot steps wait for each other, each runs before the next: a -> a",
                    refusal(step("a", 1).requires("a")));
        }

        @Test
        @DisplayName("of a long cycle the first 20 are named, and how many more there are")
        void longCycle() {
            assertEquals("s19 -> s0", tail(20));
            assertEquals("s19 -> (1 more) -> s0", tail(21));
        }

        /** The end of the refusal of a cycle of n steps. */
        private static String tail(int n) {
            String refusal = refusal(IntStream.range(0, n)
                    .mapToObj(i -> step("s" + i, i).before("s" + (i + 1) % n))
                    .toArray(Sysinit[]::new));
            return refusal.substring(refusal.indexOf("s19"));
        }

        @Test
        @DisplayName("a name may be shared, unless a constraint refers to it")
        void shared() {
            assertEquals(List.of("x", "x", "a"), order(step("x", 1), step("a", 3), step("x", 2)));
            assertEquals(
                    "boot step \"a\" (0x3/FIRST) refers to \"x\", and several steps have that name",
                    refusal(step("x", 1), step("a", 3).requires("x"), step("x", 2)));
        }

        @Test
        @DisplayName("a chain of 100,000 steps, each requiring the next, runs backwards; a cycle in it is found")
        void longChain() {
            int n = 100_000;
            Sysinit[] steps = new Sysinit[n];
            for (int i = 0; i < n; i++) {
                Sysinit step = step("s" + i, i + 1);
                steps[i] = i + 1 < n ? step.requires("s" + (i + 1)) : step;
            }
            List<String> order = order(steps);
            assertEquals("s99999", order.get(0));
            assertEquals("s0", order.get(n - 1));

            steps[n - 1] = steps[n - 1].requires("s0");
            String message = refusal(steps);
            assertTrue(message.startsWith("boot steps wait for each other"), message);
            assertTrue(message.contains("(99980 more)"), message);
        }
    }

    @Nested
    @DisplayName("steps added while others have run")
    class Added {

        private List<String> run(String by, List<Sysinit> more, Sysinit... steps) {
            Schedule schedule = new Schedule();
            schedule.admit(List.of(steps));
            return ScheduleTest.run(schedule, Map.of(by, more));
        }

        @Test
        @DisplayName("next if the key has passed, else in place; equal keys after those already there")
        void place() {
            assertEquals(
                    List.of("a", "b", "early", "c", "equal", "d", "late"),
                    run(
                            "b",
                            List.of(step("late", 9), step("equal", 3), step("early", 1)),
                            step("a", 1),
                            step("b", 2),
                            step("c", 3),
                            step("d", 4)));
        }

        @Test
        @DisplayName("one may hold back a step that was free to run, even one that waited in the heap")
        void holdsBack() {
            assertEquals(
                    List.of("a", "c", "new", "b"),
                    run("a", List.of(step("new", 9).before("b")), step("a", 1), step("b", 2), step("c", 3)));
            assertEquals(
                    List.of("b", "new", "a"),
                    run("b", List.of(step("new", 9).before("a")), step("a", 1).requires("b"), step("b", 2)));
        }

        @Test
        @DisplayName("what has run is a satisfied requirement, and can no longer be preceded")
        void past() {
            assertEquals(
                    List.of("a", "new", "b"),
                    run("a", List.of(step("new", 1).requires("a")), step("a", 1), step("b", 2)));
            IllegalArgumentException e = assertThrows(
                    IllegalArgumentException.class,
                    () -> run("b", List.of(step("new", 1).before("a")), step("a", 1), step("b", 2)));
            assertEquals(
                    "boot step \"new\" (DONE/FIRST) must run before \"a\" (DONE/FIRST), which has started already",
                    e.getMessage());
        }

        @Test
        @DisplayName("one that closes a cycle through old steps, or doubles a name in use, is refused")
        void refused() {
            IllegalArgumentException cycle = assertThrows(
                    IllegalArgumentException.class,
                    () -> run(
                            "a",
                            List.of(step("new", 9).requires("c").before("b")),
                            step("a", 1),
                            step("b", 2),
                            step("c", 3).requires("b")));
            assertEquals(
                    "boot steps wait for each other, each runs before the next: new -> b -> c -> new",
                    cycle.getMessage());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> run(
                            "a",
                            List.of(step("b", 9)),
                            step("a", 1),
                            step("b", 2),
                            step("c", 3).requires("b")));
        }
    }

    @Nested
    @DisplayName("against a simple model")
    class Model {

        static IntStream seeds() {
            return IntStream.range(0, 400);
        }

        @ParameterizedTest(name = "seed {0}")
        @MethodSource("seeds")
        @DisplayName("random keys, constraints and additions")
        void random(int seed) {
            Random random = new Random(seed);
            int n = 1 + random.nextInt(24);
            // Constraints point from a lower to a higher place of one permutation, so there is no cycle.
            List<Integer> places = new ArrayList<>(IntStream.range(0, n).boxed().toList());
            Collections.shuffle(places, random);
            Map<String, Set<String>> needs = new HashMap<>();
            List<Sysinit> initial = new ArrayList<>();
            Map<String, List<Sysinit>> added = new HashMap<>();
            Set<String> early = new HashSet<>();
            for (int i = 0; i < n; i++) {
                String name = "s" + places.get(i);
                boolean first = initial.isEmpty() || random.nextInt(4) > 0;
                Sysinit step = step(name, random.nextInt(6) - 2);
                needs.put(name, new HashSet<>());
                // A step may refer to those added with it or before: here, to what this loop has made so far.
                for (int j = random.nextInt(3); j > 0 && !early.isEmpty() && first; j--) {
                    String other = early.stream()
                            .sorted()
                            .skip(random.nextInt(early.size()))
                            .findFirst()
                            .orElseThrow();
                    if (Integer.parseInt(other.substring(1)) < places.get(i)) {
                        step = step.requires(other);
                        needs.get(name).add(other);
                    } else {
                        step = step.before(other);
                        needs.get(other).add(name);
                    }
                }
                if (first) {
                    initial.add(step);
                    early.add(name);
                } else {
                    String by = initial.get(random.nextInt(initial.size())).name();
                    if (random.nextBoolean()) {
                        step = step.requires(by);
                        needs.get(name).add(by);
                    }
                    added.computeIfAbsent(by, b -> new ArrayList<>()).add(step);
                }
            }
            Schedule schedule = new Schedule();
            schedule.admit(initial);
            assertEquals(model(initial, added, needs), run(schedule, added));
        }

        /** The rule word by word: sort; at each turn the first whose required steps have run. */
        private List<String> model(
                List<Sysinit> initial, Map<String, List<Sysinit>> added, Map<String, Set<String>> needs) {
            List<Sysinit> remaining = new ArrayList<>(initial);
            List<String> done = new ArrayList<>();
            while (!remaining.isEmpty()) {
                remaining.sort(Comparator.comparing(Sysinit::key));
                Sysinit next = remaining.stream()
                        .filter(s -> done.containsAll(needs.get(s.name())))
                        .findFirst()
                        .orElseThrow();
                remaining.remove(next);
                done.add(next.name());
                remaining.addAll(added.getOrDefault(next.name(), List.of()));
            }
            return done;
        }
    }

    @Nested
    @DisplayName("the work of ordering 100,000 steps")
    class Work {

        private static final int N = 100_000;
        private static final long SORT = (long) (N * (Math.log(N) / Math.log(2)));

        private long comparisons;

        private Comparator<Schedule.Entry> counted() {
            return (a, b) -> {
                comparisons++;
                return Schedule.ORDER.compare(a, b);
            };
        }

        private List<Sysinit> steps(long seed) {
            Random random = new Random(seed);
            return random.ints(N).mapToObj(key -> step("s", key == 0 ? 1 : key)).collect(Collectors.toList());
        }

        @Test
        @DisplayName("known from the start: no more key comparisons than the sort needs")
        void sorted() {
            Schedule schedule = new Schedule(counted());
            schedule.admit(steps(1));
            run(schedule, Map.of());
            assertTrue(comparisons <= SORT, comparisons + " > " + SORT);
        }

        @Test
        @DisplayName("added one by one while the boot runs: within n log n of a heap")
        void added() {
            Schedule schedule = new Schedule(counted());
            ArrayDeque<Sysinit> more = new ArrayDeque<>(steps(2));
            schedule.admit(List.of(more.remove()));
            int ran = 0;
            for (Schedule.Entry entry = schedule.next(); entry != null; entry = schedule.next()) {
                ran++;
                schedule.done(entry);
                for (int i = 0; i < 2 && !more.isEmpty(); i++) {
                    schedule.admit(List.of(more.remove()));
                }
            }
            assertEquals(N, ran);
            assertTrue(comparisons <= 3 * SORT, comparisons + " > " + 3 * SORT);
        }

        @Test
        @DisplayName("all waiting for the last one: within n log n of a sort and a heap")
        void waiting() {
            Sysinit[] steps = new Sysinit[N];
            Arrays.setAll(steps, i -> step("s" + i, i + 1));
            for (int i = 0; i < N - 1; i++) {
                steps[i] = steps[i].requires("s" + (N - 1));
            }
            Schedule schedule = new Schedule(counted());
            schedule.admit(List.of(steps));
            run(schedule, Map.of());
            assertTrue(comparisons <= 4 * SORT, comparisons + " > " + 4 * SORT);
        }
    }
}
