package org.kthread.proc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kthread.event.EventList;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/**
 * All processes of one kernel. Wiring: the kernel and its shutdown hold one; programs see {@link Kthreads}, {@link Proc} and
 * {@link Kthread}.
 */
public final class ProcTable {
    /*
     * One lock for who is there and who was asked: the pids, the threads of each process, the requests in force on a process,
     * the standing holds. Under it no thread can be added, and none can go, unasked. It is taken before the monitor of a gate
     * and before a process's life; nothing of a program's runs under it, and nothing waits under it.
     *
     * Locking key: (f) final; (p) lock.
     */
    private static final long REFUSAL_LINES_APART = 1_000_000_000L;

    final Object lock = new Object();
    final KernelClock clock; // (f)
    final SleepQueues sleepQueues; // (f)
    final KernelEvents events; // (f)
    final Proc proc0; // (f)
    final Proc initproc; // (f)
    final List<Suspension> standing = new ArrayList<>(); // (p) holds of everything, also of what is created later

    private final Consumer<String> console; // (f)
    private final int maxproc; // (f)
    private final Kthreads kthreads; // (f)
    private final Lwproc lwproc; // (f)
    final Reaper reaper; // (f)
    final Requests requests; // (f)
    private final PidTable pids; // (p)
    private int nextTid; // (p)
    private @Nullable String closed; // (p) why no thread can be created any more
    private long refusalShown = -REFUSAL_LINES_APART; // (p)

    /**
     * A table with process 0, the kernel, and process 1, init, whose thread is not yet started.
     *
     * @param clock times everything
     * @param sleepQueues where who waits for the end of a process sleeps
     * @param events the events in the life of processes and threads
     * @param console takes the kernel's lines
     * @param maxproc one more than how many processes there can be, 0 and 1 included
     * @param pidMax the highest pid
     */
    public ProcTable(
            KernelClock clock,
            SleepQueues sleepQueues,
            KernelEvents events,
            Consumer<String> console,
            int maxproc,
            int pidMax) {
        this.clock = clock;
        this.sleepQueues = sleepQueues;
        this.events = events;
        this.console = console;
        this.maxproc = maxproc;
        this.pids = new PidTable(pidMax);
        this.nextTid = pidMax + 2; // thread0 has pidMax + 1
        this.proc0 = new Proc(this, 0, null, "kernel", true);
        this.initproc = new Proc(this, 1, proc0, "init", false);
        this.kthreads = new Kthreads(this);
        this.lwproc = new Lwproc(this);
        this.requests = new Requests(this);
        this.reaper = new Reaper(this);
        HostInfo.initialize();
        Lwp.initialize();
        Filedesc.initialize();
        synchronized (lock) {
            for (Proc proc : List.of(proc0, initproc)) {
                pids.put(proc);
                proc.started();
            }
        }
    }

    /**
     * Starts init's thread.
     *
     * @throws KernelException EAGAIN if the JVM refuses it
     */
    public void start() {
        reaper.start();
    }

    /**
     * The calls that create.
     *
     * @return always the same
     */
    public Kthreads kthreads() {
        return kthreads;
    }

    /**
     * The calls that change which lwp a host thread runs in.
     *
     * @return always the same
     */
    public Lwproc lwproc() {
        return lwproc;
    }

    /**
     * Process 0.
     *
     * @return the kernel
     */
    public Proc proc0() {
        return proc0;
    }

    /**
     * Process 1.
     *
     * @return init
     */
    public Proc initproc() {
        return initproc;
    }

    /**
     * The process with a pid.
     *
     * @param pid any number
     * @return null if there is none
     */
    public @Nullable Proc pfind(int pid) {
        synchronized (lock) {
            return pids.get(pid);
        }
    }

    /**
     * Whether a process is one of this table's.
     *
     * @param proc any process
     * @return true if so, also when it has ended
     */
    public boolean owns(Proc proc) {
        return proc.table == this;
    }

