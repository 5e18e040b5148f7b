package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.HostThreads;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;

/**
 * Runs what is not ours on a thread beside the coordinator's: what does not return in time is interrupted, left behind with its
 * thread, and the next one gets a new thread.
 */
final class PhaseRunner {
    /*
     * The coordinator gives a worker one task at a time; it alone calls begin, await, end, run and close. A task need not be
     * waited for to its end before the next one begins, on another worker: a worker is its task's from begin to end, since it
     * keeps what came of the task, and may not even have come to run it. One that is closed begins nothing any more.
     *
     * Locking key: (f) final; (c) the coordinator only; (m) this monitor; (w) the worker's monitor.
     */
    private static final String NAME = "shutdown-runner";

    private final KernelClock clock; // (f)
    private @Nullable Worker free; // (c) after start; null: all have a task

    /** How a host thread is started; a test puts a JVM here that refuses. */
    Consumer<Thread> starter = Thread::start;

    @GuardedBy("this")
    private final List<Worker> workers = new ArrayList<>(1); // (m) all there ever were

    /** What came of a run. Nothing thrown and nothing left behind: it is done. */
    record Ended(@Nullable Throwable failure, boolean abandoned, List<StackTraceElement> stack) {}

    /** One thread, and what it is to run. */
    static final class Worker {
        final KernelClock clock; // (f)
        final Thread host; // (f)

        @GuardedBy("this")
        private @Nullable Action task; // (w) null: nothing to run

        @GuardedBy("this")
        private @Nullable Throwable failure; // (w)

        @GuardedBy("this")
        private boolean closed; // (w)

        Worker(KernelClock clock) {
            this.clock = clock;
            this.host = HostThreads.kernelThread(NAME, this::work);
        }

        private void work() {
            for (Action next = next(); next != null; next = next()) {
                Throwable thrown = null;
                try {
                    next.run();
                } catch (Throwable t) {
                    thrown = t;
                }
                done(thrown);
            }
        }

        private synchronized @Nullable Action next() {
            while (task == null && !closed) {
                try {
                    clock.await(this, KernelClock.NEVER);
                } catch (InterruptedException e) {
                    // an interrupt that a handler left behind, or was sent when it was left behind
                }
            }
            return closed ? null : task;
        }

        private synchronized void done(@Nullable Throwable thrown) {
            Thread.interrupted(); // what a handler leaves behind does not meet the next one
            task = null;
            failure = thrown;
            notifyAll();
        }

        synchronized void begin(Action action) {
            task = action;
            failure = null;
            notifyAll();
        }

        /** Whether the task is done by the deadline. */
        synchronized boolean await(long deadline) {
            while (task != null && clock.nanoTime() < deadline) {
                try {
                    clock.await(this, deadline);
                } catch (InterruptedException e) {
                    // nobody has a reason to interrupt the coordinator: it goes on
                }
            }
            return task == null;
        }

        synchronized @Nullable Throwable failure() {
            return failure;
        }

        synchronized void close() {
            closed = true;
            notifyAll();
        }
    }

    PhaseRunner(KernelClock clock) {
        this.clock = clock;
    }

    /** Makes the first thread, so that there is one when it is needed. May throw what the JVM throws. */
    void start() {
        free = make();
    }

    private Worker make() {
        Worker worker = new Worker(clock);
        synchronized (this) {
            workers.add(worker); // first: none may run that nobody ends
        }
        starter.accept(worker.host);
        return worker;
    }

    /** Whether the calling thread is one of these: inside a handler, a sync, an undo. */
    boolean isInside() {
        return workers().stream().anyMatch(worker -> worker.host == Thread.currentThread());
    }

    /** Whether the calling thread is one of any shutdown's: by its name, since a mark of our own would take memory. */
    static boolean isRunner() {
        return NAME.equals(Thread.currentThread().getName());
    }

    /** Runs an action until it returns or the deadline comes. */
    Ended run(Action action, long deadline) {
        Worker worker = begin(action);
        if (worker == null) {
            return runHere(action); // no thread to be had: better without a limit than not at all
        }
        worker.await(deadline);
        return end(worker);
    }

    /** Begins an action, on a thread that is free; null if there is none to be had. */
    @Nullable
    Worker begin(Action action) {
        Worker worker = free;
        free = null;
        if (worker == null) {
            try {
                worker = make();
            } catch (OutOfMemoryError e) {
                return null;
            }
        }
        worker.begin(action);
        return worker;
    }

    /** What came of an action. If it is not done, its time is over: it is interrupted and left behind. */
    Ended end(Worker worker) {
        if (worker.await(0)) {
            Ended ended = new Ended(worker.failure(), false, List.of());
            if (free == null) {
                free = worker;
            } else {
                worker.close();
            }
            return ended;
        }
        List<StackTraceElement> stack = List.of(worker.host.getStackTrace());
        worker.close();
        HostThreads.interrupt(worker.host);
        return new Ended(null, true, stack);
    }

    static Ended runHere(Action action) {
        try {
            action.run();
            return new Ended(null, false, List.of());
        } catch (Throwable t) {
            return new Ended(t, false, List.of());
        }
    }

    /** Ends the threads that wait; tells the names of those that were left behind and live. */
    List<String> close() {
        List<Worker> all = workers();
        all.forEach(Worker::close);
        List<String> alive = new ArrayList<>();
        for (Worker worker : all) {
            if (worker.await(0)) { // one that is busy was left behind, or never given up: something failed meanwhile
                HostThreads.join(worker.host);
            }
            if (worker.host.isAlive()) {
                alive.add(worker.host.getName());
            }
        }
        return alive;
    }

    private synchronized List<Worker> workers() {
        return List.copyOf(workers);
    }
}
