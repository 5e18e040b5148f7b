package org.kthread.benchmarks.process;

import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_LAST;
import static org.kthread.sleep.SleepPriority.PVM;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_BUF;

import java.time.Duration;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.KprocStart;

/** The job with this library: a boot with one step, a daemon that is parked by the shutdown, a sync. */
public final class KthreadProgram {
    private KthreadProgram() {}

    public static void main(String... args) throws Exception {
        Kernel kernel =
                Kernel.start(KernelConfig.defaults().withConsole(line -> {}).withJvmHook(Howto.HALT));
        boolean[] dirty = {true};
        kernel.syncTargets().register(SyncTarget.of("buffers", () -> dirty[0] ? 1 : 0, () -> {
            dirty[0] = false;
            Job.down();
        }));
        Boot.of(kernel)
                .add(KprocStart.sysinit(
                        SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, new KprocDesc("flusher", () -> run(kernel))))
                .run();
        Job.idle();
    }

    private static void run(Kernel kernel) {
        Job.up();
        kernel.shutdownEvents().preSync().register(KprocShutdown.of(CurThread.curproc()), SHUTDOWN_PRI_LAST);
        Object channel = new Object();
        for (; ; ) {
            CurThread.suspendCheck();
            Job.flush();
            kernel.sleepQueues().tsleep(channel, PVM | SUSPENDABLE, "psleep", Duration.ofMillis(Job.PERIOD_MILLIS));
        }
    }
}
