package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.Sleeper;

/**
 * A kernel thread: one thread of a kernel process. It is its own wait channel: who sleeps on it is woken when it has ended
 * and its host thread is joined.
 *
 * <p>Any thread may call any method. A thread can be asked alone, with the thread-level calls here, or with its process;
 * it runs when no request of either kind is in force.
 *
 * @see <a href="https://man.freebsd.org/kthread/9">kthread(9)</a>
 */
public final class Kthread implements Sleeper.Bearer {
    /*
     * Locking key: (f) final; (t) the thread itself only; (v) volatile, written by the thread itself; (p) the lock
     * of the process table, by ThreadList; (r) the reaper's monitor; (m) the monitor of the gate.
     */
    final Proc proc; // (f)
    final SuspendGate gate; // (f)
    private final int tid; // (f)
    private final String name; // (f)

    final Thread host; // (f)

    @GuardedBy("gate")
    private boolean claimed; // (m) it runs, or never will

    int status; // (t) what exit was given

    @Nullable
    Kthread next; // (p) of its process

    @Nullable
    Kthread previous; // (p)

    @Nullable
    Kthread nextEnded; // (r) the one that ended after it, of those that init has yet to join

    @Nullable
    Lwp home; // (t) its own lwp; null until somebody asks for it

    @Nullable
    Lwp visited; // (t) the lwp it runs in; null: at home

    volatile @Nullable String waitsFor; // (v) for whom it waits in a suspend or stop, for diagnosis

    Kthread(Proc proc, int tid, String name, Trampoline trampoline) {
        this.proc = proc;
        this.tid = tid;
        this.name = name;
        this.gate = new SuspendGate(proc.table.clock);
        this.host = trampoline.host;
        gate.bind(host);
        trampoline.bind(this);
    }

    /**
     * Settles whether it is born: the host thread claims it to run it, its creator because the host thread was refused. Both may
     * come: a virtual thread is queued to run before it is refused.
     *
     * @return whether the caller is the first
     */
    boolean claim() {
        synchronized (gate) {
            boolean first = !claimed;
            claimed = true;
            return first;
        }
    }

    /** Tells it to stop; in a region it is interrupted at once. */
    void tellStop() {
        if (gate.stop()) {
            HostThreads.aside(() -> gate.interrupt(false));
        }
    }

    /** Interrupts it wherever it is, once, if it was told to stop at least so long ago. */
    void graceIsOver(long grace) {
        if (gate.isOverdue(grace)) {
            HostThreads.aside(() -> gate.interrupt(true));
        }
    }

    /**
     * The thread's id, never a pid.
     *
     * @return above every pid
     */
    public int tid() {
        return tid;
    }

    /**
     * The full name.
     *
     * @return the name, also the host thread's
     */
    public String name() {
        return name;
    }

    /**
     * The name, cut to 19 characters as a process's is.
     *
     * @return {@code td_name}
     */
    public String comm() {
        return Names.comm(name);
    }

    /**
     * The process it belongs to.
     *
     * @return its process, for life
     */
    public Proc proc() {
        return proc;
    }

    /**
     * Whether it has ended: nothing of it runs any more.
     *
     * @return true from then on
     */
    public boolean isExited() {
        return gate.isGone();
    }

    /**
     * Asks this thread to suspend, and waits for its answer, as {@link Proc#suspend}.
     *
     * @param timo how long to wait; zero asks and does not wait
     * @return what came of it
     * @throws InterruptedException if interrupted without an answer; the request is withdrawn then
     * @throws KernelException EDEADLK for a thread of the caller's own process
     */
    public SuspendOutcome suspend(Duration timo) throws InterruptedException {
        return proc.table.requests.suspend(proc, this, timo);
    }

    /**
     * Asks this thread to suspend, without waiting.
     *
     * @param owner who asks: only its own withdrawal ends the request; null: anybody's resume does
     * @return the request, in force
     * @throws KernelException EDEADLK for a thread of the caller's own process
     * @throws IllegalArgumentException if the owner is an empty name
     */
    public SuspendRequest ask(@Nullable String owner) {
        return proc.table.requests.ask(proc, this, owner);
    }

    /**
     * Withdraws the requests without owner that were made on this thread.
     *
     * @return whether it runs now
     */
    public ResumeOutcome resume() {
        return proc.table.requests.resume(proc, this);
    }

    /**
     * Tells this thread to stop, and waits for its end, as {@link Proc#stop}.
     *
     * @param timo how long to wait; zero tells it and does not wait
     * @return what came of it
     * @throws InterruptedException if interrupted; the stop stays
     * @throws KernelException EDEADLK for a thread of the caller's own process
     */
    public StopOutcome stop(Duration timo) throws InterruptedException {
        return proc.table.requests.stop(proc, List.of(this), timo);
    }

    /** The lwp it runs in. The thread's own call. */
    Lwp lwp() {
        Lwp where = visited != null ? visited : home;
        if (where == null) {
            where = new Lwp(proc.container, tid, host);
            home = where;
        }
        return where;
    }

    /**
     * Waits until this thread has ended, and joins its host thread.
     *
     * @param timo how long to wait
     * @return whether it has ended
     * @throws InterruptedException if interrupted
     * @throws KernelException EDEADLK if it is the caller
     */
    public boolean join(Duration timo) throws InterruptedException {
        if (Thread.currentThread() == host) {
            throw new KernelException(Errno.EDEADLK, "join of " + this + " by itself, which would wait for ever");
        }
        long deadline = proc.table.clock.deadline(timo);
        return proc.table.requests.waiting("wait", proc, () -> {
            if (deadline == KernelClock.NEVER && !HostThreads.monitorsPin()) {
                host.join(); // so that the caller is woken once, not at the end of the thread and at that of its host
            }
            return gate.awaitGone(deadline) && HostThreads.join(host, HostThreads.patience(proc.table.clock, deadline));
        });
    }

    @Override
    public Sleeper sleeper() {
        return gate;
    }

    @Override
    public String toString() {
        return name + " (pid " + proc.pid() + ", tid " + tid + ")";
    }
}
