package org.kthread.proc;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Sleeper;

/**
 * Which lwp a host thread runs in, and the calls that change it. Wiring: {@code org.kthread.lwp.Lwps} is the face of it.
 *
 * <p>The slot of a host thread holds the lwp it is bound to; nothing means the implicit context, process 1. The slot of a
 * kernel thread holds the kernel thread for its whole life, and the lwp it visits is a field of its own: so a suspend, a
 * stop, an exit and {@code ps} follow the thread wherever it is.
 */
public final class Lwproc {
    /** Copy the descriptor table. */
    public static final int RUMP_RFFDG = 0x01;
    /** Begin with an empty descriptor table. */
    public static final int RUMP_RFCFDG = 0x02;

    private final ProcTable table;
    private final Container implicit; // of process 1

    Lwproc(ProcTable table) {
        this.table = table;
        this.implicit = table.initproc.container;
    }

    /* ---- Where the caller is: one lookup, nothing shared, nothing allocated. ---- */

    /**
     * The lwp of the calling thread.
     *
     * @return null in the implicit context
     */
    public @Nullable Lwp curlwp() {
        Object occupant = CurrentThread.get();
        if (occupant instanceof Lwp lwp) {
            return lwp.table == table ? lwp : null;
        }
        return occupant instanceof Kthread me && me.proc.table == table ? me.lwp() : null;
    }

    /**
     * The process of the calling thread.
     *
     * @return that of its lwp; process 1 in the implicit context
     */
    public Container current() {
        Object occupant = CurrentThread.get();
        if (occupant instanceof Lwp lwp && lwp.table == table) {
            return lwp.container;
        }
        if (occupant instanceof Kthread me && me.proc.table == table) {
            Lwp visited = me.visited;
            return visited == null ? me.proc.container : visited.container;
        }
        return implicit;
    }

    /* ---- Switching: a lookup, a compare-and-set, a release store. ---- */

    /**
     * Goes to another lwp. On failure nothing has changed.
     *
     * @param next where to; null: to the implicit context, or, for a kernel thread, home
     */
    public void switchTo(@Nullable Lwp next) {
        @Nullable Object[] slot = CurrentThread.slot();
        Object occupant = slot[0];
        if (occupant instanceof Kthread me) {
            visit(me, next);
            return;
        }
        Lwp old = (Lwp) occupant;
        if (old != null && old.table != table) {
            throw boundElsewhere(old.table);
        }
        change(old, next);
        slot[0] = next;
    }

    private void visit(Kthread me, @Nullable Lwp next) {
        if (me.proc.table != table) {
            throw boundElsewhere(me.proc.table);
        }
        Lwp old = me.visited;
        Lwp to = next == null || (next == me.home && old != null) ? null : next; // home has been running all the time
        change(old, to);
        me.visited = to;
    }

    /**
     * Claims one lwp and gives the other up, or neither. To look for stack first would cost more than the switch; so where the
     * caller stands is written after this, and what overflows in here is taken back without a call.
     */
    private void change(@Nullable Lwp old, @Nullable Lwp next) {
        if (next != null) {
            claim(next);
        }
        if (old != null) {
            try {
                old.giveUp();
            } catch (StackOverflowError e) {
                if (next != null) {
                    next.runner = null;
                }
                throw e;
            }
        }
    }

    private void claim(Lwp next) {
        if (next.table != table || !next.tryRun(Thread.currentThread())) {
            claimRefused(next);
        }
    }

    /** It could not be had at once: either its host thread has ended, or the caller broke the protocol. */
    void claimRefused(Lwp next) {
        Sleeper.requireStack(); // what follows a take-over could not take it back
        if (next.table != table) {
            throw new KernelPanic(next + " is of " + next.table + ", and was given to " + table);
        }
        if (next.isReleased()) {
            throw new KernelPanic(next + " is released; a released lwp is of no use any more");
        }
        Thread runner = next.runner();
        if (runner == null) {
            claim(next); // given up just now
        } else if (!runner.isAlive() && next.takeOver(runner, Thread.currentThread())) {
            Log.warning(
                    "{0} was left running by {1}, which has ended; {2} takes it over. Switch away, or release it,"
                            + " before a host thread ends",
                    next, runner.getName(), Thread.currentThread().getName());
        } else {
            throw new KernelPanic(next + " already running"
                    + (runner == Thread.currentThread()
                            ? ": it is the caller's own"
                            : ": on host thread " + runner.getName()));
        }
    }

    /* ---- Making and releasing. ---- */

