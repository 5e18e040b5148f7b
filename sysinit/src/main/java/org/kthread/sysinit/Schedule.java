package org.kthread.sysinit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Decides which step runs next. The rule: <em>sort all steps by key, equal keys in the order in which they were added; at each
 * turn the first step that has not run, and whose required steps have all run, runs.</em>
 *
 * <p>So a step that requires a later one waits for it, and runs right after it; steps that wait for nothing keep their order;
 * nothing is moved forward. A step added while others have run takes its place among the rest by the same rule, so it is next
 * if its key has passed.
 *
 * <p>One thread uses a schedule.
 */
final class Schedule {

    /*
     * The first batch is an array sorted once and walked by a cursor: a boot without constraints and additions costs the sort
     * and nothing else. What leaves that order lives in a heap: steps added later, and steps the cursor passed because they
     * were waiting. A waiting step is in neither place ("aside") and enters the heap when the last step it requires is done.
     *
     * A total order (key, then sequence of adding) decides between the head of the array and the head of the heap.
     */

    private static final int SHOWN = 20;

    /** One step, and what the schedule knows of it. */
    static final class Entry {
        final Sysinit step;
        /** A name for others to require; nothing to run. */
        final boolean dummy;
        /** Its key as one number, so that a comparison looks at the entry and nothing else. */
        private final long rank;
        /** Position in the sequence of adding: the tie-break. */
        private final int seq;
        /** How many constraints it still waits for. */
        private int pending;

        private boolean aside;
        private boolean taken;
        private @Nullable List<Entry> dependents;
        /** The mark of the last cycle search that met it. */
        private int mark;

        Entry(Sysinit step, int seq) {
            this.step = step;
            this.dummy = step.isDummy();
            this.rank = step.key().rank();
            this.seq = seq;
        }
    }

    /** Who bears a name, and who refers to it. */
    private static final class Name {
        private final Entry bearer;
        private boolean shared;
        private @Nullable Entry user;

        Name(Entry bearer) {
            this.bearer = bearer;
        }
    }

    /** By key, then in the sequence of adding. */
    static final Comparator<Entry> ORDER = (a, b) -> {
        int byRank = Long.compare(a.rank, b.rank);
        return byRank != 0 ? byRank : Integer.compare(a.seq, b.seq);
    };

    private final Comparator<Entry> order;
    private final PriorityQueue<Entry> heap;
    private final List<Entry> all = new ArrayList<>();
    private Entry @Nullable [] sorted;
    private int cursor;

    /** Empty until a constraint needs it: {@code linked}. */
    private final Map<String, Name> names = new HashMap<>();

    private boolean linked;

    private int search;
    private int size;

    Schedule() {
        this(ORDER);
    }

    /** Ordered by {@link #ORDER}, watched. */
    Schedule(Comparator<Entry> order) {
        this.order = order;
        heap = new PriorityQueue<>(order);
    }

    /** How many steps that do something have been taken in, whether they have run or not. */
    int size() {
        return size;
    }

    /**
     * Takes in more steps. After a refusal the schedule is of no use any more.
     *
     * @throws IllegalArgumentException if a constraint names a step that is not there, that has run already, or that shares its
     *     name, or if constraints form a cycle; the message has the path
     */
    void admit(Collection<Sysinit> steps) {
        List<Entry> fresh = new ArrayList<>(steps.size());
        boolean constrained = linked;
        int more = 0;
        for (Sysinit step : steps) {
            Entry entry = new Entry(step, all.size() + fresh.size());
            fresh.add(entry);
            more += entry.dummy ? 0 : 1;
            constrained |= !step.requires().isEmpty() || !step.before().isEmpty();
        }
        all.addAll(fresh);
        if (constrained) {
            link(fresh);
            refuseCycle(fresh);
        }
        size += more;
        if (sorted == null) {
            sorted = fresh.toArray(new Entry[0]);
            Arrays.sort(sorted, order);
        } else {
            for (Entry entry : fresh) {
                enqueue(entry);
            }
        }
    }

    /** The step whose turn it is, or null when all have run. Each step is given out once. */
    @Nullable
    Entry next() {
        Entry late = headOfHeap();
        Entry early = headOfArray();
        if (late == null || (early != null && order.compare(early, late) < 0)) {
            if (early != null) {
                cursor++;
                early.taken = true;
            }
            return early;
        }
        heap.remove();
        late.taken = true;
        return late;
    }

