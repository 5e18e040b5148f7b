package org.kthread.lwp;

import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Lwp;
import org.kthread.proc.Lwproc;
import org.kthread.proc.ProcTable;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/**
 * The lwps of one kernel. A process is a resource container, an lwp is an execution context in it. A host thread is either
 * bound to an lwp, whose process then decides what pid, credentials, directory and descriptors mean, or it is in the
 * <em>implicit context</em>: process 1, without an lwp, any number of threads at once.
 *
 * <p>Who runs which lwp is the caller's business: one host thread for each, or many lwps on few host threads. Whoever makes
 * lwps keeps track of them, and releases them. A process goes with its last lwp, and everything it has open is closed.
 *
 * <pre>{@code
 * Lwps lwps = kernel.lwps();
 * lwps.rfork(Lwps.RUMP_RFCFDG);          // a process of its own, with nothing open
 * kernel.syscalls().setuid(1001);
 * Lwp tenant = lwps.curLwp();
 * lwps.switchTo(null);                   // out again; the tenant stays
 *
 * lwps.switchTo(tenant);                 // on any host thread, for each request
 * try {
 *     serve();
 * } finally {
 *     lwps.switchTo(null);
 * }
 *
 * lwps.switchTo(tenant);
 * lwps.releaseLwp();                     // the last one out closes everything
 * }</pre>
 *
 * <p>Any thread may call any method, each for itself. Only {@link #rfork}, {@link #newLwp} and {@link #releaseLwp} take a
 * lock of ours, for a moment. A call that fails changes nothing.
 *
 * <p>A kernel thread may visit: it has an lwp of its own, its home, which stays running meanwhile. To switch to null, or to
 * release the lwp visited, returns home. Suspend, stop, exit, its name and {@code ps} follow the thread.
 *
 * <p><b>Differences from BSD.</b> A panic is a {@link KernelPanic} for the caller alone. Errors are {@link KernelException}s.
 * To enter the implicit context takes no lock, and uses up no id. To switch to null in the implicit context does nothing.
 * A host thread that ends while bound does not keep its lwp: the next switch takes it over, with a warning. Use of a released
 * lwp is a panic, not undefined. A kernel thread at home that visits may also switch to its home by name. The process
 * table has a limit: EAGAIN.
 *
 * @see <a href="https://man.netbsd.org/rump_lwproc.3">rump_lwproc(3)</a>
 */
public final class Lwps {
    /** For {@link #rfork}: the new process gets a copy of the descriptor table. Open files, and offsets, are shared. */
    public static final int RUMP_RFFDG = Lwproc.RUMP_RFFDG;

    /** For {@link #rfork}: the new process begins with an empty descriptor table. */
    public static final int RUMP_RFCFDG = Lwproc.RUMP_RFCFDG;

    private final Lwproc lwproc;

    /**
     * The lwps of a kernel.
     *
     * @param table its processes
     */
    public Lwps(ProcTable table) {
        this.lwproc = Objects.requireNonNull(table, "table").lwproc();
    }

    /**
     * Makes a process, a child of the current one, with one lwp, and switches to it ({@code rump_pub_lwproc_rfork}). The
     * current lwp stays, and nobody runs it. The child has its parent's credentials, limit, directory and name; with flags 0
     * it shares the parent's descriptor table: what one opens or closes is open or closed for the other.
     *
     * @param flags 0, {@link #RUMP_RFFDG} or {@link #RUMP_RFCFDG}
     * @throws KernelException EINVAL for any other flag, or both; EAGAIN if the process table is full; ESHUTDOWN during the
     *     shutdown. Nothing has changed then
     * @throws KernelPanic if the calling thread is bound in another kernel
     */
    public void rfork(int flags) {
        lwproc.rfork(flags);
    }

    /**
     * Makes one more lwp in a process, and switches to it ({@code rump_pub_lwproc_newlwp}). The current lwp stays, and nobody
     * runs it. Credentials are not checked.
     *
     * @param pid of any process, 0 and 1 included
     * @throws KernelException ESRCH if there is no such process; EBUSY while it is closing what it had open. Nothing has
     *     changed then
     * @throws KernelPanic if the calling thread is bound in another kernel
     */
    public void newLwp(int pid) {
        lwproc.newlwp(pid);
    }

    /**
     * Switches to another lwp ({@code rump_pub_lwproc_switch}). The current one stays, and nobody runs it. Costs a lookup,
     * a compare-and-set and a store: no lock, no allocation.
     *
     * @param lwp where to; null: to the implicit context, for a kernel thread home
     * @throws KernelPanic if a host thread runs it, also the calling one; if it is released, or of another kernel; if the
     *     calling thread is bound in another kernel. Nothing has changed then
     */
    public void switchTo(@Nullable Lwp lwp) {
        lwproc.switchTo(lwp);
    }

    /**
     * Releases the current lwp ({@code rump_pub_lwproc_releaselwp}); the caller is in the implicit context then, a kernel
     * thread at home. With the last lwp its process goes: everything it has open is closed before this returns, last opened
     * first, and its pid is free.
     *
     * @throws KernelPanic in the implicit context, or for a kernel thread at home
     * @throws KernelException EIO if closing failed, with each failure inside; all else was closed, and the process is gone
     */
    public void releaseLwp() {
        lwproc.releaselwp();
    }

    /**
     * The current lwp ({@code rump_pub_lwproc_curlwp}).
     *
     * @return null in the implicit context; a kernel thread always has one
     */
    public @Nullable Lwp curLwp() {
        return lwproc.curlwp();
    }
}
