package org.kthread.proc;

import java.util.concurrent.Callable;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;

/** For tests of who takes which lock. */
public final class Monitors {
    private Monitors() {}

    /** Processes without a kernel around them, and without a thread. */
    public static ProcTable newTable() {
        KernelClock clock = KernelClock.system();
        return new ProcTable(clock, new SleepQueues(clock), new KernelEvents(), line -> {}, 100, 1000);
    }

    /** Does something with the lock of the processes held, and the descriptors of process 1. */
    public static <T> T holding(ProcTable table, Callable<T> call) throws Exception {
        synchronized (table.lock) {
            synchronized (table.initproc().container.fd()) {
                return call.call();
            }
        }
    }

    /** How many lwps a process has, of any kind. */
    public static int nlwps(Proc proc) {
        synchronized (proc.table.lock) {
            return proc.container.nlwps();
        }
    }
}
