package org.kthread.proc;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Action;

/**
 * Describes an internal daemon: {@code struct kproc_desc}. It creates nothing by itself; {@link Kthreads#kprocStart} does.
 *
 * <pre>{@code
 * static final AtomicReference<Proc> bufdaemonproc = new AtomicReference<>();
 * static final KprocDesc BUF_KP = new KprocDesc("bufdaemon", Bufdaemon::bufDaemon, bufdaemonproc);
 * }</pre>
 *
 * @param arg0 the name of the process, taken literally: percent signs are harmless
 * @param func the main function
 * @param globalProcpp receives the process before the first instruction of its main; null if it is not wanted
 * @see <a href="https://man.freebsd.org/kproc_start/9">kproc_start(9)</a>
 */
public record KprocDesc(String arg0, Action func, @Nullable AtomicReference<@Nullable Proc> globalProcpp) {
    /**
     * Refuses what is missing.
     *
     * @param arg0 the name of the process
     * @param func the main function
     * @param globalProcpp the cell, or null
     * @throws IllegalArgumentException if the name is empty
     */
    public KprocDesc(String arg0, Action func, @Nullable AtomicReference<@Nullable Proc> globalProcpp) {
        this.arg0 = Objects.requireNonNull(arg0, "arg0");
        if (arg0.isEmpty()) {
            throw new IllegalArgumentException("a daemon needs a name; arg0 is \"\"");
        }
        this.func = Objects.requireNonNull(func, "func");
        this.globalProcpp = globalProcpp;
    }

    /**
     * A daemon whose process nobody wants to know.
     *
     * @param arg0 the name of the process
     * @param func the main function
     * @throws IllegalArgumentException if the name is empty
     */
    public KprocDesc(String arg0, Action func) {
        this(arg0, func, null);
    }
}
