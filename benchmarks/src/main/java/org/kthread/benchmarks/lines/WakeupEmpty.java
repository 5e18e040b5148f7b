package org.kthread.benchmarks.lines;

import com.google.common.util.concurrent.Monitor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.benchmarks.Bench;
import org.kthread.sleep.SleepQueues;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Somebody says that the world has changed, and nobody waits for it. */
@State(Scope.Thread)
public class WakeupEmpty {
    private static final int TIMES = 1000;

    private final SleepQueues queues = Bench.kernel().sleepQueues();
    private final Object[] chans = new Object[16];
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();
    private final Monitor monitor = new Monitor();
    private volatile boolean occupied;

    public WakeupEmpty() {
        for (int i = 0; i < chans.length; i++) {
            chans[i] = new Object();
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void ours() {
        for (int i = 0; i < TIMES; i++) {
            queues.wakeup(chans[i & 15]);
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public int hashAndRead() {
        int hash = 0;
        for (int i = 0; i < TIMES; i++) {
            hash += System.identityHashCode(chans[i & 15]);
            if (occupied) {
                hash++;
            }
        }
        return hash;
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void notifyAllOfNobody() {
        for (int i = 0; i < TIMES; i++) {
            Object chan = chans[i & 15];
            synchronized (chan) {
                chan.notifyAll();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void signalAllOfNobody() {
        for (int i = 0; i < TIMES; i++) {
            lock.lock();
            try {
                condition.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(TIMES)
    public void guavaMonitorOfNobody() {
        for (int i = 0; i < TIMES; i++) {
            monitor.enter();
            monitor.leave();
        }
    }
}
