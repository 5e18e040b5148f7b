package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * init's thread: joins the host threads that have ended, then frees the pid and wakes who sleeps on the process. So a
 * waiter that is woken finds nothing of the process running. It also interrupts those that outlive the grace after an {@code
 * exitProc}.
 */
final class Reaper {
    /*
     * Locking key: (r) this reaper's monitor; (f) final. The threads that have ended are linked: for want of memory none is
     * forgotten.
     */
    private final ProcTable table; // (f)
    private final Thread host; // (f)

    @GuardedBy("this")
    private @Nullable Kthread first; // (r) of those that have ended; null: none

    @GuardedBy("this")
    private @Nullable Kthread last; // (r) null: none

    @GuardedBy("this")
    private final Queue<Grace> graces = new ArrayDeque<>(1); // (r) in the order of their ends

    @GuardedBy("this")
    private boolean closed; // (r)

    Reaper(ProcTable table) {
        this.table = table;
        this.host = HostThreads.kernelThread("init", this::run);
    }

    void start() {
        try {
            host.start();
        } catch (OutOfMemoryError e) {
            throw new KernelException(
                    Errno.EAGAIN, "the JVM refused a thread for init; raise the limits of the system", e);
        }
    }

    /** The calling thread is about to end. After the end of init it is not joined any more. */
    void add(Kthread thread) {
        synchronized (this) {
            if (!closed) {
                if (last == null) {
                    first = thread;
                } else {
                    last.nextEnded = thread;
                }
                last = thread;
                notifyAll();
                return;
            }
        }
        table.joined(thread);
    }

    /** Ends init's thread, once the queue is empty, and joins it; tells whether it has ended. */
    boolean close(long deadline) {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        return HostThreads.join(host, HostThreads.patience(table.clock, deadline));
    }

    /** These were told to stop by one of their own, which does not wait for them: init gives them the grace. */
    synchronized void giveGrace(List<Kthread> told) {
        graces.add(new Grace(table.clock.nanoTime() + Stopping.LEAST_GRACE, told));
        notifyAll();
    }

    private void run() {
        while (awaitWork()) {
            try {
                overdue().forEach(thread -> thread.graceIsOver(0));
                Kthread thread = next();
                if (thread != null) {
                    reap(thread);
                }
            } catch (Error e) { // no memory: init has to live, for the others
                tellFailed(e);
            }
        }
    }

    private static void tellFailed(Error e) {
        try {
            Log.error(e, "init cannot reap");
        } catch (Error none) {
            // not even for the class that logs
        }
    }

    /** It is in no queue any more: whatever fails, its process is to end. */
    private void reap(Kthread thread) {
        try {
            HostThreads.join(thread.host, HostThreads.patience(table.clock, KernelClock.NEVER));
        } finally {
            table.joined(thread);
        }
    }

    /** False at the end. */
    private synchronized boolean awaitWork() {
        while (first == null && !closed) {
            Grace soonest = graces.peek();
            if (soonest != null && table.clock.nanoTime() >= soonest.end) {
                return true;
            }
            try {
                table.clock.await(this, soonest == null ? KernelClock.NEVER : soonest.end);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt init: it goes on
            }
        }
        return first != null;
    }

    private synchronized List<Kthread> overdue() {
        Grace soonest = graces.peek();
        if (soonest == null || table.clock.nanoTime() < soonest.end) {
            return List.of();
        }
        graces.remove();
        return soonest.threads;
    }

    private synchronized @Nullable Kthread next() {
        Kthread thread = first;
        if (thread != null) {
            first = thread.nextEnded;
            thread.nextEnded = null; // or one that a program keeps would keep all that ended after it
            if (first == null) {
                last = null;
            }
        }
        return thread;
    }

    /** Who is interrupted when. */
    private record Grace(long end, List<Kthread> threads) {}
}