    /**
     * Makes a process with one lwp, and goes there.
     *
     * @param flags 0, {@link #RUMP_RFFDG} or {@link #RUMP_RFCFDG}
     */
    public void rfork(int flags) {
        Sleeper.requireStack();
        @Nullable Object[] slot = slotHere();
        if ((flags & ~(RUMP_RFFDG | RUMP_RFCFDG)) != 0 || flags == (RUMP_RFFDG | RUMP_RFCFDG)) {
            throw new KernelException(
                    Errno.EINVAL,
                    "rfork(0x" + Integer.toHexString(flags) + "): the flags are 0, RUMP_RFFDG or RUMP_RFCFDG");
        }
        Container parent = current();
        Filedesc fd = null;
        if (flags == 0) {
            fd = parent.fd().share();
        } else if (flags == RUMP_RFFDG) {
            fd = parent.copyOfFd();
        }
        enter(slot, born(parent, fd));
    }

    /** If this fails nothing is left. */
    private Lwp born(Container parent, @Nullable Filedesc fd) {
        try {
            return table.enterFork(parent, fd);
        } catch (Throwable t) {
            if (fd != null) {
                fd.unshare(t::addSuppressed);
            }
            throw t;
        }
    }

    /**
     * Makes one more lwp in a process, and goes there.
     *
     * @param pid of the process
     */
    public void newlwp(int pid) {
        Sleeper.requireStack();
        @Nullable Object[] slot = slotHere();
        enter(slot, table.enterLwp(pid));
    }

    /** Goes to an lwp that runs on the calling thread from its birth on. */
    private void enter(@Nullable Object[] slot, Lwp lwp) {
        Lwp old;
        if (slot[0] instanceof Kthread me) {
            old = me.visited;
            me.visited = lwp;
        } else {
            old = (Lwp) slot[0];
            slot[0] = lwp;
        }
        if (old != null) {
            old.giveUp();
        }
        assert curlwp() == lwp;
    }

    /** Releases the current lwp; the caller is in the implicit context then, or at home. */
    public void releaselwp() {
        Sleeper.requireStack();
        @Nullable Object[] slot = CurrentThread.slot();
        Lwp lwp = slot[0] instanceof Kthread me ? me.visited : (Lwp) slot[0];
        if (lwp == null || lwp.table != table) {
            throw new KernelPanic("releasing non-pertinent lwp"
                    + (slot[0] instanceof Kthread me
                            ? ": " + me + " is at home, and its own lwp goes when it ends"
                            : ": the caller is in the implicit context"));
        }
        leaveFor(slot, lwp);
    }

    private void leaveFor(@Nullable Object[] slot, Lwp lwp) {
        if (slot[0] instanceof Kthread me) {
            me.visited = null;
        } else {
            slot[0] = null;
        }
        lwp.retire();
        boolean last;
        synchronized (table.lock) {
            last = lwp.container.leave(lwp);
        }
        if (last) {
            lwp.container.close();
        }
    }

    /** The body of a kernel thread has ended: what it visits stays. */
    void goHome(Kthread me) {
        Lwp visited = me.visited;
        if (visited != null) {
            me.visited = null;
            visited.giveUp();
            Log.warning("{0} has ended while it visited {1}, which nobody runs now", me, visited);
        }
    }

    /** A kernel thread ends, after its handlers: its home goes, and with the last lwp the container. */
    void end(Kthread me) {
        try {
            goHome(me);
            if (Thread.currentThread() == me.host) { // else it was never born, and has no home
                me.lwp().retire();
            }
        } finally {
            leaveHome(me.proc.container);
        }
    }

    private void leaveHome(Container container) {
        boolean last;
        synchronized (table.lock) {
            last = container.leave();
        }
        if (last) {
            container.close();
        }
    }

    private @Nullable Object[] slotHere() {
        @Nullable Object[] slot = CurrentThread.slot();
        ProcTable bound =
                slot[0] instanceof Lwp lwp ? lwp.table : slot[0] instanceof Kthread me ? me.proc.table : table;
        if (bound != table) {
            throw boundElsewhere(bound);
        }
        return slot;
    }

    private KernelPanic boundElsewhere(ProcTable other) {
        return new KernelPanic("host thread " + Thread.currentThread().getName() + " is bound in " + other
                + ", and was to be bound in " + table + "; it has to leave the first before");
    }

    /* ---- For who looks. ---- */

    /**
     * The lwps of a process, without those of its kernel threads.
     *
     * @param proc which
     * @return a copy
     */
    List<Lwp> lwps(Proc proc) {
        synchronized (table.lock) {
            return List.copyOf(proc.container.lwps());
        }
    }
}
