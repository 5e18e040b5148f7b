package org.kthread.proc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * A process as a container of resources: credentials, directory, descriptors, limit, parent, and the lwps that live in it.
 * Wiring; programs see {@code Syscalls}, {@code Lwps} and {@link Proc}.
 *
 * <p>It lives as long as the last lwp of any kind: a kernel thread is one, and so is what rfork and newlwp make.
 */
public final class Container {
    /*
     * OPEN -> CLOSING -> GONE, by who takes the last lwp out: it closes the descriptors in between, with nothing held.
     *
     * Locking key: (f) final; (p) the lock of the process table; (v) volatile, written under (p).
     */

    /** Where it is in its life. */
    enum Phase {
        OPEN,
        CLOSING,
        GONE
    }

    final Proc proc; // (f)
    private final int pid; // (f) of its process

    private volatile @Nullable Proc parent; // (v) null: process 0 has none
    private volatile Ucred ucred; // (v)
    private volatile @Nullable Pwd pwd; // (v) null: where the JVM was started
    private volatile Rlimit nofile; // (v)
    private volatile @Nullable Filedesc fd; // (v) null: nothing was opened yet
    private volatile Phase phase = Phase.OPEN; // (v)
    private int nlwps; // (p) kernel threads included
    long nextLid; // (p) past what an int can count: a busy process comes there
    private @Nullable Lwp lwps; // (p) the first of a list, without those of kernel threads

    /** That of process 0 and init, which nobody leaves last. */
    Container(Proc proc, int pid, @Nullable Proc parent) {
        this.proc = proc;
        this.pid = pid;
        this.parent = parent;
        this.ucred = Ucred.ROOT;
        this.nofile = Rlimit.NOFILE;
        this.nlwps = 1;
    }

    /** That of any other process: what it inherits is its parent's, but the descriptors are what it is given. */
    Container(Proc proc, int pid, Container parent, @Nullable Filedesc fd) {
        this.proc = proc;
        this.pid = pid;
        this.parent = parent.proc;
        this.ucred = parent.ucred;
        this.pwd = parent.pwd;
        this.nofile = parent.nofile;
        this.fd = fd;
    }

    /* ---- Identity. ---- */

    /**
     * Whose it is.
     *
     * @return the process
     */
    public Proc proc() {
        return proc;
    }

    /**
     * Its pid.
     *
     * @return the process's
     */
    public int pid() {
        return pid;
    }

    int ppid() {
        Proc mine = parent;
        return mine == null ? 0 : mine.state() == ProcState.REAPED ? 1 : mine.pid();
    }

    /** The process is init's from now on. */
    void reparent(Proc initproc) {
        assert Thread.holdsLock(proc.table.lock);
        parent = initproc;
    }

    /* ---- Credentials, limit, directory. ---- */

    /**
     * The user.
     *
     * @return 0 for the superuser
     */
    public int uid() {
        return ucred.uid();
    }

    /**
     * The group.
     *
     * @return 0 for wheel
     */
    public int gid() {
        return ucred.gid();
    }

    /**
     * Changes the user: 0 may become anybody, everybody else only what it is.
     *
     * @param uid from 0 on
     */
    public void setuid(int uid) {
        synchronized (proc.table.lock) {
            requireMay("setuid", uid, ucred.uid());
            ucred = new Ucred(uid, ucred.gid());
        }
    }

    /**
     * Changes the group: user 0 may enter any, everybody else only the one it has.
     *
     * @param gid from 0 on
     */
    public void setgid(int gid) {
        synchronized (proc.table.lock) {
            requireMay("setgid", gid, ucred.gid());
            ucred = new Ucred(ucred.uid(), gid);
        }
    }

