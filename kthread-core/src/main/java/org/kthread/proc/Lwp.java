package org.kthread.proc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A light-weight process: an execution context of one process, for a host thread to run in. It belongs to its process for
 * life, and lives until it is released; the process lives until its last one is.
 *
 * <p>At most one host thread runs an lwp at a time; any host thread may switch to one that nobody runs.
 *
 * @see <a href="https://man.netbsd.org/rump_lwproc.3">rump_lwproc(3)</a>
 */
public final class Lwp {
    /*
     * Who runs it:
     *
     *  born -> a thread          rfork, newLwp: its creator's
     *  a thread -> null          switchTo: the thread goes elsewhere (release store: what it did in here is seen by the next);
     *                            or its stack has overflowed before it had left the lwp it comes from
     *  null -> a thread          switchTo: compare-and-set
     *  a dead thread -> a thread switchTo: compare-and-set; the dead one can give nothing up any more
     *  a thread -> RELEASED      releaseLwp; the end of a kernel thread, for its home
     *
     * Locking key: (f) final; (v) volatile, as above; (p) the lock of the process table.
     */
    private static final Object RELEASED = new Object();
    private static final VarHandle RUNNER;

    static {
        try {
            RUNNER = MethodHandles.lookup().findVarHandle(Lwp.class, "runner", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final ProcTable table; // (f)
    final Container container; // (f)
    private final long lid; // (f)

    @Nullable
    Lwp next; // (p) of its process

    @Nullable
    Lwp prev; // (p)

    volatile @Nullable Object runner; // (v)

    /** Called while there is memory, and stack: an initializer that fails for want of them fails for the life of the JVM. */
    static void initialize() {
        Objects.requireNonNull(RUNNER);
    }

    /** An lwp that runs on a host thread. */
    Lwp(Container container, long lid, Thread host) {
        this.table = container.proc.table;
        this.container = container;
        this.lid = lid;
        this.runner = host;
    }

    /**
     * Its id among the lwps of its process that host threads made: counted from 0, never used again. The home of a kernel
     * thread has the thread's tid, whichever of those has that number too.
     *
     * @return {@code l_lid}
     */
    public long lid() {
        return lid;
    }

    /**
     * The process it belongs to.
     *
     * @return its process, for life
     */
    public Proc proc() {
        return container.proc;
    }

    /**
     * Whether a host thread runs it. A host thread that has ended runs nothing.
     *
     * @return true if so; false also when it is released
     */
    public boolean isRunning() {
        return runner instanceof Thread host && host.isAlive();
    }

    /**
     * Whether it was released: it is of no use any more.
     *
     * @return true from then on
     */
    public boolean isReleased() {
        return runner == RELEASED;
    }

    /** Runs it on the calling host thread, if nobody runs it. */
    boolean tryRun(Thread me) {
        return RUNNER.compareAndSet(this, (Object) null, (Object) me);
    }

    /** Takes it from a host thread that has ended. */
    boolean takeOver(Thread dead, Thread me) {
        return RUNNER.compareAndSet(this, (Object) dead, (Object) me);
    }

    /** Its host thread goes elsewhere. */
    void giveUp() {
        assert runner == Thread.currentThread() : this + " is run by " + runner;
        RUNNER.setRelease(this, (Object) null);
    }

    /** Its host thread releases it. */
    void retire() {
        assert runner == Thread.currentThread() : this + " is run by " + runner;
        runner = RELEASED;
    }

    /** Which thread runs it; that thread may have ended. */
    @Nullable
    Thread runner() {
        return runner instanceof Thread host ? host : null;
    }

    @Override
    public String toString() {
        return "lwp 0x" + Integer.toHexString(System.identityHashCode(this)) + " (" + proc().pid() + ":" + lid + ")";
    }
}
