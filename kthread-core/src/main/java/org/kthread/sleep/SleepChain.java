package org.kthread.sleep;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.lang.annotation.Annotation;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Sleeper;

/** One lock, and the queues of the channels that fall on it. */
final class SleepChain {
    /*
     * Every thread brings one queue. The first sleeper of a channel lends its own to it; whoever leaves takes one away,
     * the last the one that is left. So there are as many queues as sleepers, and sleeping allocates nothing.
     *
     * Whether anybody sleeps here is read without the lock by a waker. It holds, or has held, the interlock under which
     * it changed the condition; the sleeper was on its queue before it released that interlock: the waker sees it, or
     * the sleeper saw the change.
     *
     * A waker takes sleepers off their queue under this lock, and wakes them without it: the first thing that they do may be
     * to sleep on this chain again. Until it has woken one, that one stays where it is (Sleeper.settle), and its node is the
     * waker's.
     *
     * Lock order: interlock of the user, this chain, monitor of a sleeper (to see whether it is suspended).
     * Locking key: (c) this chain's lock, and a node off the queue by the waker until it wakes the sleeper; (v) volatile, written
     * under (c); (f) final; (t) the sleeping thread only.
     */
    @GuardedBy("this")
    private final Map<Object, Queue> queues; // (c) by identity

    volatile boolean occupied; // (v)

    private static final ClassValue<Boolean> HAS_IDENTITY = new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
            return hasIdentity(type);
        }
    };

    /** The sleepers of one channel, in the order in which they came. */
    static final class Queue {
        @Nullable
        Node first; // (c)

        @Nullable
        Node last; // (c)

        @Nullable
        Queue lent; // (c) the next of the queues lent to this channel beside this one
    }

    /** One thread's place on a queue. */
    static final class Node {
        final Sleeper sleeper; // (f)
        private @Nullable Queue own = new Queue(); // (c) null while lent
        private @Nullable Object chan; // (c) null: not queued
        private @Nullable Node next; // (c)
        private @Nullable Node previous; // (c)
        private int priority; // (c)
        private short least; // (c) nobody from the first to this one has a better priority
        boolean chosen; // (c) woken by wakeupOne; read by (t) when awake

        Node(Sleeper sleeper) {
            this.sleeper = sleeper;
        }
    }

    SleepChain() {
        this(new IdentityHashMap<>());
    }

    /** With a map of this chain's own, empty, that compares its keys by identity. */
    SleepChain(Map<Object, Queue> queues) {
        this.queues = queues;
    }

    /** Puts a thread at the end of a channel's queue. */
    Node enqueue(Object chan, Sleeper sleeper, int priority) {
        Node node = sleeper.spare instanceof Node kept ? kept : new Node(sleeper);
        sleeper.spare = node;
        synchronized (this) {
            assert node.chan == null : "already asleep";
            Queue mine = Objects.requireNonNull(node.own);
            Queue queue = queues.putIfAbsent(chan, mine);
            if (queue == null) {
                queue = mine;
            } else {
                mine.lent = queue.lent;
                queue.lent = mine;
            }
            node.own = null;
            node.chan = chan;
            node.priority = priority;
            node.chosen = false;
            node.previous = queue.last;
            node.least = (short) (queue.last == null ? priority : Math.min(queue.last.least, priority));
            if (queue.last == null) {
                queue.first = node;
            } else {
                queue.last.next = node;
            }
            queue.last = node;
            occupied = true;
        }
        return node;
    }

    /** Takes a thread off its queue; tells whether somebody had done that already, which is to say: woken it. */
    synchronized boolean dequeue(Node node) {
        if (node.chan == null) {
            return true;
        }
        unlink(node, queue(node.chan));
        return false;
    }

    /** Wakes all of a channel. */
    void wakeup(Object chan) {
        Node node = takeAll(chan);
        while (node != null) {
            Node next = node.next;
            node.next = null; // from here on it may sleep again, elsewhere
            node.sleeper.awaken();
            node = next;
        }
    }

    /** Takes all off a channel's queue; gives the first, the others are linked to it. */
    private synchronized @Nullable Node takeAll(Object chan) {
        Queue queue = queues.get(chan);
        Node first = queue == null ? null : queue.first;
        Node last = null;
        while (queue != null && queue.first != null) {
            Node node = queue.first;
            unlink(node, queue);
            if (last != null) {
                last.next = node;
            }
            last = node;
        }
        return first;
    }

    /** Wakes one of a channel. */
    void wakeupOne(Object chan) {
        Node best = takeBest(chan);
        if (best != null) {
            best.sleeper.awaken();
        }
    }

    /** Takes off a channel's queue whom {@code wakeupOne} is to wake. */
    private synchronized @Nullable Node takeBest(Object chan) {
        Queue queue = queues.get(chan);
        if (queue == null) {
            return null;
        }
        Node last = Objects.requireNonNull(queue.last);
        Node best = Objects.requireNonNull(queue.first);
        boolean suspended = best.sleeper.isSuspended();
        int least = best.priority;
        Node node = best.next;
        while (node != null && (suspended || best.priority > last.least)) {
            boolean nodeSuspended = node.sleeper.isSuspended();
            if (suspended != nodeSuspended ? suspended : node.priority < best.priority) {
                best = node;
                suspended = nodeSuspended;
            }
            least = Math.min(least, node.priority);
            node = node.next;
        }
        if (node == null) {
            last.least = (short) least; // all were seen; who had a better one may have gone
        }
        unlink(best, queue);
        best.chosen = true;
        return best;
    }

    @GuardedBy("this")
    private Queue queue(Object chan) {
        return Objects.requireNonNull(queues.get(chan));
    }

    @GuardedBy("this")
    private void unlink(Node node, Queue queue) {
        if (node.previous == null) {
            queue.first = node.next;
        } else {
            node.previous.next = node.next;
        }
        if (node.next == null) {
            queue.last = node.previous;
        } else {
            node.next.previous = node.previous;
        }
        node.next = null;
        node.previous = null;
        Queue spare = queue.lent;
        if (spare == null) {
            queues.remove(Objects.requireNonNull(node.chan));
            spare = queue;
        } else {
            queue.lent = spare.lent;
            spare.lent = null;
        }
        node.own = spare;
        node.chan = null;
        occupied = !queues.isEmpty();
    }

    /** Refuses what has no identity of its own: two equal ones may or may not be one channel. */
    static void requireIdentity(Object chan, String wmesg) {
        if (!HAS_IDENTITY.get(Objects.requireNonNull(chan, "chan").getClass())) {
            throw new IllegalArgumentException(
                    "sleep \"" + wmesg + "\" on a " + chan.getClass().getName()
                            + ": it has no identity of its own, so another part of the program may be sleeping on the same one;"
                            + " use an object of yours");
        }
    }

    /** The same, looked up anew. */
    static boolean hasIdentity(Class<?> type) {
        if (type == String.class
                || type == Boolean.class
                || type == Character.class
                || (Number.class.isAssignableFrom(type) && type.getPackage() == Integer.class.getPackage())
                || type.getName().startsWith("java.util.Optional")
                || type.getName().startsWith("java.util.ImmutableCollections")) { // some are not marked on newer JDKs
            return false;
        }
        for (Class<?> c = type; c != null; c = c.getSuperclass()) {
            for (Annotation annotation : c.getDeclaredAnnotations()) {
                if (annotation.annotationType().getName().endsWith(".ValueBased")) {
                    return false;
                }
            }
        }
        return true;
    }
}
