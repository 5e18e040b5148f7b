package org.kthread.proc;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Sleeper;

/**
 * The calls that create kernel processes and threads. Any thread may call them; nothing of ours is held while they run.
 *
 * <p><b>Differences from BSD.</b> A full table is EAGAIN at once, without a nap. Names are formats of {@link
 * java.util.Formatter}. The flags of a thread that is added to a process are checked like all others, not ignored.
 *
 * @see <a href="https://man.freebsd.org/kproc/9">kproc(9)</a>
 * @see <a href="https://man.freebsd.org/kthread/9">kthread(9)</a>
 */
public final class Kthreads {
    private final ProcTable table;

    /** How a host thread is started; a test puts a JVM here that refuses. */
    Consumer<Thread> starter = Thread::start;

    /** Whether who asks for a virtual thread is still to be told what it costs on this JDK; a test says that it is. */
    volatile boolean pinningToTell = HostThreads.monitorsPin();

    Kthreads(ProcTable table) {
        this.table = table;
    }

    /**
     * Starts an internal daemon, as a boot does: no argument, no flags, the default stack, the name taken literally. Returns
     * when the daemon can run; it does not wait until it has done anything.
     *
     * @param udata describes the daemon
     * @throws KernelPanic if it cannot be created: a daemon of the boot has no way to fail softly
     */
    public void kprocStart(KprocDesc udata) {
        Objects.requireNonNull(udata, "udata");
        KthreadSpec spec = KthreadSpec.named(udata.arg0()).main(udata.func());
        if (udata.globalProcpp() != null) {
            spec = spec.cell(udata.globalProcpp());
        }
        try {
            kthreadCreate(spec);
        } catch (KernelException e) {
            throw new KernelPanic(
                    "kproc_start: " + udata.arg0() + ": error " + e.errno().number(), e);
        }
    }

    /**
     * Creates a kernel process with one thread, a child of process 0 ({@code kproc_create} since FreeBSD 8).
     *
     * @param spec what to create
     * @return the process; it runs, unless {@code RFSTOPPED} was given or a hold of everything is in force
     * @throws KernelException EINVAL for a flag that is none of the specification's constants, for {@code RFCFDG}, or for a
     *     negative number of pages; EAGAIN if the process table is full, or the JVM refuses a thread; ESHUTDOWN during the
     *     shutdown
     * @throws UnsupportedOperationException if it is to be virtual, and this JVM has no virtual threads
     */
    public Proc kthreadCreate(KthreadSpec spec) {
        Action main = valid(spec);
        return launch(table.enterProc(spec, spec.name, main), spec, true).proc;
    }

    /**
     * Creates one more thread in a process.
     *
     * @param p the process; null: process 0
     * @param spec what to create; RFNOWAIT and RFHIGHPID mean nothing here
     * @return the thread
     * @throws KernelException as {@link #kthreadCreate}, and ESRCH if the process is ending or has ended
     */
    public Kthread kthreadAdd(@Nullable Proc p, KthreadSpec spec) {
        Action main = valid(spec);
        Proc proc = p == null ? table.proc0 : p;
        if (proc.table != table) {
            throw new KernelPanic("kthreadAdd to " + proc + ", which is a process of another kernel");
        }
        return launch(table.enterThread(proc, spec, main), spec, false);
    }

    /**
     * Creates a thread in the process of a cell, or, if the cell is empty, the process as well, and fills the cell. Two that
     * call this at once with the same empty cell must take turns, or each may create a process.
     *
     * @param procptr the cell
     * @param procname name of the process, if it is created; taken literally
     * @param spec the thread, with its own name
     * @return the thread
     * @throws KernelException as {@link #kthreadAdd}
     * @throws IllegalArgumentException if a process is to be created and its name is empty
     */
    public Kthread kprocKthreadAdd(AtomicReference<@Nullable Proc> procptr, String procname, KthreadSpec spec) {
        Objects.requireNonNull(procptr, "procptr");
        Objects.requireNonNull(procname, "procname");
        Action main = valid(spec);
        Proc proc = procptr.get();
        if (proc != null) {
            return kthreadAdd(proc, spec);
        }
        if (procname.isEmpty()) {
            throw new IllegalArgumentException(
                    "the process of kernel thread \"" + spec.name + "\" needs a name; procname is \"\"");
        }
        Kthread thread = table.enterProc(spec, procname, main);
        procptr.set(thread.proc);
        try {
            return launch(thread, spec, true); // and fills the cell of the specification
        } catch (Throwable t) {
            procptr.compareAndSet(thread.proc, null);
            throw t;
        }
    }

    private Action valid(KthreadSpec spec) {
        tellOfPinning(Objects.requireNonNull(spec, "spec"));
        Action main = spec.requireValid();
        Sleeper.requireStack();
        return main;
    }

    /** Fills the cells, tells the handlers, starts the host thread: in this order. If any of it fails nothing is left. */
    private Kthread launch(Kthread thread, KthreadSpec spec, boolean newProc) {
        Proc proc = thread.proc;
        Proc before = spec.cell == null ? null : spec.cell.get();
        Kthread threadBefore = spec.threadCell == null ? null : spec.threadCell.get();
        boolean announced = !newProc;
        try {
            if (spec.cell != null) {
                spec.cell.set(proc);
            }
            if (spec.threadCell != null) {
                spec.threadCell.set(thread);
            }
            if (newProc) {
                announced = true;
                table.invoke(table.events.processCtor(), proc);
            }
            table.starting(thread);
            starter.accept(thread.host);
            return thread;
        } catch (Throwable t) {
            if (!thread.claim()) {
                return thread; // it was refused, and runs: see there
            }
            if (spec.cell != null) {
                spec.cell.compareAndSet(proc, before);
            }
            if (spec.threadCell != null) {
                spec.threadCell.compareAndSet(thread, threadBefore);
            }
            unborn(thread, newProc, announced);
            if (t instanceof OutOfMemoryError) {
                throw new KernelException(
                        Errno.EAGAIN,
                        "kernel thread \"" + spec.name
                                + "\": the JVM refused a thread; raise the limits of the system, or use virtual threads",
                        t);
            }
            throw t;
        }
    }

    /** Takes out of the world what never ran, and of a new process what handlers of process_ctor have added. */
    private void unborn(Kthread thread, boolean newProc, boolean announced) {
        try {
            if (newProc) {
                table.exitProc(thread, 0);
            }
        } finally {
            end(thread, announced);
        }
    }

    private void end(Kthread thread, boolean announced) {
        try {
            if (table.beginEnd(thread, 0, null)) {
                Trampoline.endProcess(thread.proc, announced);
            }
        } finally {
            takeOut(thread);
        }
    }

    private void takeOut(Kthread thread) {
        try {
            table.lwproc().end(thread);
        } finally {
            table.leave(thread);
            table.joined(thread);
        }
    }

    private void tellOfPinning(KthreadSpec spec) {
        if (spec.virtual && pinningToTell) {
            pinningToTell = false;
            Log.info(
                    "on this JDK a virtual thread that waits on a monitor keeps a carrier thread; use JDK 24 or later for"
                            + " many virtual daemons");
        }
    }
}
