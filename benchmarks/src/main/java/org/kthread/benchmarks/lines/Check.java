package org.kthread.benchmarks.lines;

import com.google.common.util.concurrent.AbstractExecutionThreadService;
import com.google.common.util.concurrent.Service;
import java.util.concurrent.Executor;
import org.kthread.benchmarks.Bench;
import org.kthread.benchmarks.KernelThread;
import org.kthread.proc.CurThread;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What a daemon pays each turn of its loop to be one that can be suspended and stopped. */
@State(Scope.Thread)
@KernelThread
public class Check {
    private static final int TURNS = 1000;

    /** What a hand-made check looks up: an object with one volatile int. */
    static final class Reasons {
        volatile int pending;
    }

    private static final ThreadLocal<Object[]> SLOT = new ThreadLocal<>();

    private final Reasons reasons = new Reasons();
    private final Service guava = new AbstractExecutionThreadService() {
        @Override
        protected void run() throws InterruptedException {
            Thread.sleep(Long.MAX_VALUE);
        }

        @Override
        protected Executor executor() {
            return body -> Bench.bare(false, body).start(); // a daemon of the JVM
        }
    };

    @Setup
    public void setUp() {
        SLOT.set(new Object[] {reasons});
        guava.startAsync().awaitRunning();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void ours() {
        for (int i = 0; i < TURNS; i++) {
            CurThread.suspendCheck();
        }
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int volatileRead() {
        int stops = 0;
        for (int i = 0; i < TURNS; i++) {
            if (reasons.pending != 0) {
                stops++;
            }
        }
        return stops;
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int lookupAndRead() {
        int stops = 0;
        for (int i = 0; i < TURNS; i++) {
            if (SLOT.get()[0] instanceof Reasons mine && mine.pending != 0) {
                stops++;
            }
        }
        return stops;
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int guavaIsRunning() {
        int runs = 0;
        for (int i = 0; i < TURNS; i++) {
            if (guava.isRunning()) {
                runs++;
            }
        }
        return runs;
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public int isInterrupted() {
        int stops = 0;
        for (int i = 0; i < TURNS; i++) {
            if (Thread.currentThread().isInterrupted()) {
                stops++;
            }
        }
        return stops;
    }
}