    private void requireMay(String call, int id, int own) {
        if (id < 0) {
            throw new KernelException(Errno.EINVAL, call + "(" + id + "): an id is 0 or more");
        }
        if (ucred.uid() != 0 && id != own) {
            throw new KernelException(
                    Errno.EPERM,
                    call + "(" + id + ") in " + proc + ", which has uid " + ucred.uid() + " and gid " + ucred.gid()
                            + ": only uid 0 may change them");
        }
    }

    /**
     * RLIMIT_NOFILE.
     *
     * @return what descriptor numbers stay below
     */
    public Rlimit nofile() {
        return nofile;
    }

    /**
     * Changes RLIMIT_NOFILE. What is open stays open.
     *
     * @param limit not above its own maximum; user 0 alone may raise that
     */
    public void nofile(Rlimit limit) {
        if (limit.cur() < 0 || limit.cur() > limit.max()) {
            throw new KernelException(Errno.EINVAL, "setrlimit: " + limit + " is not 0 <= cur <= max");
        }
        synchronized (proc.table.lock) {
            if (limit.max() > nofile.max() && ucred.uid() != 0) {
                throw new KernelException(
                        Errno.EPERM,
                        "setrlimit in " + proc + ": " + limit + " raises the maximum, which is " + nofile.max()
                                + "; only uid 0 may");
            }
            nofile = limit;
        }
    }

    /**
     * Where its names begin.
     *
     * @return root and working directory
     */
    public Pwd pwd() {
        Pwd mine = pwd;
        return mine == null ? new Pwd(Path.of("").toAbsolutePath()) : mine;
    }

    /**
     * Changes where its names begin.
     *
     * @param from what the new directory was found from; if another lwp has changed it since then, nothing happens
     * @param to the new
     * @return whether it was changed
     */
    public boolean pwd(Pwd from, Pwd to) {
        synchronized (proc.table.lock) {
            boolean unchanged = pwd().equals(from);
            if (unchanged) {
                pwd = to;
            }
            return unchanged;
        }
    }

    /* ---- Descriptors. ---- */

    /** The table, made now if there was none. */
    Filedesc fd() {
        Filedesc table = fd;
        if (table != null) {
            return table;
        }
        synchronized (proc.table.lock) {
            if (fd == null) {
                if (phase != Phase.OPEN) {
                    throw Filedesc.closed();
                }
                fd = new Filedesc();
            }
            return fd;
        }
    }

    /** A copy of the table, if there is one. */
    @Nullable
    Filedesc copyOfFd() {
        Filedesc table = fd;
        return table == null ? null : table.copy();
    }

    /**
     * Puts an object under the lowest free number. On failure the object is not closed.
     *
     * @param object closed with its last entry
     * @return the number
     */
    public int install(AutoCloseable object) {
        return fd().enter(new OpenFile(object), nofile.cur());
    }

    /**
     * Takes the lowest free number, before anything is opened or made for it. It is not open until {@link #fill}.
     *
     * @return the number; the caller fills or frees it
     */
    public int reserve() {
        return fd().reserve(nofile.cur());
    }

    /**
     * Puts an object under a number. On failure it is not closed.
     *
     * @param number from {@link #reserve}
     * @param object closed with its last entry
     */
    public void fill(int number, AutoCloseable object) {
        fd().fill(number, new OpenFile(object));
    }

    /**
     * Gives a number back under which nothing was opened.
     *
     * @param number from {@link #reserve}
     */
    public void free(int number) {
        fd().free(number);
    }

    /**
     * One more number for what is open.
     *
     * @param number a descriptor
     * @return the lowest that was free
     */
    public int dup(int number) {
        OpenFile file = hold(number);
        boolean entered = false;
        try {
            int copy = fd().enter(file, nofile.cur());
            entered = true;
            return copy;
        } finally {
            if (!entered) {
                dropLogged(file);
            }
        }
    }

    /**
     * What a number stands for; it stays open until {@link #dropLogged}.
     *
     * @param number a descriptor
     * @return with a reference more
     */
    public OpenFile hold(int number) {
        return fd().hold(number);
    }

