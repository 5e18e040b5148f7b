package org.kthread.benchmarks;

import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Runs what JMH has to run on kernel threads; JMH makes it, by name, for a class that is a {@link KernelThread}. */
public final class KernelThreadExecutor extends AbstractExecutorService {
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private volatile boolean shutdown;

    /**
     * The constructor that JMH looks for.
     *
     * @param threads how many
     * @param name how to call them
     */
    public KernelThreadExecutor(int threads, String name) {
        for (int i = 0; i < threads; i++) {
            Bench.daemon(name, false, () -> {
                while (true) {
                    tasks.take().run();
                }
            });
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void shutdown() {
        shutdown = true; // the threads end with the JVM
    }

    @Override
    public List<Runnable> shutdownNow() {
        shutdown();
        return List.of();
    }

    @Override
    public boolean isShutdown() {
        return shutdown;
    }

    @Override
    public boolean isTerminated() {
        return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }
}
