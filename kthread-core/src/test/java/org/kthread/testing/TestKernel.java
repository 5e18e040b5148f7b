package org.kthread.testing;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.KernelEvents;
import org.kthread.proc.Kthreads;
import org.kthread.proc.Proc;
import org.kthread.proc.Ps;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;

/**
 * A kernel for a test. Its console keeps the lines. Closing it stops and joins everything, also by a clock that stands still:
 * it is moved until the shutdown is over.
 */
public final class TestKernel implements AutoCloseable {
    private final List<String> console = new CopyOnWriteArrayList<>();
    private final Kernel kernel;

    private TestKernel(KernelConfig config) {
        kernel = Kernel.start(config.withConsole(console::add).withShutdownBudget(Caller.LIMIT));
    }

    /** A kernel on the machine's clock. */
    public static TestKernel start() {
        return new TestKernel(KernelConfig.defaults());
    }

    /** A kernel on this clock. */
    public static TestKernel start(KernelClock clock) {
        return new TestKernel(KernelConfig.defaults().withClock(clock));
    }

    /** A small one. */
    public static TestKernel start(int maxproc, KernelClock clock) {
        return new TestKernel(KernelConfig.defaults().withClock(clock).withMaxproc(maxproc));
    }

    /** The kernel itself. */
    public Kernel kernel() {
        return kernel;
    }

    public Kthreads kthreads() {
        return kernel.kthreads();
    }

    public SleepQueues sleepQueues() {
        return kernel.sleepQueues();
    }

    public KernelEvents events() {
        return kernel.events();
    }

    public KernelClock clock() {
        return kernel.clock();
    }

    public Proc proc0() {
        return kernel.proc0();
    }

    public Proc initproc() {
        return kernel.initproc();
    }

    public @Nullable Proc pfind(int pid) {
        return kernel.pfind(pid).orElse(null);
    }

    public Ps ps() {
        return kernel.ps();
    }

    /** The lines of the console so far. */
    public List<String> console() {
        return List.copyOf(console);
    }

    /** Holds all, also what is created later. */
    public Suspension quiesceAll(String owner, Duration timo) throws InterruptedException {
        return kernel.quiesce(owner, Kernel.ALL, timo);
    }

    /** Holds what is chosen. */
    public Suspension quiesce(String owner, Predicate<? super Proc> which, Duration timo) throws InterruptedException {
        return kernel.quiesce(owner, which, timo);
    }

    /** Shuts down, and gives the report; a clock that stands still is moved. */
    public ShutdownReport shutdown() throws Exception {
        Caller<ShutdownReport> closer = Caller.start("closer", () -> kernel.reboot(Howto.HALT));
        while (kernel.clock() instanceof ManualClock manual && closer.isAlive()) {
            closer.awaitEnd(1);
            manual.advance(Duration.ofMillis(50));
        }
        return closer.result();
    }

    @Override
    public void close() {
        try {
            shutdown();
        } catch (Exception e) {
            throw new AssertionError("closing the kernel of a test failed", e);
        }
    }
}
