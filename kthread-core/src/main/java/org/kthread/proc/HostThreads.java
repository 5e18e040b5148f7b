package org.kthread.proc;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.KernelClock;

/**
 * The one place where host threads are made: the Java threads that kernel threads run on. Wiring; nothing of a program's.
 *
 * <p>They are daemon threads of the JVM, so a stuck one never keeps it alive. They inherit nothing from who makes them:
 * no inheritable thread-locals, no context class loader, no thread group that would be kept. Virtual threads are reached
 * by method handles, for this is JDK 17 code.
 */
public final class HostThreads {
    private static final int PAGE = 4096;

    /** How long a thread may take for its last instructions. */
    private static final long PATIENCE = 10_000_000_000L;

    private static final @Nullable MethodHandle VIRTUAL = findVirtual();

    private HostThreads() {}

    /**
     * A platform thread for the kernel's own use.
     *
     * @param name of the thread
     * @param body what it runs
     * @return the thread, not started
     */
    public static Thread kernelThread(String name, Runnable body) {
        return platform(name, body, 0);
    }

    /**
     * Whether this JVM has virtual threads.
     *
     * @return true from JDK 21 on
     */
    public static boolean hasVirtual() {
        return VIRTUAL != null;
    }

    /**
     * Interrupts a thread, without waiting for it. If the thread is in an operation of a channel, who interrupts it closes that
     * channel: this runs what is not ours, and with a disk or a file server that does not answer it lasts.
     *
     * @param thread any thread
     */
    public static void interrupt(Thread thread) {
        aside(thread::interrupt);
    }

    /**
     * The same, and tells when it has come.
     *
     * @param thread any thread
     * @param then what to run then, on the thread that interrupted
     */
    public static void interrupt(Thread thread, Runnable then) {
        aside(() -> {
            try {
                thread.interrupt();
            } finally {
                then.run();
            }
        });
    }

    /** Runs what interrupts, on a thread of its own. */
    static void aside(Runnable interrupt) {
        aside(interrupt, Thread::start);
    }

    /** A test puts a JVM here that refuses to start a thread. */
    static void aside(Runnable interrupt, Consumer<Thread> starter) {
        Runnable told = () -> {
            try {
                interrupt.run();
            } catch (RuntimeException e) {
                Log.error(e, "closing the channel that a thread was interrupted in failed");
            }
        };
        try {
            starter.accept(kernelThread("interrupter", told));
        } catch (OutOfMemoryError e) {
            told.run(); // no thread to be had: better here than not at all
        }
    }

    /**
     * Joins a thread of the kernel's own that is about to end by itself. An interrupt does not end the wait; the flag is set
     * again.
     *
     * @param thread which
     */
    public static void join(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Joins the host thread of a kernel thread that has ended. Should the machine not come to run its last instructions
     * (virtual threads that never let go of a carrier can keep others from one), the wait ends: nothing in a shutdown may last
     * for ever.
     */
    static boolean join(Thread thread, Duration patience) {
        KernelClock clock = KernelClock.system();
        long deadline = clock.deadline(patience);
        boolean interrupted = false;
        while (thread.isAlive() && clock.nanoTime() < deadline) {
            try {
                thread.join(patience.toMillis());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /** How long the join of host threads may take, of threads that were waited for up to this deadline. */
    static Duration patience(KernelClock clock, long deadline) {
        long left = Math.max(Stopping.LEAST_GRACE, deadline - clock.nanoTime());
        return Duration.ofNanos(Math.min(PATIENCE, left));
    }

    /** Whether a virtual thread that waits on a monitor keeps a carrier thread: JDK 21 to 23. */
    static boolean monitorsPin() {
        return monitorsPin(Runtime.version().feature());
    }

    static boolean monitorsPin(int feature) {
        return feature >= 21 && feature < 24;
    }

    static void requireSupport(boolean virtual, String name) {
        if (virtual && !hasVirtual()) {
            throw new UnsupportedOperationException("kernel thread \"" + name
                    + "\" is to be virtual: this needs JDK 21 or" + " later (24 to use many); this is "
                    + Runtime.version().feature());
        }
    }

    static Thread make(KthreadSpec spec, Runnable body) {
        return spec.virtual ? virtual(spec.name, body) : platform(spec.name, body, (long) spec.pages * PAGE);
    }

    @SuppressWarnings("ThreadPriorityCheck") // only so as not to inherit the maker's priority
    private static Thread platform(String name, Runnable body, long stackSize) {
        Thread thread = new Thread(rootGroup(), body, name, stackSize, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
        return thread;
    }

    private static Thread virtual(String name, Runnable body) {
        MethodHandle virtual = VIRTUAL;
        if (virtual == null) {
            throw new AssertionError("requireSupport comes first");
        }
        try {
            Thread thread = (Thread) virtual.invoke(name, body);
            thread.setContextClassLoader(ClassLoader.getSystemClassLoader());
            return thread;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("Thread.ofVirtual throws nothing checked", t);
        }
    }

    private static ThreadGroup rootGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /** {@code (name, body) -> Thread.ofVirtual().name(name).inheritInheritableThreadLocals(false).unstarted(body)}. */
    private static @Nullable MethodHandle findVirtual() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Class<?> ofVirtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle make = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(ofVirtual));
            MethodHandle inherit = lookup.findVirtual(
                    ofVirtual, "inheritInheritableThreadLocals", MethodType.methodType(ofVirtual, boolean.class));
            MethodHandle named = lookup.findVirtual(ofVirtual, "name", MethodType.methodType(ofVirtual, String.class));
            MethodHandle unstarted =
                    lookup.findVirtual(builder, "unstarted", MethodType.methodType(Thread.class, Runnable.class));
            MethodHandle bare = MethodHandles.filterReturnValue(make, MethodHandles.insertArguments(inherit, 1, false));
            MethodHandle withName = MethodHandles.collectArguments(named, 0, bare);
            return MethodHandles.collectArguments(
                    unstarted.asType(MethodType.methodType(Thread.class, ofVirtual, Runnable.class)), 0, withName);
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }
}
