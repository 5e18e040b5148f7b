package org.kthread.sys;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.jspecify.annotations.Nullable;

/**
 * What the sleep queues need of a thread: a monitor of its own to wait on, and the reasons that end a sleep early.
 *
 * <p>A sleep is two steps, with the queue between them. {@link #await} waits until the sleeper is {@linkplain #awaken
 * woken} or has a reason; then the queue decides whether it was woken, and {@link #settle} parks the thread if it has to
 * be still, and tells the reasons that stand at the end. The sleeper is its own monitor; the only one its thread waits on.
 */
public abstract class Sleeper {
    /*
     * Locking key: (m) this monitor; (v) volatile, written by the sleeping thread only; (t) the sleeping thread only.
     */

    /** A kind of sleep: it counts as parked, and does not return while an ask is in force. */
    public static final int SUSPENDABLE = 1;
    /** A kind of sleep: an interrupt ends it, and so does an ask unless it is suspendable. */
    public static final int CATCH = 2;

    /** A reason: the thread was told to stop. */
    public static final int STOP = 1;
    /** A reason: an interrupt. */
    public static final int INTERRUPT = 2;
    /** A reason: the time is over. */
    public static final int TIMEOUT = 4;
    /** A reason: an ask is in force. */
    public static final int ASK = 8;
    /** A reason: the thread must unwind now. */
    public static final int DEAD = 16;

    /** Not a reason, but what {@link #await} may say besides: a waker had taken the thread off its queue. */
    public static final int WOKEN = 32;

    /** Set by the waker, cleared by the sleeper when it is off the queue. */
    @GuardedBy("this")
    protected boolean awake; // (m)

    /** What the sleep queues keep for this thread between its sleeps. */
    public @Nullable Object spare; // (t)

    private volatile @Nullable String wmesg; // (v)
    private volatile long since; // (v)

    /**
     * With frames as large as these, deeper than anything of this library goes. A model checker, which counts the calls, is
     * given fewer.
     */
    private static final int FRAMES = Integer.getInteger("org.kthread.sys.frames", 24);

    /** For what sleeps. */
    protected Sleeper() {}

    /**
     * Makes sure that there is stack for what follows. A daemon whose stack overflows in a call of this library finds nothing
     * changed, and can go on: without this the overflow would come in the middle, with the daemon half asleep or half parked.
     */
    public static void requireStack() {
        if (descend(FRAMES, 1, 2, 3, 4, 5, 6) == 0) {
            throw new AssertionError("the numbers do not add up");
        }
    }

    /** What it carries makes its frame large; a few large ones are quicker than many small ones. */
    private static long descend(int frames, long a, long b, long c, long d, long e, long f) {
        return frames == 0 ? a : descend(frames - 1, b, c, d, e, f, a) + (a ^ b) + (c ^ d) + (e ^ f);
    }

    /**
     * Waits until woken, until a reason of this kind of sleep, or until the deadline. The caller is on its queue and
     * holds nothing.
     *
     * @param kind {@link #SUSPENDABLE} and {@link #CATCH}, or 0
     * @param deadline when the sleep ends by itself
     * @return {@link #TIMEOUT} or {@link #INTERRUPT} if one of them ended it; {@link #WOKEN} if a waker did, so that the queue
     *     need not be asked; else 0
     */
    public abstract int await(int kind, long deadline);

    /**
     * Waits for a waker that has taken the thread off its queue and not yet come to {@link #awaken} it: the wakeup would seem to
     * end the next sleep. The caller holds this monitor.
     *
     * @param clock of the thread
     * @return whether an interrupt came meanwhile
     */
    @GuardedBy("this")
    protected final boolean awaitWaker(KernelClock clock) {
        boolean interrupted = false;
        while (!awake) {
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        return interrupted;
    }

    /**
     * Ends the sleep: parks while it must, with the caller off its queue and holding nothing.
     *
     * @param kind as given to {@link #await}
     * @param woken whether the queue says so
     * @param ended what {@link #await} answered
     * @return the reasons that stand now
     */
    public abstract int settle(int kind, boolean woken, int ended);

    /**
     * Whether the thread sleeps suspendable and an ask is in force: it would not act on a wakeup now. A hint:
     * it may change at once.
     *
     * @return true if so
     */
    public abstract boolean isSuspended();

    /**
     * What to throw when {@link #settle} says {@link #DEAD}.
     *
     * @return an {@link Unwind}
     */
    public abstract Error unwinding();

    /**
     * By which it is timed.
     *
     * @param channel the clock of the channels it sleeps on
     * @return that one; of a kernel thread, the clock of its own kernel
     */
    public KernelClock clock(KernelClock channel) {
        return channel;
    }

    /** What the current-thread slot holds for a thread that sleeps in a way of its own. */
    public interface Bearer {
        /**
         * The sleeper of the thread.
         *
         * @return always the same
         */
        Sleeper sleeper();
    }

    /** Wakes the sleeper. The caller has taken it off its queue, and holds nothing. */
    public final void awaken() {
        synchronized (this) {
            awake = true;
            notifyAll();
        }
    }

    /**
     * Says why the thread waits from now on, for {@code ps}.
     *
     * @param wmesg the reason; null when it waits no more
     * @param now since when
     */
    public final void wmesg(@Nullable String wmesg, long now) {
        this.since = now;
        this.wmesg = wmesg;
    }

    /**
     * Why the thread waits.
     *
     * @return the reason, or null if it does not wait in this library
     */
    public final @Nullable String wmesg() {
        return wmesg;
    }

    /**
     * Since when the thread waits.
     *
     * @return a time of its clock
     */
    public final long since() {
        return since;
    }
}
