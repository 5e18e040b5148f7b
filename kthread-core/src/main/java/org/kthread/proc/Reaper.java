package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * init's thread: joins the host threads that have ended, then frees the pid and wakes who sleeps on the process. So a
 * waiter that is woken finds nothing of the process running.
 */
final class Reaper {
    /*
     * Locking key: (r) this reaper's monitor; (f) final.
     */
    private final ProcTable table; // (f)
    private final Thread host; // (f)

    @GuardedBy("this")
    private final Queue<Kthread> ended = new ArrayDeque<>(); // (r)

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
                ended.add(thread);
                notifyAll();
                return;
            }
        }
        table.joined(thread);
    }

    /** Ends init's thread, once the queue is empty, and joins it. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        HostThreads.join(host);
    }

    private void run() {
        for (Kthread thread = next(); thread != null; thread = next()) {
            HostThreads.join(thread.host);
            try {
                table.joined(thread);
            } catch (Error e) { // no memory: init has to live, for the others
                Log.error(e, "init cannot reap ", thread);
            }
        }
    }

    private synchronized @Nullable Kthread next() {
        while (ended.isEmpty() && !closed) {
            try {
                table.clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt init: it goes on
            }
        }
        return ended.poll();
    }
}
