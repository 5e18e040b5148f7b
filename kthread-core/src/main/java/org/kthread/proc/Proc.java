package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * A kernel process: a daemon, with one thread or more. It is its own wait channel: who sleeps on it is woken by init when
 * the process has ended and its host threads are joined. Handle, status and cause stay readable for ever.
 *
 * <pre>{@code
 * SuspendOutcome outcome = bufdaemon.suspend(Duration.ofSeconds(5));
 * if (outcome.verdict() == Verdict.SUSPENDED) {
 *     snapshot();
 *     bufdaemon.resume();
 * } else {
 *     log(outcome);   // gone, or where it is stuck, with its stack
 * }
 * }</pre>
 *
 * <p>Any thread may call any method. Nothing here may be called with a lock in hand that the daemon needs to reach its
 * next check: then only the deadline ends the wait.
 *
 * <p><b>Differences from BSD.</b> A request is an object of its own with its own answer, not a bit: a second suspender gets
 * an answer too, an exit answers at once, a resume before the answer tells {@code RESUMED}, and holds have owners. The exit
 * wakes the process's sleepers after the end, not before it. Who asks a process that is none of the kernel's gets EINVAL.
 *
 * @see <a href="https://man.freebsd.org/kproc/9">kproc(9)</a>
 */
public final class Proc {
    /*
     * Locking key: (f) final; (p) the lock of the process table; (l) the monitor of threads, an object that nobody
     * else locks: it tells those who wait that the process is ready or has ended; (v) volatile, written under (p).
     */
    final ProcTable table; // (f)
    private final String name; // (f)
    private final boolean kproc; // (f) a kernel process: can be suspended
    final Container container; // (f)

    final ThreadList threads = new ThreadList(); // (p)
    List<SuspendRequest> requests = List.of(); // (p) in force, made on the process
    List<Suspension> taken = List.of(); // (p) by its threads, in whatever kernel; to be closed when it ends
    int live; // (p) threads whose end has not begun
    boolean exiting; // (p) no more threads

    private volatile ProcState state = ProcState.NEW; // (v)
    private volatile int status; // (v)
    private volatile @Nullable Throwable cause; // (v)

    @GuardedBy("threads")
    private boolean ready; // (l)

    @GuardedBy("threads")
    private boolean ended; // (l)

    /** Process 0, and init. */
    Proc(ProcTable table, int pid, @Nullable Proc parent, String name, boolean kproc) {
        this.table = table;
        this.name = name;
        this.kproc = kproc;
        this.container = new Container(this, pid, parent);
    }

    /** Any other process. */
    private Proc(Container parent, int pid, String name, boolean kproc, @Nullable Filedesc fd) {
        this.table = parent.proc.table;
        this.name = name;
        this.kproc = kproc;
        this.container = new Container(this, pid, parent, fd);
    }

    /** A kernel process. */
    static Proc kernel(Container parent, int pid, String name, @Nullable Filedesc fd) {
        return new Proc(parent, pid, name, true, fd);
    }

    /** A process for lwps alone, with its parent's name. */
    static Proc forked(Container parent, int pid, @Nullable Filedesc fd) {
        return new Proc(parent, pid, parent.proc.comm(), false, fd);
    }

    /**
     * The process id.
     *
     * @return 0 for the kernel, 1 for init, else from 2 on
     */
    public int pid() {
        return container.pid();
    }

    /**
     * The parent: 0 for a daemon, 1 once it has ended; of a forked process who forked it, 1 once that is gone.
     *
     * @return the parent's pid
     */
    public int ppid() {
        return container.ppid();
    }

    /**
     * The name, cut to 19 characters.
     *
     * @return {@code p_comm}
     */
    public String comm() {
        return Names.comm(name);
    }

    /**
     * The name as it was given.
     *
     * @return the full name
     */
    public String name() {
        return name;
    }

    /**
     * Where it is in its life.
     *
     * @return its state
     */
    public ProcState state() {
        return state;
    }

    /**
     * Its threads that have not ended.
     *
     * @return a copy
     */
    public List<Kthread> kthreads() {
        return table.threadsOf(this);
    }

