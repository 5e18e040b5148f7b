package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.HostThreads;
import org.kthread.sys.KernelClock;

/**
 * Writes the lines of the shutdown on the console, on a thread of its own: a console that blocks or fails costs its lines,
 * never the shutdown.
 */
final class Printer implements Consumer<String> {
    /*
     * Who has a line waits until it is written, so that it stands before whatever the program prints next. But all who wait
     * in one phase have one patience between them, since a slow console would take the time of the phases to come; and nobody
     * waits longer than that for a console that does not move. In the end, when nobody is kept from anything, it has all
     * the time that is left as long as it moves.
     *
     * Locking key: (m) this monitor; (f) final.
     */
    /** How long the lines of a phase may hold up who writes them, and how long a line may take before the console is stuck. */
    private static final long PATIENCE = 100_000_000L;

    private final KernelClock clock; // (f)
    private final Consumer<String> console; // (f)
    private final Thread thread; // (f)

    @GuardedBy("this")
    private final Queue<String> lines = new ArrayDeque<>(); // (m) the first is being written

    @GuardedBy("this")
    private long taken; // (m) lines put in

    @GuardedBy("this")
    private long written; // (m) lines the console is done with

    @GuardedBy("this")
    private long moved; // (m) when the line that is being written came to be the first

    @GuardedBy("this")
    private long patience = PATIENCE; // (m) what is left of it in this phase

    @GuardedBy("this")
    private boolean closed; // (m)

    Printer(KernelClock clock, Consumer<String> console) {
        this.clock = clock;
        this.console = console;
        this.thread = HostThreads.kernelThread("shutdown-console", this::run);
    }

    /** Starts the thread. May throw what the JVM throws. */
    void start() {
        thread.start();
    }

    /** Whether the calling thread is inside the console. */
    boolean isInside() {
        return Thread.currentThread() == thread;
    }

    /** Writes a line; when the thread has ended, on the calling one. */
    @Override
    public void accept(String line) {
        synchronized (this) {
            if (!closed) {
                lines.add(line);
                taken++;
                notifyAll();
                if (lines.size() == 1) {
                    moved = clock.nanoTime();
                }
                if (!isInside()) {
                    long began = clock.nanoTime();
                    awaitWritten(began + patience);
                    patience = Math.max(0, patience - (clock.nanoTime() - began));
                }
                return;
            }
        }
        write(line);
    }

    private void write(String line) {
        try {
            console.accept(line);
        } catch (Throwable t) {
            tellFailed(line, t);
        }
    }

    private static void tellFailed(String line, Throwable failure) {
        try {
            System.getLogger("org.kthread.shutdown")
                    .log(System.Logger.Level.ERROR, "the console failed with this line: " + line, failure);
        } catch (Throwable t) {
            // the logger is the console, or as broken as the console
        }
    }

    /** Waits until all up to now is written, while the console moves and there is time. */
    @GuardedBy("this")
    private void awaitWritten(long deadline) {
        long upTo = taken;
        while (written < upTo && clock.nanoTime() < Math.min(deadline, moved + PATIENCE)) {
            try {
                clock.await(this, Math.min(deadline, moved + PATIENCE));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the time of who prints is over
                return;
            }
        }
    }

    /** From now on there is patience again. */
    synchronized void beginPhase() {
        patience = PATIENCE;
    }

    /**
     * Ends the thread when all is written; tells its name if it does not end: the console is stuck, or there was no time.
     * What was begun may take its time even then.
     */
    List<String> close(long deadline) {
        synchronized (this) {
            closed = true;
            notifyAll();
            awaitWritten(Math.max(deadline, clock.nanoTime() + PATIENCE));
            if (written < taken) {
                HostThreads.interrupt(thread);
                return List.of(thread.getName());
            }
        }
        HostThreads.join(thread);
        return List.of();
    }

    private void run() {
        for (String line = next(); line != null; line = next()) {
            write(line);
            synchronized (this) {
                lines.remove();
                written++;
                notifyAll();
                moved = clock.nanoTime();
            }
        }
    }

    private synchronized @Nullable String next() {
        while (lines.isEmpty() && !closed) {
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                // nobody has a reason to interrupt it here
            }
        }
        return lines.peek();
    }
}
