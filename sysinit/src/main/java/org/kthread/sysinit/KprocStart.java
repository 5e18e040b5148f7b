package org.kthread.sysinit;

import java.util.Objects;
import org.kthread.proc.KprocDesc;

/**
 * Boot steps that start a daemon: {@code SYSINIT(bufdaemon, SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, kproc_start, &buf_kp)}.
 *
 * <pre>{@code
 * KprocStart.sysinit(SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, new KprocDesc("bufdaemon", this::bufdaemon, bufdaemonproc))
 *         .awaitReady(Duration.ofSeconds(5))
 * }</pre>
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=kproc_start&amp;sektion=9">kproc_start(9)</a>
 */
public final class KprocStart {

    private KprocStart() {}

    /**
     * A step that starts one daemon. Its name is that of the daemon. A failure to start it is a panic, as in {@code
     * kproc_start}, and so fails the boot.
     *
     * @param subsystem one of {@link Subsystem}, or any int
     * @param order one of {@link Order}, or any int
     * @param desc the daemon
     * @return the step; it needs no undo, because the processes of a step are stopped without one
     */
    public static Sysinit sysinit(int subsystem, int order, KprocDesc desc) {
        Objects.requireNonNull(desc, "desc");
        return Sysinit.of(
                desc.arg0(),
                new Key(subsystem, order),
                boot -> boot.kernel().kthreads().kprocStart(desc));
    }
}
