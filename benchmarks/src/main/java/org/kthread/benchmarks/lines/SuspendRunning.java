package org.kthread.benchmarks.lines;

import com.google.common.util.concurrent.AbstractExecutionThreadService;
import com.google.common.util.concurrent.Service;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.BusySpinIdleStrategy;
import org.kthread.benchmarks.Bench;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;

/**
 * A daemon that runs all the time is let go, seen to run, and suspended again. Between operations all daemons are still, so
 * that none disturbs the others. No peer can suspend: they stop, and start again.
 */
@State(Scope.Thread)
@SuppressWarnings("NonAtomicVolatileUpdate") // each turns counter has one writer
public class SuspendRunning {
    /** By hand: one monitor, one volatile. */
    static final class ByHand {
        private volatile boolean asked = true;
        private boolean parked;
        volatile long turns;

        void daemon() throws InterruptedException {
            while (true) {
                if (asked) {
                    park();
                }
                turns++;
                Thread.onSpinWait();
            }
        }

        private synchronized void park() throws InterruptedException {
            while (asked) {
                parked = true;
                notifyAll();
                wait();
            }
            parked = false;
        }

        synchronized void suspend() throws InterruptedException {
            asked = true;
            while (!parked) {
                wait();
            }
        }

        synchronized void resume() {
            asked = false;
            notifyAll();
        }
    }

    /** A bean whose thread spins while it runs. */
    static final class SpinningBean implements SmartLifecycle {
        volatile long turns;
        private volatile boolean running;
        private volatile Thread thread = new Thread();

        @Override
        public void start() {
            running = true;
            thread = new Thread(() -> {
                while (running) {
                    turns++;
                    Thread.onSpinWait();
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        @Override
        public void stop() {
            running = false;
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public boolean isRunning() {
            return running;
        }
    }

    private volatile long turns;
    private Proc daemon = Bench.kernel().initproc();
    private final ByHand byHand = new ByHand();
    private final SpinningBean bean = new SpinningBean();
    private final GenericApplicationContext spring = new GenericApplicationContext();

    @Setup
    public void setUp() throws InterruptedException {
        daemon = Bench.daemon("running", false, () -> {
            while (true) {
                CurThread.suspendCheck();
                turns++;
                Thread.onSpinWait();
            }
        });
        daemon.suspend(Bench.LONG);
        Bench.bare(false, () -> {
                    try {
                        byHand.daemon();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                })
                .start();
        byHand.suspend();
        spring.registerBean("daemon", SpinningBean.class, () -> bean);
        spring.refresh();
        spring.pause();
    }

    @Benchmark
    public void ours() throws InterruptedException {
        long before = turns;
        daemon.resume();
        while (turns == before) {
            Thread.onSpinWait();
        }
        daemon.suspend(Bench.LONG);
    }

    @Benchmark
    public void byHand() throws InterruptedException {
        long before = byHand.turns;
        byHand.resume();
        while (byHand.turns == before) {
            Thread.onSpinWait();
        }
        byHand.suspend();
    }

    @Benchmark
    public void guavaStartStop() {
        AtomicLong mine = new AtomicLong();
        Service service = new AbstractExecutionThreadService() {
            @Override
            protected void run() {
                while (isRunning()) {
                    mine.setRelease(mine.getPlain() + 1);
                    Thread.onSpinWait();
                }
            }
        };
        service.startAsync().awaitRunning();
        while (mine.get() == 0) {
            Thread.onSpinWait();
        }
        service.stopAsync().awaitTerminated();
    }

    @Benchmark
    public void agronaStartClose() {
        AtomicLong mine = new AtomicLong();
        AgentRunner runner = new AgentRunner(BusySpinIdleStrategy.INSTANCE, t -> {}, null, new Agent() {
            @Override
            public int doWork() {
                mine.setRelease(mine.getPlain() + 1);
                return 0;
            }

            @Override
            public String roleName() {
                return "running";
            }
        });
        AgentRunner.startOnThread(runner);
        while (mine.get() == 0) {
            Thread.onSpinWait();
        }
        runner.close();
    }

    @Benchmark
    public void springRestartPause() {
        long before = bean.turns;
        spring.restart();
        while (bean.turns == before) {
            Thread.onSpinWait();
        }
        spring.pause();
    }
}