    /**
     * What there is, now.
     *
     * @return one row a thread, in pid order
     */
    public Ps ps() {
        List<Proc> all;
        synchronized (lock) {
            all = pids.all();
        }
        return Ps.of(all, clock.nanoTime());
    }

    /* ---- Entering and leaving; called by Kthreads, Trampoline and Reaper. ---- */

    /** A new process with one thread, both in the table and not started. */
    Kthread enterProc(KthreadSpec spec, String procname, Action main) {
        Trampoline trampoline = new Trampoline(spec, main);
        Filedesc fd = proc0.container.copyOfFd();
        boolean tell;
        try {
            synchronized (lock) {
                requireOpen(spec);
                if (pids.size() + 1 < maxproc) {
                    int pid = spec.has(KthreadSpec.RFHIGHPID) ? pids.nextHigh() : pids.next();
                    Proc parent = spec.has(KthreadSpec.RFNOWAIT) ? initproc : proc0;
                    Proc proc = Proc.kernel(parent.container, pid, procname, fd);
                    Kthread thread = newThread(proc, spec, trampoline);
                    for (Suspension hold : standing) {
                        requests.enter(hold, proc);
                    }
                    addThread(thread, spec);
                    pids.put(proc); // when nothing of it can fail any more
                    return thread;
                }
                tell = tellFull();
            }
            throw full(spec.name, proc0.container, tell);
        } catch (Throwable t) {
            if (fd != null) {
                fd.unshare(t::addSuppressed);
            }
            throw t;
        }
    }

    private boolean tellFull() {
        assert Thread.holdsLock(lock);
        boolean tell = clock.nanoTime() - refusalShown >= REFUSAL_LINES_APART;
        refusalShown = tell ? clock.nanoTime() : refusalShown;
        return tell;
    }

    private KernelException full(String name, Container parent, boolean tell) {
        if (tell) {
            console("maxproc limit exceeded by uid " + parent.uid() + " (pid " + parent.proc.pid()
                    + "); see KernelConfig.maxproc");
        }
        return new KernelException(
                Errno.EAGAIN,
                "process \"" + name + "\": the process table is full (maxproc " + maxproc
                        + "); let processes end, or raise KernelConfig.maxproc");
    }

    /** A new process with one lwp that runs on the calling thread. */
    Lwp enterFork(Container parent, @Nullable Filedesc fd) {
        boolean tell;
        synchronized (lock) {
            if (closed != null) {
                throw new KernelException(Errno.ESHUTDOWN, "rfork of " + parent.proc + ": " + closed);
            }
            if (pids.size() + 1 < maxproc) {
                Proc proc = Proc.forked(parent, pids.next(), fd);
                Lwp lwp = proc.container.enter(Thread.currentThread());
                pids.put(proc);
                proc.started();
                return lwp;
            }
            tell = tellFull();
        }
        throw full(parent.proc.comm(), parent, tell);
    }

    /** A new lwp of a process, running on the calling thread. */
    Lwp enterLwp(int pid) {
        Container.Phase phase;
        synchronized (lock) {
            Proc proc = pids.get(pid);
            phase = proc == null ? Container.Phase.GONE : proc.container.phase();
            if (proc != null && phase == Container.Phase.OPEN) {
                return proc.container.enter(Thread.currentThread());
            }
        }
        if (phase == Container.Phase.CLOSING) {
            throw new KernelException(
                    Errno.EBUSY,
                    "newlwp(" + pid + "): the last lwp of this process is released, and its files are closing");
        }
        throw new KernelException(Errno.ESRCH, "newlwp(" + pid + "): there is no such process");
    }

