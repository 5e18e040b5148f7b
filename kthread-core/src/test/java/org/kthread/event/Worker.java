package org.kthread.event;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A thread of a test: joined by {@link #join}, which rethrows what it threw. */
public final class Worker {
    /** What it does. */
    @FunctionalInterface
    public interface Task {
        void run() throws Exception;
    }

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Thread thread;
    private volatile @Nullable Throwable failure;

    private Worker(String name, Task task) {
        thread = new Thread(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable t) {
                        failure = t;
                    }
                },
                name);
        thread.setDaemon(true);
    }

    public static Worker start(String name, Task task) {
        Worker worker = new Worker(name, task);
        worker.thread.start();
        return worker;
    }

    public void interrupt() {
        thread.interrupt();
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    public Thread thread() {
        return thread;
    }

    /** Returns when it waits on a monitor without limit. */
    public Worker awaitWaiting() {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(LIMIT)
                .until(() -> thread.getState() == Thread.State.WAITING);
        return this;
    }

    public void join() throws InterruptedException {
        thread.join(LIMIT.toMillis());
        if (thread.isAlive()) {
            AssertionError hung = new AssertionError(thread.getName() + " does not end");
            hung.setStackTrace(thread.getStackTrace());
            throw hung;
        }
        Throwable t = failure;
        if (t != null) {
            throw new AssertionError(thread.getName() + " failed", t);
        }
    }
}