    /** The step has run: those that waited for it wait for one less. */
    void done(Entry entry) {
        if (entry.dependents != null) {
            for (Entry dependent : entry.dependents) {
                if (--dependent.pending == 0 && dependent.aside) {
                    dependent.aside = false;
                    heap.add(dependent);
                }
            }
            entry.dependents = null;
        }
    }

    private @Nullable Entry headOfArray() {
        Entry[] array = sorted;
        if (array == null) {
            return null;
        }
        while (cursor < array.length && array[cursor].pending > 0) {
            array[cursor++].aside = true;
        }
        return cursor < array.length ? array[cursor] : null;
    }

    private @Nullable Entry headOfHeap() {
        Entry head = heap.peek();
        // It was free when it entered, but a step added since may have to run before it.
        while (head != null && head.pending > 0) {
            heap.remove();
            head.aside = true;
            head = heap.peek();
        }
        return head;
    }

    private void enqueue(Entry entry) {
        if (entry.pending > 0) {
            entry.aside = true;
        } else {
            heap.add(entry);
        }
    }

    /* Constraints. */

    private void link(List<Entry> fresh) {
        (linked ? fresh : all).forEach(this::enter);
        linked = true;
        for (Entry entry : fresh) {
            for (String name : entry.step.requires()) {
                edge(find(name, entry, "requires"), entry);
            }
            for (String name : entry.step.before()) {
                Entry later = find(name, entry, "must run before");
                if (later.taken) {
                    throw new IllegalArgumentException("boot step " + entry.step + " must run before " + later.step
                            + ", which has started already");
                }
                edge(entry, later);
            }
        }
    }

    private void enter(Entry entry) {
        Name name = names.computeIfAbsent(entry.step.name(), n -> new Name(entry));
        if (name.bearer != entry) {
            name.shared = true;
            refuseShared(name);
        }
    }

    private Entry find(String wanted, Entry user, String relation) {
        Name name = names.get(wanted);
        if (name == null) {
            throw new IllegalArgumentException(
                    "boot step " + user.step + ' ' + relation + " \"" + wanted + "\", and no step has that name");
        }
        name.user = user;
        refuseShared(name);
        return name.bearer;
    }

    private static void refuseShared(Name name) {
        if (name.shared && name.user != null) {
            throw new IllegalArgumentException("boot step " + name.user.step + " refers to \"" + name.bearer.step.name()
                    + "\", and several steps have that name");
        }
    }

    private static void edge(Entry first, Entry second) {
        if (first.taken) {
            // Added steps are taken in between two steps: what has started is done.
            return;
        }
        if (first.dependents == null) {
            first.dependents = new ArrayList<>(2);
        }
        first.dependents.add(second);
        second.pending++;
    }

    /** Looks for a cycle among what depends on {@code fresh}: a new cycle goes through a new step. */
    private void refuseCycle(List<Entry> fresh) {
        search += 2;
        int onPath = search;
        int finished = search + 1;
        Deque<Entry> path = new ArrayDeque<>();
        Deque<Iterator<Entry>> branches = new ArrayDeque<>();
        for (Entry root : fresh) {
            Entry entry = root;
            // Depth first with its own stack: a chain of constraints may be longer than a thread's stack is deep.
            while (entry != null) {
                if (entry.mark == onPath) {
                    throw new IllegalArgumentException(cycle(path, entry));
                }
                if (entry.mark != finished) {
                    entry.mark = onPath;
                    path.addLast(entry);
                    branches.addLast(
                            entry.dependents == null ? List.<Entry>of().iterator() : entry.dependents.iterator());
                }
                while (!branches.isEmpty() && !branches.getLast().hasNext()) {
                    branches.removeLast();
                    path.removeLast().mark = finished;
                }
                entry = branches.isEmpty() ? null : branches.getLast().next();
            }
        }
    }

    private static String cycle(Deque<Entry> path, Entry again) {
        StringBuilder text = new StringBuilder("boot steps wait for each other, each runs before the next: ");
        int length = 0;
        boolean inside = false;
        for (Entry entry : path) {
            inside |= entry == again;
            if (inside && length++ < SHOWN) {
                text.append(entry.step.name()).append(" -> ");
            }
        }
        if (length > SHOWN) {
            text.append("(").append(length - SHOWN).append(" more) -> ");
        }
        return text.append(again.step.name()).toString();
    }
}