    /**
     * Frees a number.
     *
     * @param number a descriptor
     * @return what it stood for; the caller drops it
     */
    public OpenFile remove(int number) {
        return fd().remove(number);
    }

    /**
     * Gives a reference up after a call that has its own result: a failing close is logged.
     *
     * @param file from {@link #hold}
     */
    public static void dropLogged(OpenFile file) {
        try {
            file.drop();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            Log.error(e, "close of ", file, ", which was closed elsewhere during a call");
        }
    }

    /** What is open, as {@code number name}. */
    List<String> descriptors() {
        Filedesc table = fd;
        return table == null || phase == Phase.GONE ? List.of() : table.names();
    }

    /* ---- Its lwps; the lock of the table is held. ---- */

    Phase phase() {
        return phase;
    }

    int nlwps() {
        assert Thread.holdsLock(proc.table.lock);
        return nlwps;
    }

    /** One more kernel thread. */
    void enter() {
        assert Thread.holdsLock(proc.table.lock);
        assert phase == Phase.OPEN : proc + " is " + phase;
        nlwps++;
    }

    /** One more lwp, which runs on this host thread. */
    Lwp enter(Thread host) {
        Lwp lwp = new Lwp(this, nextLid, host);
        enter();
        nextLid++;
        lwp.next = lwps;
        if (lwps != null) {
            lwps.prev = lwp;
        }
        lwps = lwp;
        return lwp;
    }

    /** An lwp is released: tells whether it was the last of any kind, and the caller has to {@link #close}. */
    boolean leave(Lwp lwp) {
        Lwp after = lwp.next;
        Lwp before = lwp.prev;
        if (after != null) {
            after.prev = before;
        }
        if (before != null) {
            before.next = after;
        } else {
            assert lwps == lwp : lwp + " is not in the list of its process";
            lwps = after;
        }
        lwp.next = null;
        lwp.prev = null;
        return leave();
    }

    /** A kernel thread ends: tells whether it was the last of any kind, and the caller has to {@link #close}. */
    boolean leave() {
        assert Thread.holdsLock(proc.table.lock);
        assert nlwps > 0 : proc + " has no lwp";
        nlwps--;
        if (nlwps > 0) {
            return false;
        }
        phase = Phase.CLOSING;
        return true;
    }

    List<Lwp> lwps() {
        assert Thread.holdsLock(proc.table.lock);
        List<Lwp> all = new ArrayList<>();
        for (Lwp lwp = lwps; lwp != null; lwp = lwp.next) {
            all.add(lwp);
        }
        Collections.reverse(all); // the youngest is the first of the list
        return all;
    }

    /* ---- The end; nothing is held. ---- */

    /**
     * Closes everything, in the reverse of the order in which it came: what failed is thrown together, when all is done. What
     * a daemon left open is named in the log.
     */
    void close() {
        assert phase == Phase.CLOSING : proc + " is " + phase;
        try {
            Filedesc table = fd;
            if (table != null) {
                closeAll(table);
            }
        } finally {
            proc.table.closed(this);
        }
    }

    private void closeAll(Filedesc table) {
        CloseFailures failures = null;
        try {
            failures = new CloseFailures(proc);
            tellLeftOpen(table);
        } finally {
            table.unshare(failures);
        }
        failures.rethrow();
    }

    private void tellLeftOpen(Filedesc table) {
        List<String> open = proc.isKproc() ? table.names() : List.of();
        if (!open.isEmpty()) {
            Log.warning("{0} has ended and left open: {1}; it is closed", proc, String.join(", ", open));
        }
    }

    /** It is empty, and its pid is nobody's. The lock of the table is held. */
    void gone() {
        assert Thread.holdsLock(proc.table.lock);
        assert nlwps == 0 && lwps == null : proc + " is gone, and has " + nlwps + " lwps";
        phase = Phase.GONE;
        fd = null;
    }
}
