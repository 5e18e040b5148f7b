package org.kthread.examples;

import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_LAST;
import static org.kthread.sleep.SleepPriority.PVM;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_BUF;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.KprocStart;

/** The bufdaemon of the manual page: started at boot, woken when there is work, suspended and resumed, stopped at shutdown. */
public final class ManualDaemon {
    private final Kernel kernel = Kernel.start(KernelConfig.defaults().withConsole(System.out::println));
    private final AtomicReference<@Nullable Proc> bufdaemonproc = new AtomicReference<>();
    private final AtomicInteger numDirtyBuffers = new AtomicInteger(); // also the channel: any object is one

    private void bufDaemon() {
        kernel.shutdownEvents().preSync().register(KprocShutdown.of(CurThread.curproc()), SHUTDOWN_PRI_LAST);
        CurThread.ready();
        for (; ; ) {
            CurThread.suspendCheck(); // here it parks while anybody asks it to
            flush();
            // BSD sleeps a second so that a suspend is noticed. A suspendable sleep is parked already.
            kernel.sleepQueues().tsleep(numDirtyBuffers, PVM | SUSPENDABLE, "psleep", Duration.ofSeconds(1));
        }
    }

    private void flush() {
        int flushed = numDirtyBuffers.getAndSet(0);
        if (flushed > 0) {
            kernel.console("flushed " + flushed + " buffers");
        }
    }

    private void run() throws InterruptedException {
        // What is dirty when bufdaemon is parked already, the shutdown syncs itself.
        kernel.syncTargets().register(SyncTarget.of("buffers", numDirtyBuffers::get, this::flush));
        KprocDesc bufKp = new KprocDesc("bufdaemon", this::bufDaemon, bufdaemonproc);
        Boot.of(kernel)
                .add(KprocStart.sysinit(SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, bufKp)
                        .awaitReady(Duration.ofSeconds(5)))
                .run();
        numDirtyBuffers.set(42);
        kernel.sleepQueues().wakeup(numDirtyBuffers);
        try (var hold = kernel.quiesce("snapshot", Kernel.ALL, Duration.ofSeconds(5))) {
            kernel.console("all is quiet for " + hold.owner() + "\n" + kernel.ps());
        }
        kernel.console(kernel.reboot(Howto.HALT).toString());
    }

    public static void main(String[] args) throws InterruptedException {
        new ManualDaemon().run();
    }
}
