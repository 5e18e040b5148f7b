package org.kthread;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kthread.lwp.Lwps;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.HostThreads;
import org.kthread.proc.KernelEvents;
import org.kthread.proc.Kthreads;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcTable;
import org.kthread.proc.Ps;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.shutdown.ShutdownSequence;
import org.kthread.shutdown.SyncTargets;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * A small kernel for the daemons of one application: it owns its processes, its wait channels, its events and its shutdown.
 * Several may live side by side; each is used once, from {@link #start()} to {@link #reboot} or {@link #close}.
 *
 * <pre>{@code
 * try (Kernel kernel = Kernel.start()) {
 *     kernel.kthreads().kprocStart(new KprocDesc("flusher", () -> {
 *         for (;;) {
 *             CurThread.suspendCheck();
 *             flush();
 *             kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "flushw", Duration.ofSeconds(1));
 *         }
 *     }));
 *     serve();
 * }   // the daemon is parked, stopped and joined
 * }</pre>
 *
 * <p>Any thread may call any method.
 */
public final class Kernel implements AutoCloseable {
    /** Chooses every kernel process but the caller's own, and what is created while the hold lasts: see {@link #quiesce}. */
    public static final Predicate<Proc> ALL = new Predicate<>() {
        @Override
        public boolean test(Proc proc) {
            return true;
        }

        @Override
        public String toString() {
            return "ALL";
        }
    };

    private final KernelConfig config;
    private final KernelClock clock;
    private final Console console;
    private final SleepQueues sleepQueues;
    private final KernelEvents events = new KernelEvents();
    private final ShutdownEvents shutdownEvents = new ShutdownEvents();
    private final SyncTargets syncTargets = new SyncTargets();
    private final ProcTable procs;
    private final Lwps lwps;
    private final Syscalls syscalls;
    private final ShutdownSequence shutdown;
    private @Nullable Thread hook; // set before the kernel is published

    private Kernel(KernelConfig config) {
        this.config = Objects.requireNonNull(config, "config");
        this.clock = Objects.requireNonNullElseGet(config.clock(), KernelClock::system);
        this.console = new Console(config.console());
        this.sleepQueues = new SleepQueues(clock);
        this.procs = new ProcTable(clock, sleepQueues, events, console, config.maxproc(), config.pidMax());
        this.lwps = new Lwps(procs);
        this.syscalls = new Syscalls(procs);
        this.shutdown = new ShutdownSequence(
                clock, procs, shutdownEvents, syncTargets, console, config.shutdownBudget(), config.syncOnPanic());
    }

    /**
     * Starts a kernel with the defaults.
     *
     * @return the kernel, with process 0 and init
     * @throws KernelException EAGAIN if the JVM refuses a thread; nothing is left then
     */
    public static Kernel start() {
        return start(KernelConfig.defaults());
    }

    /**
     * Starts a kernel: its own threads (init's, and three for the shutdown) are made here, so that no lack of threads can
     * prevent a shutdown.
     *
     * @param config what it is made with
     * @return the kernel, with process 0 and init
     * @throws KernelException EAGAIN if the JVM refuses a thread; nothing is left then
     * @throws IllegalStateException if a JVM hook was wanted, and the JVM is ending already; nothing is left then
     */
    public static Kernel start(KernelConfig config) {
        Kernel kernel = new Kernel(config);
        kernel.startThreads();
        Howto howto = config.jvmHook();
        if (howto != null) {
            try {
                kernel.installHook(howto);
            } catch (IllegalStateException e) {
                kernel.close(); // the JVM is ending already
                throw e;
            }
        }
        return kernel;
    }

    private void startThreads() {
        procs.start();
        try {
            shutdown.start();
        } catch (RuntimeException | Error e) {
            procs.close(KernelClock.NEVER);
            throw e;
        }
    }

    private void installHook(Howto howto) {
        Thread thread = HostThreads.kernelThread("kernel-hook", () -> shutDownInHook(howto));
        Runtime.getRuntime().addShutdownHook(thread);
        hook = thread;
    }

    private void shutDownInHook(Howto howto) {
        console.inHook();
        try {
            shutdown.reboot(howto, config.shutdownBudget());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the JVM ends, and the sequence with it
        }
    }

    /**
     * The calls that create processes and threads.
     *
     * @return always the same
     */
    public Kthreads kthreads() {
        return procs.kthreads();
    }

    /**
     * The lwps: execution contexts for host threads to hop between.
     *
     * @return always the same
     */
    public Lwps lwps() {
        return lwps;
    }

    /**
     * The calls of the current process.
     *
     * @return always the same
     */
    public Syscalls syscalls() {
        return syscalls;
    }

    /**
     * The wait channels.
     *
     * @return always the same
     */
    public SleepQueues sleepQueues() {
        return sleepQueues;
    }

    /**
     * The events in the life of processes and threads.
     *
     * @return always the same
     */
    public KernelEvents events() {
        return events;
    }

    /**
     * The events of the shutdown.
     *
     * @return always the same
     */
    public ShutdownEvents shutdownEvents() {
        return shutdownEvents;
    }

    /**
     * What the shutdown brings to disk.
     *
     * @return always the same
     */
    public SyncTargets syncTargets() {
        return syncTargets;
    }

    /**
     * The clock by which everything here is timed.
     *
     * @return always the same
     */
    public KernelClock clock() {
        return clock;
    }

