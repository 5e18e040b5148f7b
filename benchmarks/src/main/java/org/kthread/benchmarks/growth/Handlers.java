package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.kthread.event.EventHandler;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;

/** Handlers of one event: registered, called, and deregistered in an order of chance. */
final class Handlers implements Sweep {
    private static final int CALLS = 200_000;

    @Override
    public String name() {
        return "handlers";
    }

    @Override
    public String title() {
        return "Handlers of one event";
    }

    @Override
    public String elements() {
        return "handlers";
    }

    @Override
    public List<Integer> sizes() {
        return Sweep.upTo(10_000);
    }

    @Override
    public Map<String, Double> run(int n) throws Exception {
        Map<String, Double> costs = new LinkedHashMap<>();
        Lap lap = new Lap(costs, n);
        int passes = Math.max(1, CALLS / n);
        int rounds = Math.max(1, 2_000 / n);
        ours(n, lap, passes, rounds);
        bare(n, lap, passes, rounds);
        return costs;
    }

    private static void ours(int n, Lap lap, int passes, int rounds) {
        long[] called = new long[1];
        List<EventTag<long[]>> tags = new ArrayList<>(n * rounds);
        List<EventList<long[]>> lists = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            lists.add(new EventList<>("growth"));
        }
        EventHandler<long[]> handler = sum -> sum[0]++;
        lap.begin();
        for (EventList<long[]> list : lists) {
            for (int i = 0; i < n; i++) {
                tags.add(list.register(handler, EventList.PRI_ANY));
            }
        }
        lap.end("register", rounds);
        lap.begin();
        for (int i = 0; i < passes; i++) {
            lists.get(0).invoke(called);
        }
        lap.end("invoke", passes);
        if (called[0] != (long) passes * n) {
            throw new IllegalStateException(called[0] + " calls, not " + (long) passes * n);
        }
        Collections.shuffle(tags, new Random(n));
        lap.begin();
        tags.forEach(EventTag::deregister);
        lap.end("deregister", rounds);
    }

    private static void bare(int n, Lap lap, int passes, int rounds) throws Exception {
        long[] called = new long[1];
        List<List<EventHandler<long[]>>> lists = new ArrayList<>();
        List<List<EventHandler<long[]>>> handlers = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            lists.add(new CopyOnWriteArrayList<>());
            List<EventHandler<long[]>> mine = new ArrayList<>();
            for (int j = 0; j < n; j++) {
                int number = j;
                mine.add(sum -> sum[0] += number >= 0 ? 1 : 0); // one of its own, to be found again
            }
            handlers.add(mine);
        }
        lap.begin();
        for (int i = 0; i < rounds; i++) {
            for (EventHandler<long[]> handler : handlers.get(i)) {
                lists.get(i).add(handler);
            }
        }
        lap.end(Point.BASE + "add to a copied list", rounds);
        @SuppressWarnings("unchecked") // an array of a generic type can only be made so
        EventHandler<long[]>[] array = (EventHandler<long[]>[]) new EventHandler<?>[n];
        handlers.get(0).toArray(array);
        lap.begin();
        for (int i = 0; i < passes; i++) {
            for (EventHandler<long[]> handler : array) {
                handler.handle(called);
            }
        }
        lap.end(Point.BASE + "loop over an array", passes);
        handlers.forEach(each -> Collections.shuffle(each, new Random(n)));
        lap.begin();
        for (int i = 0; i < rounds; i++) {
            for (EventHandler<long[]> handler : handlers.get(i)) {
                lists.get(i).remove(handler);
            }
        }
        lap.end(Point.BASE + "remove from a copied list", rounds);
    }
}
