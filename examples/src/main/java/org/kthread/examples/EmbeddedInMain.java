package org.kthread.examples;

import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_FIRST;
import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_LAST;
import static org.kthread.sleep.SleepPriority.PWAIT;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;
import static org.kthread.sysinit.Order.SI_ORDER_ANY;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_IDLE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sys.KernelClock;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.KprocStart;

/** Two daemons in an ordinary main: the store starts first and stops last; Ctrl-C stops both and loses nothing. */
public final class EmbeddedInMain {
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Deque<Integer> queue = new ArrayDeque<>();

    private final Kernel kernel = Kernel.start(KernelConfig.defaults()
            .withConsole(System.out::println)
            .withShutdownBudget(Duration.ofSeconds(10))
            .withJvmHook(Howto.HALT)); // SIGINT and SIGTERM shut this kernel down

    /** Stores what is made. It is parked between two items, never with one in hand: asleep, or at the check. */
    private void store() {
        kernel.shutdownEvents().preSync().register(KprocShutdown.of(CurThread.curproc()), SHUTDOWN_PRI_LAST);
        CurThread.ready();
        for (; ; ) {
            CurThread.suspendCheck();
            lock.lock();
            try {
                while (queue.isEmpty()) {
                    kernel.sleepQueues().msleep(queue, lock, PWAIT | SUSPENDABLE, "storeq", KernelClock.FOREVER);
                }
                kernel.console("stored " + queue.remove());
            } finally {
                lock.unlock();
            }
        }
    }

    /** Makes something every now and then. */
    private void source() {
        kernel.shutdownEvents().preSync().register(KprocShutdown.of(CurThread.curproc()), SHUTDOWN_PRI_FIRST);
        CurThread.ready();
        for (int item = 1; ; item++) {
            lock.lock();
            try {
                queue.add(item);
                kernel.sleepQueues().wakeup(queue);
            } finally {
                lock.unlock();
            }
            kernel.sleepQueues().pause(PWAIT | SUSPENDABLE, "source", Duration.ofMillis(250));
        }
    }

    private long remaining() {
        lock.lock();
        try {
            return queue.size();
        } finally {
            lock.unlock();
        }
    }

    /** What is left when both are parked. */
    private void sync() {
        lock.lock();
        try {
            queue.forEach(item -> kernel.console("stored " + item + " at the end"));
            queue.clear();
        } finally {
            lock.unlock();
        }
    }

    private void run() throws InterruptedException {
        kernel.syncTargets().register(SyncTarget.of("queue", this::remaining, this::sync));
        Duration limit = Duration.ofSeconds(5);
        System.out.println(Boot.of(kernel)
                .add(
                        KprocStart.sysinit(SI_SUB_KTHREAD_IDLE, SI_ORDER_FIRST, new KprocDesc("store", this::store))
                                .awaitReady(limit),
                        KprocStart.sysinit(SI_SUB_KTHREAD_IDLE, SI_ORDER_ANY, new KprocDesc("source", this::source))
                                .awaitReady(limit))
                .run());
        kernel.awaitShutdown();
    }

    public static void main(String[] args) throws InterruptedException {
        new EmbeddedInMain().run();
    }
}
