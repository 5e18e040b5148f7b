package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/** What the last phase of a shutdown undoes, the last registered first. */
final class Undos {
    @GuardedBy("this")
    private final Deque<Undo> undos = new ArrayDeque<>();

    @GuardedBy("this")
    private boolean taken; // it is too late for another

    /** Something to undo. */
    record Undo(String name, Action action) {}

    synchronized void add(String name, Action action) {
        Undo undo = new Undo(Objects.requireNonNull(name, "name"), Objects.requireNonNull(action, "undo"));
        if (taken) {
            throw new KernelException(
                    Errno.ESHUTDOWN,
                    "undo \"" + name + "\" comes too late: the shutdown has begun to undo; undo it where you are");
        }
        undos.addFirst(undo);
    }

    /** All of them; from now on none is taken any more. */
    synchronized List<Undo> take() {
        taken = true;
        return List.copyOf(undos);
    }
}