    /**
     * What this kernel was made with.
     *
     * @return always the same
     */
    public KernelConfig config() {
        return config;
    }

    /**
     * Process 0, the parent of all daemons.
     *
     * @return {@code kernel}
     */
    public Proc proc0() {
        return procs.proc0();
    }

    /**
     * Process 1, which reaps.
     *
     * @return {@code init}
     */
    public Proc initproc() {
        return procs.initproc();
    }

    /**
     * Finds a process.
     *
     * @param pid any number
     * @return the process with this pid, if there is one
     */
    public Optional<Proc> pfind(int pid) {
        return Optional.ofNullable(procs.pfind(pid));
    }

    /**
     * What runs, sleeps and is held, and why.
     *
     * @return rows in pid order; its {@code toString} is a table
     */
    public Ps ps() {
        return procs.ps();
    }

    /**
     * Writes a line on the console.
     *
     * @param line without its end
     */
    public void console(String line) {
        console.accept(Objects.requireNonNull(line, "line"));
    }

    /**
     * Holds many processes still: asks all first, then waits for all, up to one deadline. What ends meanwhile counts as quiet.
     * A hold of {@link #ALL} stands for what is created later, too: that is born parked.
     *
     * @param owner who holds, for {@code ps} and for diagnosis
     * @param which chooses; called with nothing of ours held
     * @param timo how long to wait for the quiet
     * @return the hold; close it to let them go on
     * @throws SuspendRefusedException if not all were quiet in time; it names each that was not, and nothing is held
     * @throws InterruptedException if interrupted; nothing is held
     * @throws KernelException EDEADLK if the caller's own process was chosen otherwise than by {@code ALL}
     * @throws IllegalArgumentException if the time is negative, or the owner an empty name
     */
    public Suspension quiesce(String owner, Predicate<? super Proc> which, Duration timo) throws InterruptedException {
        Objects.requireNonNull(which, "which");
        return procs.quiesce(owner, which == ALL ? null : which, timo);
    }

    /**
     * Shuts down, within the budget of the configuration: see {@link #reboot(Howto, Duration)}.
     *
     * @param howto how
     * @return the report
     * @throws InterruptedException if interrupted while waiting; the shutdown goes on
     */
    public ShutdownReport reboot(Howto howto) throws InterruptedException {
        return reboot(howto, config.shutdownBudget());
    }

    /**
     * Shuts down ({@code kern_reboot}): pre_sync handlers, sync, post_sync handlers, stop and join of every kernel thread,
     * final handlers, undos of the boot. The first call begins it; every other one waits for the same report.
     *
     * <p>From a handler of the shutdown it returns the report so far. From a kernel thread it does not return: the thread
     * counts as parked, and unwinds when it is stopped.
     *
     * @param howto how
     * @param budget how much time there is for all of it
     * @return the report
     * @throws InterruptedException if interrupted while waiting; the shutdown goes on
     */
    public ShutdownReport reboot(Howto howto, Duration budget) throws InterruptedException {
        return over(shutdown.reboot(howto, budget));
    }

    /**
     * Waits until somebody has shut this kernel down: what {@code main} does when it has nothing else to do.
     *
     * @return the report
     * @throws InterruptedException if interrupted
     */
    public ShutdownReport awaitShutdown() throws InterruptedException {
        return over(shutdown.awaitReport());
    }

    /**
     * Whether a thread waits for the end of the shutdown, in {@link #reboot(Howto)}, {@link #awaitShutdown} or {@link #close}:
     * then nobody in the shutdown may wait for it.
     *
     * @param thread any thread
     * @return true while it does
     */
    public boolean isAwaitingShutdown(Thread thread) {
        return shutdown.isAwaiting(thread);
    }

    /**
     * Whether a shutdown has begun.
     *
     * @return true from then on
     */
    public boolean rebooting() {
        return shutdown.rebooting();
    }

    /**
     * Shuts down because something is beyond repair: daemons are not waited for, and the sync is left out unless the
     * configuration wants it. The first text is kept, for the report. Does not wait for the end.
     *
     * @param text what is wrong
     */
    public void panic(String text) {
        shutdown.panic(text);
    }

    /**
     * Has something undone in the last phase of the shutdown, last registered first.
     *
     * @param name for the report
     * @param undo runs with nothing of ours held, when no kernel thread is left
     */
    public void onUndo(String name, Action undo) {
        shutdown.onUndo(name, undo);
    }

    /**
     * Shuts down with {@link Howto#HALT}, if nobody has done so, and waits for it. An interrupt does not end the wait, which
     * is bounded by the budget; the flag is set again.
     */
    @Override
    public void close() {
        boolean interrupted = false;
        for (; ; ) {
            try {
                reboot(Howto.HALT);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Which kernel this is, as panics name it.
     *
     * @return differs from every other kernel's
     */
    @Override
    public String toString() {
        return procs.toString();
    }

    /** The hook has to stay as long as the shutdown goes on: a handler of it may come by here. */
    private ShutdownReport over(ShutdownReport report) {
        if (report.complete()) {
            removeHook();
        }
        return report;
    }

    private void removeHook() {
        Thread installed = hook;
        if (installed == null) {
            return;
        }
        try {
            Runtime.getRuntime().removeShutdownHook(installed);
        } catch (IllegalStateException e) {
            // the JVM is ending, and the hook runs or has run
        }
    }
}
