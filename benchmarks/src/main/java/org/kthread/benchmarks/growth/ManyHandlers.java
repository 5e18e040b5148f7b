package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.kthread.benchmarks.growth.Scale.Check;
import org.kthread.benchmarks.growth.Scale.Findings;
import org.kthread.benchmarks.growth.Scale.Plant;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;

/** Handlers of one event, at priorities of chance: each is called once, in order, and not once it is deregistered. */
final class ManyHandlers implements Check {
    private static final int PRIORITIES = 100;

    @Override
    public String name() {
        return "handlers";
    }

    @Override
    public int size() {
        return 10_000;
    }

    @Override
    public void run(int n, Plant plant, Findings findings) {
        Random random = new Random(n);
        EventList<List<Integer>> list = new EventList<>("scale");
        List<EventTag<List<Integer>>> tags = new ArrayList<>(n);
        List<List<Integer>> expected = new ArrayList<>(); // by priority
        for (int i = 0; i < PRIORITIES; i++) {
            expected.add(new ArrayList<>());
        }
        findings.begin();
        for (int i = 0; i < n; i++) {
            int number = i;
            int priority = random.nextInt(PRIORITIES);
            expected.get(priority).add(number);
            if (plant != Plant.ONE_MISSING || i != 1) {
                tags.add(list.register(called -> called.add(number), priority));
            }
        }
        findings.took("register", n);
        List<Integer> called = new ArrayList<>(n);
        findings.begin();
        list.invoke(called);
        findings.took("invoke", n);
        List<Integer> order = new ArrayList<>(n);
        expected.forEach(order::addAll);
        findings.claim(called.equals(order), "not called once each, in order of priority: " + called.size() + " calls");
        Collections.shuffle(tags, random);
        int half = tags.size() / 2;
        findings.begin();
        tags.subList(0, half).forEach(EventTag::deregister);
        findings.took("deregister half of them", half);
        called.clear();
        list.invoke(called);
        findings.claim(called.size() == tags.size() - half, called.size() + " calls after half were deregistered");
        tags.forEach(EventTag::deregister);
        called.clear();
        list.invoke(called);
        findings.claim(called.isEmpty() && list.isEmpty(), called.size() + " calls after all were deregistered");
    }
}
