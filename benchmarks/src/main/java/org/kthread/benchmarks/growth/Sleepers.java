package org.kthread.benchmarks.growth;

import static org.kthread.sleep.SleepPriority.PWAIT;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;

/** Daemons that sleep, each on its own process as the channel; each wakeup is one piece of work. */
final class Sleepers {
    private static final int LOCKS = 256;

    final Kernel kernel;
    final Count asleep = new Count();
    final Count worked = new Count();
    private final ReentrantLock[] locks = new ReentrantLock[LOCKS];
    private final List<Proc> procs;

    private Sleepers(int n) {
        this.kernel = Kernel.start(KernelConfig.defaults()
                .withMaxproc(Math.max(n + 16, 32_768))
                .withConsole(line -> {})
                .withShutdownBudget(Duration.ofMinutes(15)));
        this.procs = new ArrayList<>(n);
        Arrays.setAll(locks, i -> new ReentrantLock());
    }

    /** A kernel without daemons. */
    static Sleepers none(int room) {
        return new Sleepers(room);
    }

    /** Creates n daemons, and returns when all of them sleep. */
    static Sleepers start(int n, boolean virtual) {
        Sleepers sleepers = new Sleepers(n);
        sleepers.create(n, virtual);
        return sleepers;
    }

    void create(int n, boolean virtual) {
        for (int i = 0; i < n; i++) {
            create(i, virtual, this::sleep);
        }
        awaitAsleep(n);
    }

    Proc create(int i, boolean virtual, Action main) {
        KthreadSpec spec = KthreadSpec.named("sleeper" + i).main(main);
        Proc proc = kernel.kthreads().kthreadCreate(virtual ? spec.virtual() : spec);
        procs.add(proc);
        return proc;
    }

    /** The daemon. */
    private void sleep() {
        SleepQueues queues = kernel.sleepQueues();
        Proc me = CurThread.curproc();
        ReentrantLock lock = lock(me);
        lock.lock();
        try {
            asleep.add();
            for (; ; ) {
                queues.msleep(me, lock, PWAIT | SUSPENDABLE, "psleep", KernelClock.FOREVER);
                worked.add();
            }
        } finally {
            lock.unlock();
        }
    }

    private ReentrantLock lock(Proc proc) {
        return locks[proc.pid() % LOCKS];
    }

    /** Each says so with its lock in hand, and gives it up when it is on its queue. */
    void awaitAsleep(int n) {
        asleep.await(n);
        for (ReentrantLock lock : locks) {
            asleep.await(n, lock);
        }
    }

    List<Proc> procs() {
        return procs;
    }

    void wakeAll() {
        procs.forEach(kernel.sleepQueues()::wakeup);
    }

    /** Wakes one in so many, the last one among them; tells how many that are. */
    int wakeEvery(int step) {
        int woken = 0;
        for (int i = procs.size() - 1; i >= 0; i -= step) {
            kernel.sleepQueues().wakeup(procs.get(i));
            woken++;
        }
        return woken;
    }
}