    /** A process without lwps has closed what it had open: its pid is free now, or when its host threads are joined. */
    void closed(Container container) {
        Proc proc = container.proc;
        boolean over;
        synchronized (lock) {
            container.gone();
            if (!proc.isKproc()) {
                proc.becomeZombie();
            }
            over = proc.hasNobody();
            freePid(proc);
        }
        if (over) {
            sleepQueues.wakeup(proc);
        }
    }

    /** Frees the pid of a process that has no thread left, and no lwp. */
    private void freePid(Proc proc) {
        assert Thread.holdsLock(lock);
        if (proc.hasNobody() && proc.container.phase() == Container.Phase.GONE) {
            pids.remove(proc);
            proc.becomeReaped();
        }
    }

    /** A new thread of a process, in the table and not started. */
    Kthread enterThread(Proc proc, KthreadSpec spec, Action main) {
        Trampoline trampoline = new Trampoline(spec, main);
        synchronized (lock) {
            requireOpen(spec);
            if (proc.exiting || proc == initproc || (proc.live == 0 && proc != proc0)) {
                throw new KernelException(
                        Errno.ESRCH,
                        "thread \"" + spec.name + "\": process " + proc
                                + (proc == initproc ? " takes no kernel threads" : " is ending or has ended"));
            }
            return addThread(newThread(proc, spec, trampoline), spec);
        }
    }

    /** Makes a thread; if this fails nothing has happened. */
    private Kthread newThread(Proc proc, KthreadSpec spec, Trampoline trampoline) {
        assert Thread.holdsLock(lock);
        Kthread thread = new Kthread(proc, nextTid, spec.name, trampoline);
        nextTid = nextTid == Integer.MAX_VALUE ? 1 << 30 : nextTid + 1;
        return thread;
    }

    private Kthread addThread(Kthread thread, KthreadSpec spec) {
        assert Thread.holdsLock(lock);
        Proc proc = thread.proc;
        thread.gate.bear();
        if (spec.has(KthreadSpec.RFSTOPPED)) {
            new SuspendRequest(proc, thread, null).include(thread);
        }
        for (SuspendRequest request : proc.requests) {
            request.include(thread);
        }
        proc.threads.add(thread); // when nothing can fail any more: nobody would take it out
        proc.container.enter();
        proc.live++;
        return thread;
    }

    private void requireOpen(KthreadSpec spec) {
        assert Thread.holdsLock(lock);
        if (closed != null) {
            throw new KernelException(
                    Errno.ESHUTDOWN, "kernel thread \"" + spec.name + "\" cannot be created: " + closed);
        }
    }

    /** The host thread is about to be started. */
    void starting(Kthread thread) {
        synchronized (lock) {
            thread.proc.started();
        }
    }

    /** The thread's handlers have run: tells whether it is the last of its process, which takes no more threads then. */
    boolean beginEnd(Kthread thread, int status, @Nullable Throwable cause) {
        synchronized (lock) {
            Proc proc = thread.proc;
            if (proc != proc0) {
                proc.giveStatus(status, cause);
            }
            proc.live--;
            boolean last = proc.live == 0 && proc != proc0;
            proc.exiting |= last;
            return last;
        }
    }

    /** The last thing a thread does, or what is done for one whose host thread was never started. */
    void leave(Kthread thread) {
        synchronized (lock) {
            Proc proc = thread.proc;
            proc.threads.leave(thread);
            if (proc.threads.isEmpty() && proc != proc0) {
                proc.becomeZombie(); // first: who is told EXITED finds the status
            }
            thread.gate.gone();
        }
    }

    /** A host thread is joined; its process is reaped with the last one. */
    void joined(Kthread thread) {
        Proc proc = thread.proc;
        boolean over;
        synchronized (lock) {
            proc.threads.remove(thread);
            over = proc.hasNobody();
            freePid(proc);
        }
        try {
            sleepQueues.wakeup(thread);
        } finally {
            if (over) {
                sleepQueues.wakeup(proc);
            }
        }
    }

    void reap(Kthread thread) {
        reaper.add(thread);
    }

