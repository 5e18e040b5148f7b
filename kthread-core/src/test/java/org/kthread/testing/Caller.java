package org.kthread.testing;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Action;

/**
 * A thread of the test's own that makes one blocking call. {@link #result} joins it, and gives what the call gave or threw.
 *
 * @param <T> what the call gives
 */
public final class Caller<T> {
    /** How long a test waits for what must happen. */
    public static final Duration LIMIT = Duration.ofSeconds(20);

    private final Thread thread;
    private volatile @Nullable T given;
    private volatile @Nullable Throwable thrown;
    private volatile boolean flag;

    private Caller(String name, Callable<T> call) {
        thread = new Thread(
                () -> {
                    try {
                        given = call.call();
                    } catch (Throwable t) {
                        thrown = t;
                    }
                    flag = Thread.currentThread().isInterrupted();
                },
                name);
        thread.setDaemon(true);
    }

    /** Makes a call on a new thread. */
    public static <T> Caller<T> start(String name, Callable<T> call) {
        Caller<T> caller = new Caller<>(name, call);
        caller.thread.start();
        return caller;
    }

    /** Runs something on a new thread. */
    public static Caller<Boolean> run(String name, Action action) {
        return start(name, () -> {
            action.run();
            return true;
        });
    }

    /** Makes a call on a new thread that is interrupted before it begins. */
    public static <T> Caller<T> startInterrupted(String name, Callable<T> call) {
        return start(name, () -> {
            Thread.currentThread().interrupt();
            return call.call();
        });
    }

    public Thread thread() {
        return thread;
    }

    public boolean isAlive() {
        return thread.isAlive();
    }

    /** Waits a little for the end. */
    public void awaitEnd(long millis) {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    public void interrupt() {
        thread.interrupt();
    }

    /** Returns when the call waits. */
    public Caller<T> awaitWaiting() {
        eventually(() -> thread.getState() == Thread.State.WAITING || thread.getState() == Thread.State.TIMED_WAITING);
        return this;
    }

    /** Joins the thread; gives what the call gave, or throws what it threw. */
    public T result() throws Exception {
        join();
        Throwable t = thrown;
        if (t instanceof Exception e) {
            throw e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        return given;
    }

    /** Joins the thread; gives what the call threw. */
    public Throwable failure() throws InterruptedException {
        join();
        Throwable t = thrown;
        if (t == null) {
            throw new AssertionError(thread.getName() + " did not fail but gave " + given);
        }
        return t;
    }

    /** Joins the thread; whether its interrupt flag was set after the call. */
    public boolean wasInterrupted() throws InterruptedException {
        join();
        return flag;
    }

    private void join() throws InterruptedException {
        thread.join(LIMIT.toMillis());
        if (thread.isAlive()) {
            AssertionError hung = new AssertionError(thread.getName() + " does not end");
            hung.setStackTrace(thread.getStackTrace());
            throw hung;
        }
    }

    /** Waits for something that must become true. */
    public static void eventually(Callable<Boolean> condition) {
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(LIMIT)
                .until(condition);
    }
}
