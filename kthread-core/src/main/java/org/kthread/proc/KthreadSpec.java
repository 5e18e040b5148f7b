package org.kthread.proc;

import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * Says what kernel thread to create: the arguments of {@code kthread_create}. A value; each method gives a changed copy.
 *
 * <pre>{@code
 * KthreadSpec spec = KthreadSpec.named("bufspacedaemon-%d", i).main(this::bufSpaceDaemon, domain).flags(KthreadSpec.RFSTOPPED);
 * }</pre>
 *
 * @see Kthreads#kthreadCreate
 * @see <a href="https://man.freebsd.org/rfork/2">rfork(2)</a>
 */
public final class KthreadSpec {
    /** Copy the descriptor table. Always so for a kernel process. */
    public static final int RFFDG = 1 << 2;
    /** Create a process. Always so. */
    public static final int RFPROC = 1 << 4;
    /** Share the address space. Always so. */
    public static final int RFMEM = 1 << 5;
    /** The new process is a child of init. */
    public static final int RFNOWAIT = 1 << 6;
    /** Begin with an empty descriptor table. Refused for kernel processes, as they copy it. */
    public static final int RFCFDG = 1 << 12;
    /** Do not let it run before it is resumed. */
    public static final int RFSTOPPED = 1 << 17;
    /** Take a pid from 10 upward, and leave alone where the next search begins. */
    public static final int RFHIGHPID = 1 << 18;

    private static final int KNOWN = RFFDG | RFPROC | RFMEM | RFNOWAIT | RFSTOPPED | RFHIGHPID;

    final String name;
    final @Nullable Action main;
    final @Nullable AtomicReference<@Nullable Proc> cell;
    final @Nullable AtomicReference<@Nullable Kthread> threadCell;
    final int flags;
    final int pages;
    final boolean virtual;

    private KthreadSpec(
            String name,
            @Nullable Action main,
            @Nullable AtomicReference<@Nullable Proc> cell,
            @Nullable AtomicReference<@Nullable Kthread> threadCell,
            int flags,
            int pages,
            boolean virtual) {
        this.name = name;
        this.main = main;
        this.cell = cell;
        this.threadCell = threadCell;
        this.flags = flags;
        this.pages = pages;
        this.virtual = virtual;
    }

    /**
     * A thread with this name, the defaults, and no main yet. The process keeps the first 19 characters of the name; the
     * host thread has all of it.
     *
     * @param fmt the name, as a format of {@link java.util.Formatter}
     * @param args what the format needs; none: the name is taken literally
     * @return the specification
     * @throws IllegalArgumentException if the name is empty, or the format does not fit its arguments
     */
    public static KthreadSpec named(String fmt, Object... args) {
        Objects.requireNonNull(fmt, "fmt");
        Objects.requireNonNull(args, "args");
        String name = args.length == 0 ? fmt : String.format(Locale.ROOT, fmt, args);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("a kernel thread needs a name; \"" + fmt + "\" gives none");
        }
        return new KthreadSpec(name, null, null, null, 0, 0, false);
    }

    /**
     * With this main function.
     *
     * @param func what the thread runs
     * @return a changed copy
     */
    public KthreadSpec main(Action func) {
        return new KthreadSpec(name, Objects.requireNonNull(func, "func"), cell, threadCell, flags, pages, virtual);
    }

    /**
     * With this main function, and its argument.
     *
     * @param <A> the argument's type
     * @param func what the thread runs
     * @param arg passed to it
     * @return a changed copy
     */
    public <A> KthreadSpec main(KthreadMain<A> func, A arg) {
        Objects.requireNonNull(func, "func");
        return main(() -> func.main(arg));
    }

    /**
     * With a cell for the process, filled before the first instruction of main.
     *
     * @param newpp receives the process; untouched if the creation fails
     * @return a changed copy
     */
    public KthreadSpec cell(AtomicReference<@Nullable Proc> newpp) {
        return new KthreadSpec(name, main, Objects.requireNonNull(newpp, "newpp"), threadCell, flags, pages, virtual);
    }

    /**
     * With a cell for the thread, filled before the first instruction of main.
     *
     * @param newtdp receives the thread; untouched if the creation fails
     * @return a changed copy
     */
    public KthreadSpec threadCell(AtomicReference<@Nullable Kthread> newtdp) {
        return new KthreadSpec(name, main, cell, Objects.requireNonNull(newtdp, "newtdp"), flags, pages, virtual);
    }

    /**
     * With these flags of rfork(2).
     *
     * @param flags {@link #RFSTOPPED}, {@link #RFNOWAIT}, {@link #RFHIGHPID}; {@link #RFPROC}, {@link #RFMEM} and {@link
     *     #RFFDG} are allowed and always so; any other is EINVAL when the thread is created
     * @return a changed copy
     */
    public KthreadSpec flags(int flags) {
        return new KthreadSpec(name, main, cell, threadCell, flags, pages, virtual);
    }

    /**
     * With a stack of this size. A wish: the JVM may do otherwise, and does so for virtual threads.
     *
     * @param pages of 4 KiB; 0 for the default; negative is EINVAL when the thread is created
     * @return a changed copy
     */
    public KthreadSpec pages(int pages) {
        return new KthreadSpec(name, main, cell, threadCell, flags, pages, virtual);
    }

    /**
     * On a virtual host thread. Refused when the thread is created on a JVM that has none (before 21).
     *
     * @return a changed copy
     */
    public KthreadSpec virtual() {
        return new KthreadSpec(name, main, cell, threadCell, flags, pages, true);
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** Refuses what kthread_create refuses, before anything is allocated. */
    Action requireValid() {
        if (main == null) {
            throw new IllegalArgumentException("kernel thread \"" + name + "\" has no main; give one with main(...)");
        }
        if (has(RFCFDG)) {
            throw new KernelException(
                    Errno.EINVAL,
                    "kernel thread \"" + name
                            + "\": RFCFDG: a kernel process copies the descriptor table (RFFDG) and cannot clear it as well");
        }
        if ((flags & ~KNOWN) != 0) {
            throw new KernelException(
                    Errno.EINVAL,
                    "kernel thread \"" + name + "\": unknown flag bits 0x" + Integer.toHexString(flags & ~KNOWN)
                            + "; see the constants of KthreadSpec");
        }
        if (pages < 0) {
            throw new KernelException(
                    Errno.EINVAL, "kernel thread \"" + name + "\": " + pages + " pages of stack; 0 is the default");
        }
        HostThreads.requireSupport(virtual, name);
        return main;
    }

    @Override
    public String toString() {
        return "KthreadSpec[" + name + (virtual ? ", virtual" : "") + ", flags 0x" + Integer.toHexString(flags) + "]";
    }
}
