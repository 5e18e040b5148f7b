package org.kthread.benchmarks.lines;

import com.google.common.util.concurrent.AbstractExecutionThreadService;
import com.google.common.util.concurrent.Service;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.AgentTerminationException;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.kthread.benchmarks.Bench;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.sys.KernelClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A daemon is created, exits at once, and is joined. */
@State(Scope.Thread)
public class Create {
    @Param("false")
    public boolean virtual;

    private KthreadSpec spec = KthreadSpec.named("bench");

    @Setup
    public void setUp() {
        spec = KthreadSpec.named("bench").main(() -> {
            throw CurThread.exit(0);
        });
        if (virtual) {
            spec = spec.virtual();
        }
    }

    @Benchmark
    public void ours() throws InterruptedException {
        Bench.kernel().kthreads().kthreadCreate(spec).join(KernelClock.FOREVER);
    }

    @Benchmark
    public void bareThread() throws InterruptedException {
        Thread thread = virtual ? Bench.bare(true, () -> {}) : new Thread(() -> {});
        thread.start();
        thread.join();
    }

    @Benchmark
    public void guavaService() {
        Service service = new AbstractExecutionThreadService() {
            @Override
            protected void run() {}

            @Override
            protected java.util.concurrent.Executor executor() {
                return body -> start(body);
            }
        };
        service.startAsync().awaitTerminated();
    }

    @Benchmark
    public void agronaRunner() throws InterruptedException {
        AgentRunner runner = new AgentRunner(BusySpinIdleStrategy.INSTANCE, t -> {}, null, new Agent() {
            @Override
            public int doWork() {
                throw new AgentTerminationException();
            }

            @Override
            public String roleName() {
                return "bench";
            }
        });
        Thread thread = virtual ? Bench.bare(true, runner) : new Thread(runner);
        thread.start();
        thread.join();
    }

    private void start(Runnable body) {
        (virtual ? Bench.bare(true, body) : new Thread(body)).start();
    }
}
