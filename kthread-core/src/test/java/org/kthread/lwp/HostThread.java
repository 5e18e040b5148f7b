package org.kthread.lwp;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.kthread.sys.Action;

/** A host thread of a test's own, which does one thing after the other and is joined at the end. */
public final class HostThread implements AutoCloseable {
    private static final long LIMIT = 20;

    private final ExecutorService thread;
    private final AtomicReference<Thread> host = new AtomicReference<>();

    public HostThread(String name) {
        thread = Executors.newSingleThreadExecutor(body -> {
            host.set(new Thread(body, name));
            return host.get();
        });
    }

    /** Does something there, and waits for it; what it throws is thrown here. */
    public <T> T call(Callable<T> call) {
        try {
            return start(call).get(LIMIT, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw HostThread.<RuntimeException>rethrow(e.getCause());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    public void run(Action action) {
        call(() -> {
            action.run();
            return null;
        });
    }

    /** Begins something there. */
    public <T> Future<T> start(Callable<T> call) {
        return thread.submit(call);
    }

    @SuppressWarnings("unchecked") // throws what was thrown there, checked or not
    private static <E extends Throwable> RuntimeException rethrow(Throwable t) throws E {
        throw (E) t;
    }

    @Override
    public void close() {
        thread.shutdownNow();
        try {
            if (!thread.awaitTermination(LIMIT, TimeUnit.SECONDS)) {
                throw new AssertionError("a host thread of the test does not end");
            }
            if (host.get() != null) {
                host.get().join();
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Runs something on a thread that has ended when this returns. */
    public static void runAndEnd(String name, Action action) {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        action.run();
                    } catch (Throwable t) {
                        thrown.set(t);
                    }
                },
                name);
        thread.start();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (thrown.get() != null) {
            throw new AssertionError("on host thread " + name, thrown.get());
        }
    }
}
