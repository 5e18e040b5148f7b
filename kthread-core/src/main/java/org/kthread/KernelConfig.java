package org.kthread;

import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.shutdown.Howto;
import org.kthread.sys.KernelClock;

/**
 * What a kernel is made with. A value: each {@code with} method gives a changed copy of the {@linkplain #defaults defaults}.
 *
 * <pre>{@code
 * Kernel kernel = Kernel.start(KernelConfig.defaults()
 *         .withShutdownBudget(Duration.ofSeconds(25))
 *         .withJvmHook(Howto.HALT));
 * }</pre>
 */
public final class KernelConfig {
    private static final int MAXPROC = 32_768;
    private static final int PID_MAX = 99_999;
    private static final Duration BUDGET = Duration.ofSeconds(60);
    private static final int LEAST_MAXPROC = 4;
    private static final int MOST_MAXPROC = 1 << 29;

    private final @Nullable KernelClock clock;
    private final int maxproc;
    private final @Nullable Consumer<String> console;
    private final Duration shutdownBudget;
    private final @Nullable Howto jvmHook;
    private final boolean syncOnPanic;

    private KernelConfig(
            @Nullable KernelClock clock,
            int maxproc,
            @Nullable Consumer<String> console,
            Duration shutdownBudget,
            @Nullable Howto jvmHook,
            boolean syncOnPanic) {
        this.clock = clock;
        this.maxproc = maxproc;
        this.console = console;
        this.shutdownBudget = shutdownBudget;
        this.jvmHook = jvmHook;
        this.syncOnPanic = syncOnPanic;
    }

    /**
     * The system's clock, 32,768 processes, the logger {@code org.kthread.console} as console, 60 seconds for the shutdown, no
     * JVM hook, no sync after a panic.
     *
     * @return the defaults
     */
    public static KernelConfig defaults() {
        return new KernelConfig(null, MAXPROC, null, BUDGET, null, false);
    }

    /**
     * With a clock of the caller's: for tests.
     *
     * @param clock a {@code ManualClock}
     * @return a changed copy
     */
    public KernelConfig withClock(KernelClock clock) {
        return new KernelConfig(
                Objects.requireNonNull(clock, "clock"), maxproc, console, shutdownBudget, jvmHook, syncOnPanic);
    }

    /**
     * With this limit on processes ({@code kern.maxproc}).
     *
     * @param maxproc one more than how many there can be, the kernel and init included; from 4 to 2^29
     * @return a changed copy
     * @throws IllegalArgumentException if it is out of its range
     */
    public KernelConfig withMaxproc(int maxproc) {
        if (maxproc < LEAST_MAXPROC || maxproc > MOST_MAXPROC) {
            throw new IllegalArgumentException(
                    "maxproc " + maxproc + " is not between " + LEAST_MAXPROC + " and " + MOST_MAXPROC);
        }
        return new KernelConfig(clock, maxproc, console, shutdownBudget, jvmHook, syncOnPanic);
    }

    /**
     * With this console. It gets whole lines, from whatever thread has something to say, and with nothing of ours held; what
     * it throws is logged.
     *
     * @param console takes a line without its end
     * @return a changed copy
     */
    public KernelConfig withConsole(Consumer<String> console) {
        return new KernelConfig(
                clock, maxproc, Objects.requireNonNull(console, "console"), shutdownBudget, jvmHook, syncOnPanic);
    }

    /**
     * With this much time for the whole shutdown. Choose it below what the platform grants between its SIGTERM and its SIGKILL.
     *
     * @param budget more than zero
     * @return a changed copy
     * @throws IllegalArgumentException if it is not
     */
    public KernelConfig withShutdownBudget(Duration budget) {
        Objects.requireNonNull(budget, "budget");
        if (budget.isNegative() || budget.isZero()) {
            throw new IllegalArgumentException("shutdown budget " + budget + " is not more than zero");
        }
        return new KernelConfig(clock, maxproc, console, budget, jvmHook, syncOnPanic);
    }

    /**
     * With a hook that shuts the kernel down when the JVM ends, by SIGTERM, SIGINT or exit. It takes the shutdown budget at
     * most, never calls exit, and while it runs the lines of the default console also go to standard error.
     *
     * @param howto how it shuts down
     * @return a changed copy
     */
    public KernelConfig withJvmHook(Howto howto) {
        return new KernelConfig(
                clock, maxproc, console, shutdownBudget, Objects.requireNonNull(howto, "howto"), syncOnPanic);
    }

    /**
     * With the sync also after a panic ({@code kern.sync_on_panic}).
     *
     * @param syncOnPanic whether
     * @return a changed copy
     */
    public KernelConfig withSyncOnPanic(boolean syncOnPanic) {
        return new KernelConfig(clock, maxproc, console, shutdownBudget, jvmHook, syncOnPanic);
    }

    @Nullable
    KernelClock clock() {
        return clock;
    }

    @Nullable
    Consumer<String> console() {
        return console;
    }

    @Nullable
    Howto jvmHook() {
        return jvmHook;
    }

    boolean syncOnPanic() {
        return syncOnPanic;
    }

    /**
     * The limit on processes.
     *
     * @return one more than how many there can be
     */
    public int maxproc() {
        return maxproc;
    }

    /**
     * The highest pid: at least twice {@link #maxproc}.
     *
     * @return {@code PID_MAX}
     */
    public int pidMax() {
        return Math.max(PID_MAX, 2 * maxproc);
    }

    /**
     * How much time a shutdown has.
     *
     * @return more than zero
     */
    public Duration shutdownBudget() {
        return shutdownBudget;
    }
}
