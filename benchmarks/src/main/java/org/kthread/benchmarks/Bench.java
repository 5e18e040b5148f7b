package org.kthread.benchmarks;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;

/** What the benchmarks share: one kernel for each JVM that measures, and ways to make threads. */
public final class Bench {
    /** Long enough for whatever is waited for; nothing here is meant to time out. */
    public static final Duration LONG = Duration.ofSeconds(60);

    private static final int MAXPROC = 1 << 21;
    private static final @Nullable MethodHandle OF_VIRTUAL = ofVirtual();

    /** Holds the kernel of this JVM: a class of its own, so that it is made when first used. */
    private static final class Shared {
        static final Kernel KERNEL = quietKernel();
    }

    private Bench() {}

    /**
     * The kernel of this JVM. Nobody closes it: the JVM ends with the measurement.
     *
     * @return always the same
     */
    public static Kernel kernel() {
        return Shared.KERNEL;
    }

    /**
     * A kernel of one's own, whose console says nothing.
     *
     * @return a new kernel
     */
    public static Kernel quietKernel() {
        return Kernel.start(KernelConfig.defaults().withMaxproc(MAXPROC).withConsole(line -> {}));
    }

    /**
     * Starts a daemon of the shared kernel.
     *
     * @param name its name
     * @param virtual on a virtual host thread
     * @param main what it runs
     * @return its process
     */
    public static Proc daemon(String name, boolean virtual, Action main) {
        KthreadSpec spec = KthreadSpec.named(name).main(main).pages(virtual ? 0 : 64);
        return kernel().kthreads().kthreadCreate(virtual ? spec.virtual() : spec);
    }

    /**
     * A bare thread, not started, set up like a host thread of the library, which gives it a name and no inherited thread-locals.
     *
     * @param virtual a virtual one
     * @param body what it runs
     * @return the thread
     */
    public static Thread bare(boolean virtual, Runnable body) {
        if (virtual) {
            return virtualThread(body);
        }
        Thread thread = new Thread(null, body, "bare", 64L * 4096, false);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Whether this JVM has virtual threads that may wait on monitors in great number: JDK 24 and later.
     *
     * @return true if so
     */
    public static boolean hasVirtual() {
        return Runtime.version().feature() >= 24;
    }

    private static Thread virtualThread(Runnable body) {
        MethodHandle make = OF_VIRTUAL;
        if (make == null) {
            throw new UnsupportedOperationException("no virtual threads in " + Runtime.version());
        }
        try {
            return (Thread) make.invoke(body);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable t) {
            throw new AssertionError("Thread.ofVirtual throws nothing checked", t);
        }
    }

    /** {@code body -> Thread.ofVirtual().name("bare").inheritInheritableThreadLocals(false).unstarted(body)}: this is JDK 17 code. */
    private static @Nullable MethodHandle ofVirtual() {
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            Class<?> builder = Class.forName("java.lang.Thread$Builder");
            Class<?> virtual = Class.forName("java.lang.Thread$Builder$OfVirtual");
            MethodHandle make = lookup.findStatic(Thread.class, "ofVirtual", MethodType.methodType(virtual));
            MethodHandle name = MethodHandles.insertArguments(
                    lookup.findVirtual(virtual, "name", MethodType.methodType(virtual, String.class)), 1, "bare");
            MethodHandle inherit = MethodHandles.insertArguments(
                    lookup.findVirtual(
                            virtual, "inheritInheritableThreadLocals", MethodType.methodType(virtual, boolean.class)),
                    1,
                    false);
            MethodHandle unstarted =
                    lookup.findVirtual(builder, "unstarted", MethodType.methodType(Thread.class, Runnable.class));
            MethodHandle made = MethodHandles.filterReturnValue(MethodHandles.filterReturnValue(make, name), inherit);
            return MethodHandles.collectArguments(
                    unstarted.asType(MethodType.methodType(Thread.class, virtual, Runnable.class)), 0, made);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }
}