    /**
     * Where its threads are now.
     *
     * @return one entry for each that has not ended, with its stack
     */
    public List<Diagnosis> diagnose() {
        return HostInfo.diagnose(kthreads(), Integer.MAX_VALUE);
    }

    /**
     * Its lwps that host threads made. Its kernel threads have one each besides.
     *
     * @return a copy, oldest first
     */
    public List<Lwp> lwps() {
        return table.lwproc().lwps(this);
    }

    /**
     * What it has open, by number.
     *
     * @return {@code number name} of each descriptor
     */
    public List<String> descriptors() {
        return container.descriptors();
    }

    /** Whether a host thread runs one of its lwps. */
    boolean isRunning() {
        return lwps().stream().anyMatch(Lwp::isRunning);
    }

    boolean isKproc() {
        return kproc;
    }

    /* ---- Suspend. ---- */

    /**
     * Asks every thread of this process to suspend, and waits until each has answered ({@code kthread_suspend}).
     *
     * <p>Anybody may end the suspension by {@link #resume}, perhaps before this returns; who needs the quiet to last takes a
     * {@link #hold}. When the time is over the request stays in force, as in BSD.
     *
     * @param timo how long to wait; {@link Duration#ZERO} asks and does not wait, {@link KernelClock#FOREVER} has no limit
     * @return what came of it
     * @throws InterruptedException if interrupted without an answer; the request is withdrawn then
     * @throws KernelException EINVAL if this is no kernel process; EDEADLK if it is the caller's own
     * @throws IllegalArgumentException if the time is negative
     */
    public SuspendOutcome suspend(Duration timo) throws InterruptedException {
        return table.requests.suspend(this, null, timo);
    }

    /**
     * Asks every thread of this process to suspend, and does not wait.
     *
     * @param owner who asks: only its own withdrawal ends the request; null: anybody's resume does
     * @return the request, in force
     * @throws KernelException EINVAL if this is no kernel process; EDEADLK if it is the caller's own
     * @throws IllegalArgumentException if the owner is an empty name
     */
    public SuspendRequest ask(@Nullable String owner) {
        return table.requests.ask(this, null, owner);
    }

    /**
     * Withdraws every request without owner ({@code kthread_resume}). Nothing to withdraw is no error.
     *
     * @return whether the process runs now, has ended, or who holds it still
     * @throws KernelException EINVAL if this is no kernel process
     */
    public ResumeOutcome resume() {
        return table.requests.resume(this, null);
    }

    /**
     * Asks for quiet that lasts until it is closed, and waits until it is there. A hold taken by a kernel thread ends with
     * that thread's process.
     *
     * @param owner who holds, for {@code ps}, for diagnosis and for who finds the daemon still held
     * @param timo how long to wait
     * @return the hold; close it to let the daemon go on
     * @throws SuspendRefusedException if it was not quiet in time; nothing is held then
     * @throws InterruptedException if interrupted; nothing is held then
     * @throws KernelException EINVAL if this is no kernel process; EDEADLK if it is the caller's own
     * @throws IllegalArgumentException if the time is negative, or the owner an empty name
     */
    public Suspension hold(String owner, Duration timo) throws InterruptedException {
        return table.requests.hold(owner, List.of(this), timo);
    }

    /* ---- Stop, and end. ---- */

    /**
     * Tells the process to stop, and waits for its end. Never taken back; telling again is harmless.
     *
     * <p>A check, a suspendable sleep, a region unwind the thread, also when it is suspended; a plain sleep answers {@code
     * STOPPING}. A thread in a region is interrupted at once, any other one once after a grace: a quarter of the time, at
     * least 100 ms and at most 10 s; with less time than that, by the first stop that finds it 100 ms after it was told.
     *
     * @param timo how long to wait; zero tells it and does not wait
     * @return {@code EXITED}, or {@code TIMED_OUT} with where it is stuck
     * @throws InterruptedException if interrupted; the stop stays
     * @throws KernelException EINVAL if this is no kernel process, or process 0; EDEADLK if it is the caller's own
     */
    public StopOutcome stop(Duration timo) throws InterruptedException {
        return table.requests.stop(this, null, timo);
    }

