package org.kthread.sys;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * The one place where this library reads the time and waits.
 *
 * <p>All waiting is waiting on a monitor, up to a deadline, in a loop of the caller's:
 *
 * <pre>{@code
 * long deadline = clock.deadline(timeout);
 * synchronized (monitor) {
 *     while (!condition && clock.nanoTime() < deadline) {
 *         clock.await(monitor, deadline);
 *     }
 * }
 * }</pre>
 *
 * <p>Times are nanoseconds since the clock was made: never negative, and a deadline beyond the end of that range is
 * {@link #NEVER}. {@link ManualClock} is the clock for tests.
 */
public abstract class KernelClock {
    /** The timeout that never ends. */
    public static final Duration FOREVER = ChronoUnit.FOREVER.getDuration();

    /** The deadline that never comes. */
    public static final long NEVER = Long.MAX_VALUE;

    private static final int NANOS_PER_MILLI = 1_000_000;

    /** For the clocks of this package. */
    KernelClock() {}

    /**
     * A clock that follows the machine's.
     *
     * @return a new clock, at 0
     */
    public static KernelClock system() {
        return new SystemClock();
    }

    /**
     * The time now.
     *
     * @return nanoseconds since this clock was made; it never goes back
     */
    public abstract long nanoTime();

    /**
     * Waits on a monitor until it is notified, until the deadline, or for no reason. The caller holds the monitor, and
     * looks in a loop at what it waits for.
     *
     * @param monitor held by the caller; released while waiting
     * @param deadline a time of this clock, or {@link #NEVER}
     * @throws InterruptedException if the thread is interrupted before or while it waits
     */
    public abstract void await(Object monitor, long deadline) throws InterruptedException;

    /**
     * The time at which a timeout that begins now is over.
     *
     * @param timo how long; {@link Duration#ZERO} is over at once
     * @return a time of this clock; {@link #NEVER} if it is too far away to be told
     * @throws IllegalArgumentException if it is negative
     */
    public final long deadline(Duration timo) {
        long left = nanos(timo);
        long now = nanoTime();
        return left >= NEVER - now ? NEVER : now + left;
    }

    /**
     * A timeout in nanoseconds.
     *
     * @param timo how long
     * @return nanoseconds; {@link #NEVER} if they are too many
     * @throws IllegalArgumentException if it is negative
     */
    public static long nanos(Duration timo) {
        Objects.requireNonNull(timo, "timo");
        if (timo.isNegative()) {
            throw new IllegalArgumentException("timeout " + timo + " is negative; Duration.ZERO does not wait,"
                    + " KernelClock.FOREVER waits without limit");
        }
        long most = NEVER / 1_000_000_000L;
        return timo.toSeconds() >= most ? NEVER : timo.toNanos();
    }

    /**
     * An interrupt that came when there was no memory to tell it with: the machine throws an {@code OutOfMemoryError} then, and
     * a daemon that is parked would leave its park with that.
     */
    private static final class Interrupted extends InterruptedException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this; // there is one for all: a trace would be of somebody else
        }
    }

    /** The machine's clock. */
    static class SystemClock extends KernelClock {
        private final InterruptedException withoutMemory = new Interrupted(); // made while there is memory
        private final long origin = System.nanoTime();

        @Override
        public long nanoTime() {
            return System.nanoTime() - origin;
        }

        @Override
        public void await(Object monitor, long deadline) throws InterruptedException {
            Objects.requireNonNull(monitor, "monitor");
            try {
                waitOn(monitor, deadline);
            } catch (OutOfMemoryError e) {
                Thread.interrupted(); // a virtual thread's is cleared by who catches the exception, and there was none
                throw withoutMemory;
            }
        }

        /** A test puts a machine here that has no memory. */
        @SuppressWarnings("WaitNotInLoop") // the caller loops: that is the contract
        void waitOn(Object monitor, long deadline) throws InterruptedException {
            if (deadline == NEVER) {
                monitor.wait();
                return;
            }
            long left = deadline - nanoTime();
            if (left > 0) {
                monitor.wait(left / NANOS_PER_MILLI, (int) (left % NANOS_PER_MILLI));
            } else if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }
}
