package org.kthread.proc;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one process, in the order in which they were added. The links are in the threads: adding one and taking
 * one out cost the same for a process of one thread and of a hundred thousand.
 */
final class ThreadList {
    /*
     * A thread is here from its creation until its host thread is joined. In between it leaves: nothing of it runs from then
     * on, and nobody asks it any more.
     *
     * Locking key: (p) the lock of the process table.
     */
    private @Nullable Kthread first; // (p)
    private @Nullable Kthread last; // (p)
    private int size; // (p) those that have not left

    void add(Kthread thread) {
        thread.previous = last;
        if (last == null) {
            first = thread;
        } else {
            last.next = thread;
        }
        last = thread;
        size++;
    }

    /** The thread has ended, but for the last steps of its host thread. Its gate says so under the same hold of the lock. */
    void leave(Kthread thread) {
        assert !thread.gate.isGone() : thread + " leaves twice";
        size--;
    }

    /** The host thread is joined. */
    void remove(Kthread thread) {
        assert thread.gate.isGone() : thread + " is still there";
        Kthread before = thread.previous;
        Kthread after = thread.next;
        if (before == null) {
            first = after;
        } else {
            before.next = after;
        }
        if (after == null) {
            last = before;
        } else {
            after.previous = before;
        }
        thread.previous = null;
        thread.next = null;
    }

    /** Whether all have left. */
    boolean isEmpty() {
        return size == 0;
    }

    /** Whether the host threads of all are joined, too. */
    boolean isJoined() {
        return first == null;
    }

    /** All that have not left, but this one, are told to stop; nobody is interrupted. No lambda: it takes no memory. */
    void stopAllBut(Kthread me) {
        for (Kthread thread = first; thread != null; thread = thread.next) {
            if (thread != me && !thread.gate.isGone()) {
                thread.gate.stop();
            }
        }
    }

    void forEach(Consumer<Kthread> action) {
        for (Kthread thread = first; thread != null; thread = thread.next) {
            if (!thread.gate.isGone()) {
                action.accept(thread);
            }
        }
    }

    /** Those that have not left. */
    List<Kthread> copy() {
        List<Kthread> copy = new ArrayList<>(size);
        forEach(copy::add);
        return List.copyOf(copy);
    }

    /** The host threads that live, also of those that have left. */
    List<Thread> hosts() {
        List<Thread> hosts = new ArrayList<>(1);
        for (Kthread thread = first; thread != null; thread = thread.next) {
            if (thread.host.isAlive()) {
                hosts.add(thread.host);
            }
        }
        return hosts;
    }
}