    void requireMayEnd(Kthread me) {
        if (me.proc == proc0) {
            throw new KernelPanic("exitProc by " + me + ": process 0 never ends; use CurThread.exit");
        }
    }

    /** The process of a thread is to end with this status: its siblings are told to stop. */
    void exitProc(Kthread me, int code) {
        List<Kthread> told;
        synchronized (lock) {
            me.proc.exiting = true;
            me.proc.giveStatus(code, null);
            me.proc.threads.stopAllBut(me); // first, and without any memory: who exits for want of it ends them too
            told = new ArrayList<>();
            me.proc.threads.forEach(told::add);
        }
        told.remove(me);
        if (!told.isEmpty()) {
            reaper.giveGrace(told);
            told.forEach(Kthread::tellStop); // who is in a region is interrupted
        }
    }

    List<Kthread> threadsOf(Proc proc) {
        synchronized (lock) {
            return proc.threads.copy();
        }
    }

    List<Thread> hostsOf(Proc proc) {
        synchronized (lock) {
            return proc.threads.hosts();
        }
    }

    List<Suspension> takenBy(Proc proc) {
        synchronized (lock) {
            return List.copyOf(proc.taken);
        }
    }

    /* ---- Asking: see Requests. ---- */

    /**
     * Holds what is chosen of the kernel processes, or nothing.
     *
     * @param owner who holds
     * @param which chooses; null: all but the caller's own, and what is created while the hold lasts
     * @param timo how long to wait for the quiet
     * @return the hold
     * @throws InterruptedException if interrupted; nothing is held then
     */
    public Suspension quiesce(String owner, @Nullable Predicate<? super Proc> which, Duration timo)
            throws InterruptedException {
        return requests.quiesce(owner, which, timo);
    }

    /**
     * Tells every kernel thread to stop, and waits for all of them.
     *
     * @param deadline when to give up waiting
     * @return one record for each process that had threads
     */
    public List<StopRecord> stopAll(long deadline) {
        return Stopping.all(this, kprocs(), requests::tell, deadline);
    }

    /**
     * From now on no thread can be created: ESHUTDOWN.
     *
     * @param why shown to who tries
     */
    public void refuseCreation(String why) {
        synchronized (lock) {
            closed = why;
        }
    }

    /**
     * Ends init's thread, once it has joined what has ended.
     *
     * @param deadline until when this may take; a little longer if that is over
     * @return the names of host threads that live
     */
    public List<String> close(long deadline) {
        List<String> left = new ArrayList<>();
        if (!reaper.close(deadline)) {
            left.add(initproc.name());
        }
        for (Proc proc : kprocs()) {
            for (Kthread thread : threadsOf(proc)) {
                if (!thread.gate.isGone() || !endsBy(thread.host, deadline)) {
                    left.add(thread.host.getName());
                }
            }
        }
        return left;
    }

    /** One that has answered all, and was not yet with init: it is about to end. */
    private boolean endsBy(Thread host, long deadline) {
        return HostThreads.join(host, HostThreads.patience(clock, deadline));
    }

    /* ---- For all of the above. ---- */

    /** The kernel processes, in pid order. */
    List<Proc> kprocs() {
        List<Proc> all;
        synchronized (lock) {
            all = pids.all();
        }
        all.removeIf(proc -> !proc.isKproc());
        return all;
    }

    /** Runs the handlers of an event; what they throw is logged. */
    <A> void invoke(EventList<A> list, A arg) {
        try {
            list.invoke(arg);
        } catch (RuntimeException e) { // an EventException, unless what a handler threw cannot even be told
            Log.error(e, "handlers of ", list.name(), " for ", arg, " failed");
        }
    }

    void console(String line) {
        console.accept(line);
    }

    /** Which kernel this is, for who has several. */
    @Override
    public String toString() {
        return "kernel@" + Integer.toHexString(System.identityHashCode(this));
    }
}