    /**
     * Waits until the process has ended, and joins its host threads.
     *
     * @param timo how long to wait
     * @return whether it has ended
     * @throws InterruptedException if interrupted
     * @throws KernelException EDEADLK if it is the caller's own
     */
    public boolean join(Duration timo) throws InterruptedException {
        table.requests.requireOther(this, "join");
        if (!kproc && table.lwproc().current() == container) {
            throw new KernelException(Errno.EDEADLK, "join of " + this + " by an lwp of its own; release that first");
        }
        return table.requests.waiting("wait", this, () -> awaitEnd(table.clock.deadline(timo)));
    }

    private boolean awaitEnd(long deadline) throws InterruptedException {
        if (deadline == KernelClock.NEVER && !HostThreads.monitorsPin()) {
            for (Thread host : table.hostsOf(this)) {
                host.join(); // so that the caller is woken once, not at the end of the process and at that of its
                // threads
            }
        }
        boolean joined;
        synchronized (threads) {
            while (!ended && table.clock.nanoTime() < deadline) {
                table.clock.await(threads, deadline);
            }
            joined = ended;
        }
        if (!joined) {
            return false;
        }
        Duration patience = HostThreads.patience(table.clock, deadline);
        for (Thread host : table.hostsOf(this)) {
            joined &= HostThreads.join(host, joined ? patience : Duration.ZERO); // it has left its last monitor
        }
        return joined;
    }

    /**
     * The exit status: the first of its threads' that is not 0, else 0. A main that throws gives 70.
     *
     * @return empty until the process has ended
     */
    public OptionalInt exitStatus() {
        return hasEnded() ? OptionalInt.of(status) : OptionalInt.empty();
    }

    /**
     * What its main threw, if it did.
     *
     * @return empty until the process has ended, and if nothing was thrown
     */
    public Optional<Throwable> cause() {
        return hasEnded() ? Optional.ofNullable(cause) : Optional.empty();
    }

    private boolean hasEnded() {
        return state == ProcState.ZOMBIE || state == ProcState.REAPED;
    }

    /* ---- Readiness. ---- */

    /**
     * Whether the daemon has said that it is ready.
     *
     * @return true from then on
     */
    public boolean isReady() {
        synchronized (threads) {
            return ready;
        }
    }

    /**
     * Waits until the daemon says {@link CurThread#ready}.
     *
     * @param timo how long to wait
     * @return what came first
     * @throws InterruptedException if interrupted
     */
    public Readiness awaitReady(Duration timo) throws InterruptedException {
        return table.requests.waiting("waitrdy", this, () -> awaitReadyOrEnd(table.clock.deadline(timo)));
    }

    private Readiness awaitReadyOrEnd(long deadline) throws InterruptedException {
        synchronized (threads) {
            while (!ready && !ended && table.clock.nanoTime() < deadline) {
                table.clock.await(threads, deadline);
            }
            return ready ? Readiness.READY : ended ? Readiness.EXITED : Readiness.TIMED_OUT;
        }
    }

    void becomeReady() {
        synchronized (threads) {
            ready = true;
            threads.notifyAll();
        }
    }

    /* ---- Transitions; the lock of the table is held. ---- */

    void started() {
        assert Thread.holdsLock(table.lock);
        if (state == ProcState.NEW) {
            state = ProcState.RUNNING;
        }
    }

    /** The first status that is not 0 stays, and so does the first cause. */
    void giveStatus(int code, @Nullable Throwable thrown) {
        assert Thread.holdsLock(table.lock);
        if (status == 0) {
            status = code;
        }
        if (cause == null) {
            cause = thrown;
        }
    }

    /** Its last thread is gone. */
    void becomeZombie() {
        assert Thread.holdsLock(table.lock);
        container.reparent(table.initproc);
        state = ProcState.ZOMBIE;
        synchronized (threads) {
            ended = true;
            threads.notifyAll();
        }
    }

    /** No kernel thread is left, and no host thread of one. A process that never had any: no lwp. */
    boolean hasNobody() {
        assert Thread.holdsLock(table.lock);
        return state == ProcState.ZOMBIE && threads.isJoined();
    }

    void becomeReaped() {
        assert Thread.holdsLock(table.lock);
        state = ProcState.REAPED;
    }

    @Override
    public String toString() {
        return comm() + " (pid " + pid() + ")";
    }
}
