package org.kthread.sysinit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.KernelClock;

/**
 * Runs the boot steps of a kernel in order: {@code mi_startup}. Either all of them stand in the end, or none does (but see
 * {@link #withoutUndoAtShutdown}).
 *
 * <pre>{@code
 * try (Kernel kernel = Kernel.start()) {
 *     BootReport trace = Boot.of(kernel).discover().add(journal, bufdaemon, syncer).run();
 *     System.out.println(trace);
 *     kernel.awaitShutdown();
 * }
 * }</pre>
 *
 * <p><b>Order.</b> The steps are sorted by {@link Key}, equal keys in the order in which they were added. At each turn the first
 * step runs that has not run yet and whose required steps have all run. So a step that requires a later one waits for it and
 * runs right after it; nothing is moved forward; steps that wait for nothing keep their order. A step may {@link #add} more
 * while it runs: they take their place among the rest when it ends, by the same rule; one whose key has passed is next.
 *
 * <p><b>Failure.</b> A step that throws fails the boot. Then all is taken back, step by step in reverse of the order in which
 * they ran: the processes which the booting thread created while the step ran are stopped, the last one first, and the undo of
 * the step runs. (Threads added to other processes, and what daemons create by themselves, are for the undo of the step.) The
 * failing step's processes are stopped too; its undo runs only if its action had returned normally, that is if a daemon was not
 * ready in time, a step it added was refused, or the boot was interrupted. All of it has one {@link #budget}: a process that
 * does not stop costs half of the time left; when the time is over, an undo that waits is interrupted, and so is the next
 * one a moment later.
 *
 * <p><b>Shutdown.</b> A completed boot registers its undos with the kernel: they run at the end of the shutdown, the last step
 * first. A shutdown that begins during the boot stops it before the next step; then it is the shutdown that stops the processes
 * and runs the undos, so that nothing is taken away from under its sync. When it has come that far and a step still runs, the
 * booting thread is interrupted; unless it waits there for the end of the shutdown ({@link Kernel#reboot}): then the steps
 * before it are undone meanwhile, and it itself when the wait is over, within the {@link #budget}. A step that calls
 * {@link System#exit} with a kernel that has a hook in the JVM is in the same place, and stays there.
 *
 * <p><b>Threads.</b> One thread runs a boot, once; the others may not add to it meanwhile. No lock of the library is held while
 * steps and undos run.
 *
 * <p><b>Differences from BSD.</b> The order of equal keys is specified. A step whose subsystem is DUMMY is skipped here too, but
 * constraints through its name hold. A failing step is no panic. Undos run in reverse of what really ran, at shutdown and not at
 * module unload.
 *
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public final class Boot {

    private final Kernel kernel;
    private final List<Sysinit> steps = new ArrayList<>();
    private Duration budget;
    private boolean undoAtShutdown = true;
    /** The boot since it has begun to run; other threads ask it whether they may add steps. */
    private volatile @Nullable Startup startup;

    private Boot(Kernel kernel) {
        this.kernel = Objects.requireNonNull(kernel, "kernel");
        this.budget = kernel.config().shutdownBudget();
    }

    /**
     * A boot without steps.
     *
     * @param kernel that the steps start their daemons in
     * @return a new boot
     */
    public static Boot of(Kernel kernel) {
        return new Boot(kernel);
    }

    /**
     * The kernel.
     *
     * @return as given
     */
    public Kernel kernel() {
        return kernel;
    }

    /**
     * Adds steps: before the boot, or by a step while it runs. In the second case they are accepted or refused when that step
     * ends, all that it added together; a refusal fails it.
     *
     * @param more steps to run
     * @return this boot
     * @throws IllegalStateException if the boot is over, or runs and the caller is none of its steps
     */
    public Boot add(Sysinit... more) {
        return add(Arrays.asList(Objects.requireNonNull(more, "more")));
    }

    /**
     * Adds steps, as {@link #add(Sysinit...)}.
     *
     * @param more steps to run
     * @return this boot
     * @throws IllegalStateException if the boot is over, or runs and the caller is none of its steps
     */
    public Boot add(Collection<Sysinit> more) {
        Objects.requireNonNull(more, "more").forEach(step -> Objects.requireNonNull(step, "a step among more"));
        Startup running = startup;
        if (running != null) {
            running.add(more);
        } else {
            steps.addAll(more);
        }
        return this;
    }

    /**
     * Adds the steps of every {@link SysinitProvider} that the {@link ServiceLoader} finds with the caller's context class
     * loader, in its order.
     *
     * @return this boot
     * @throws java.util.ServiceConfigurationError if a provider cannot be loaded
     */
    public Boot discover() {
        for (SysinitProvider provider : ServiceLoader.load(SysinitProvider.class)) {
            add(provider.sysinits(this));
        }
        return this;
    }

    /**
     * Changes the time for taking everything back when a step has failed, and for what a shutdown leaves to the booting thread.
     *
     * @param time for all of it; unless changed, that of the kernel's shutdown
     * @return this boot
     * @throws IllegalArgumentException if it is negative
     */
    public Boot budget(Duration time) {
        KernelClock.nanos(Objects.requireNonNull(time, "time"));
        budget = time;
        return this;
    }

    /**
     * Leaves what a completed boot did as it is when the kernel shuts down. A boot that fails is undone all the same; and
     * so are the steps before one that waits for the end of the shutdown, also if that is the last, and the boot completes.
     *
     * @return this boot
     */
    public Boot withoutUndoAtShutdown() {
        undoAtShutdown = false;
        return this;
    }

    /**
     * Runs the steps.
     *
     * @return the trace
     * @throws IllegalArgumentException if a constraint names no step or several, or constraints form a cycle; nothing has run,
     *     and more steps may be added
     * @throws BootException if a step failed, or a shutdown stopped the boot; all is undone. (Not yet if the thread is one of
     *     this kernel, or is interrupted while it waits for a shutdown, which sets its flag: then that undoes the rest.)
     * @throws InterruptedException if the thread was interrupted: before the first step, or else all is undone as above, and the
     *     cause is the {@code BootException}
     * @throws IllegalStateException if this boot has been run
     */
    public BootReport run() throws InterruptedException {
        if (startup != null) {
            throw new IllegalStateException("a boot runs once");
        }
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before the first boot step");
        }
        Startup running = new Startup(this, steps);
        startup = running;
        return running.run(budget, undoAtShutdown);
    }

    /**
     * Boots, waits for the shutdown, and boots again if it asked for that (AUTOBOOT), until one halts: the life of a machine. A
     * boot that fails ends it; its kernel is closed.
     *
     * @param supplier makes each time a new kernel, and a boot of it with its steps
     * @return the report of the last shutdown
     * @throws BootException if a step fails; a boot that is stopped by a shutdown is part of that shutdown
     * @throws InterruptedException if the thread is interrupted; the kernel is closed
     */
    public static ShutdownReport runUntilHalted(Supplier<Boot> supplier) throws InterruptedException {
        Objects.requireNonNull(supplier, "supplier");
        while (true) {
            Boot boot = Objects.requireNonNull(supplier.get(), "the boot that the supplier makes");
            ShutdownReport report = boot.runToTheEnd();
            if (!report.howto().isAutoboot()) {
                return report;
            }
        }
    }

    private ShutdownReport runToTheEnd() throws InterruptedException {
        try {
            try {
                run();
            } catch (BootException e) {
                if (!e.isStoppedByShutdown()) {
                    throw e;
                }
                kernel.console(String.valueOf(e.getMessage()));
                if (Thread.interrupted()) { // the shutdown is over, and would not tell
                    throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
                }
            }
            return kernel.awaitShutdown();
        } catch (Throwable t) {
            kernel.close();
            throw t;
        }
    }
}
