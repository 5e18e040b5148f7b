package org.kthread.sleep;

import static org.kthread.sleep.SleepPriority.PCATCH;
import static org.kthread.sleep.SleepPriority.PDROP;
import static org.kthread.sleep.SleepPriority.PRIMASK;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Sleeper;

/**
 * The wait channels of one kernel: threads sleep on any object until somebody who changed the world wakes it.
 *
 * <p>A channel is an object's identity and needs no registration; a channel that nobody sleeps on costs nothing, and a
 * wakeup of it is not remembered. Whoever waits for a condition holds the lock that guards it, looks, and sleeps with
 * that lock given along; whoever changes the condition does so under the same lock, and then wakes:
 *
 * <pre>{@code
 * lock.lock();
 * try {
 *     while (queue.isEmpty()) {
 *         sleepQueues.msleep(queue, lock, SleepPriority.PVM | SleepPriority.SUSPENDABLE, "bufwait", KernelClock.FOREVER);
 *     }
 *     work(queue.remove());
 * } finally {
 *     lock.unlock();
 * }
 * }</pre>
 *
 * <p>Any thread may sleep and wake, also one that is no kernel thread; asks and stops reach kernel threads only. A daemon of
 * another kernel is timed by the clock of its own. No
 * sleep throws {@link InterruptedException}: how it ended is its {@link WakeReason}, and an interrupt that may not end it
 * is remembered, and set again when it returns.
 *
 * <p>After a stop, a {@link SleepPriority#SUSPENDABLE} sleep does not return: it takes the lock again, unless {@link
 * SleepPriority#PDROP}, and unwinds the thread. A plain sleep answers {@link WakeReason#STOPPING}, and the next one
 * unwinds.
 *
 * <p>While a suspendable sleeper is suspended it does not hold the lock, and takes it again only after resume. Never
 * suspend, hold or stop a daemon with that lock in hand: it may be waiting for it, and then only the deadline ends the wait.
 *
 * <p><b>Differences from BSD.</b> Time is a {@link Duration}: {@link Duration#ZERO} does not wait, {@link
 * KernelClock#FOREVER} has no limit. A wakeup is never told as a timeout. {@code wakeupOne} prefers a sleeper that is not
 * suspended, and a sleeper it chose that unwinds instead hands the wakeup on.
 *
 * @see <a href="https://man.freebsd.org/sleep/9">sleep(9)</a>
 */
public final class SleepQueues {
    /** How many chains there are; two channels on one chain share a lock, nothing else. */
    private static final int CHAINS = 256;

    private static final int KNOWN = PRIMASK | PCATCH | PDROP | SUSPENDABLE;

    private final SleepChain[] chains;
    private final KernelClock clock;

    /**
     * Queues with nobody on them.
     *
     * @param clock by which the sleeps are timed
     */
    public SleepQueues(KernelClock clock) {
        this(clock, new SleepChain[CHAINS]);
        for (int i = 0; i < CHAINS; i++) {
            chains[i] = new SleepChain();
        }
    }

    /** Queues on these chains; their number is a power of two. */
    SleepQueues(KernelClock clock, SleepChain... chains) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.chains = chains;
    }

    /**
     * Sleeps on a channel without a lock. A wakeup between the caller's look at the world and the sleep is missed, so it
     * needs a limit.
     *
     * @param chan the channel
     * @param pri a {@link SleepPriority}, with flags; not {@code PDROP}
     * @param wmesg why, in a word, for {@code ps}
     * @param timo how long at most; not {@link KernelClock#FOREVER}
     * @return how it ended
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public WakeReason tsleep(Object chan, int pri, String wmesg, Duration timo) {
        if (KernelClock.nanos(timo) == KernelClock.NEVER) {
            throw new IllegalArgumentException("tsleep \"" + wmesg + "\": without a lock a wakeup can be missed,"
                    + " so a limit is needed; give a timeout, or use msleep");
        }
        requireKnown(pri, wmesg);
        if ((pri & PDROP) != 0) {
            throw new IllegalArgumentException("tsleep \"" + wmesg + "\": PDROP without a lock; use msleep");
        }
        SleepChain.requireIdentity(chan, wmesg);
        return sleep(chan, null, pri, wmesg, timo);
    }

    /**
     * Sleeps on a channel; the lock is released once the thread is on the queue, and taken again before the return.
     *
     * @param chan the channel
     * @param lock held exactly once by the calling thread
     * @param pri a {@link SleepPriority}, with flags
     * @param wmesg why, in a word, for {@code ps}
     * @param timo how long at most; {@link KernelClock#FOREVER} for no limit
     * @return how it ended
     * @throws KernelPanic if the lock is not held exactly once
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public WakeReason msleep(Object chan, Lock lock, int pri, String wmesg, Duration timo) {
        requireKnown(pri, wmesg);
        SleepChain.requireIdentity(chan, wmesg);
        requireHeldOnce(Objects.requireNonNull(lock, "lock"), wmesg);
        return sleep(chan, lock, pri, wmesg, timo);
    }

    /**
     * Sleeps for a time, out of reach of any wakeup.
     *
     * @param wmesg why, in a word, for {@code ps}
     * @param timo how long; not {@link KernelClock#FOREVER}
     * @return {@link WakeReason#TIMED_OUT}, or why it ended early
     */
    public WakeReason pause(String wmesg, Duration timo) {
        return pause(0, wmesg, timo);
    }

    /**
     * Sleeps for a time, out of reach of any wakeup.
     *
     * @param pri flags: {@code PCATCH}, {@code SUSPENDABLE}
     * @param wmesg why, in a word, for {@code ps}
     * @param timo how long; not {@link KernelClock#FOREVER}
     * @return {@link WakeReason#TIMED_OUT}, or why it ended early
     */
    public WakeReason pause(int pri, String wmesg, Duration timo) {
        return tsleep(new Object(), pri, wmesg, timo);
    }

    /**
     * Wakes all who sleep on a channel, in the order in which they came. Nobody there: nothing happens, and nothing is
     * remembered. No lock is needed, but change the condition under the lock the sleepers gave.
     *
     * @param chan the channel
     */
    public void wakeup(Object chan) {
        SleepChain chain = chain(chan);
        if (chain.occupied) {
            Sleeper.requireStack(); // or those that it has taken off the queue would never be woken
            chain.wakeup(chan);
        }
    }

    /**
     * Wakes one who sleeps on a channel: of those not suspended, if there are any, the one with the best priority, and
     * of these the one asleep longest.
     *
     * @param chan the channel
     */
    public void wakeupOne(Object chan) {
        SleepChain chain = chain(chan);
        if (chain.occupied) {
            Sleeper.requireStack();
            chain.wakeupOne(chan);
        }
    }

    private SleepChain chain(Object chan) {
        return chains[System.identityHashCode(Objects.requireNonNull(chan, "chan")) >>> 16 & chains.length - 1];
    }

    private WakeReason sleep(Object chan, @Nullable Lock lock, int pri, String wmesg, Duration timo) {
        Objects.requireNonNull(wmesg, "wmesg");
        Sleeper.requireStack();
        int kind = ((pri & SUSPENDABLE) != 0 ? Sleeper.SUSPENDABLE : 0) | ((pri & PCATCH) != 0 ? Sleeper.CATCH : 0);
        Sleeper me = CurrentThread.get() instanceof Sleeper.Bearer bearer ? bearer.sleeper() : new HostSleeper(clock);
        long deadline = me.clock(clock).deadline(timo);
        SleepChain chain = chain(chan);
        SleepChain.Node node = chain.enqueue(chan, me, pri & PRIMASK);
        if (lock != null) {
            release(lock, chan, chain, node);
        }
        try {
            return sleepOn(chan, chain, node, kind, wmesg, deadline);
        } finally {
            if (lock != null && (pri & PDROP) == 0) {
                lock.lock();
            }
        }
    }

    /** The queued thread waits, leaves the queue, and parks if it must; nothing is held here. */
    private WakeReason sleepOn(
            Object chan, SleepChain chain, SleepChain.Node node, int kind, String wmesg, long deadline) {
        Sleeper me = node.sleeper;
        String outer = me.wmesg(); // of a region around this sleep
        long since = me.since();
        me.wmesg(wmesg, me.clock(clock).nanoTime());
        int ended = me.await(kind, deadline);
        // A waker takes the sleeper off its queue, and wakes it then: one that has seen it leaves the waker the lock of
        // the chain.
        boolean woken = ended == Sleeper.WOKEN || chain.dequeue(node);
        int reasons = me.settle(kind, woken, ended & ~Sleeper.WOKEN);
        me.wmesg(outer, since);
        if ((reasons & Sleeper.DEAD) != 0) {
            if (node.chosen) {
                chain.wakeupOne(chan); // there is stack for it since the sleep began
            }
            throw me.unwinding();
        }
        return woken
                ? WakeReason.AWAKENED
                : (reasons & Sleeper.STOP) != 0
                        ? WakeReason.STOPPING
                        : (reasons & Sleeper.INTERRUPT) != 0
                                ? WakeReason.INTERRUPTED
                                : (reasons & Sleeper.TIMEOUT) != 0
                                        ? WakeReason.TIMED_OUT
                                        : WakeReason.SUSPEND_REQUESTED;
    }

    private void release(Lock lock, Object chan, SleepChain chain, SleepChain.Node node) {
        try {
            lock.unlock();
        } catch (Throwable e) { // a lock is foreign code: it may also throw what it does not declare
            boolean woken = chain.dequeue(node);
            node.sleeper.settle(0, woken, 0); // or a wakeup that came would seem to end the next sleep
            if (node.chosen) {
                chain.wakeupOne(chan);
            }
            if (e instanceof Error error) {
                throw error; // the lock's own failure
            }
            throw new KernelPanic("msleep: the lock given to it is not held by this thread: " + lock, e);
        }
    }

    private static void requireKnown(int pri, String wmesg) {
        if ((pri & ~KNOWN) != 0) {
            throw new IllegalArgumentException("sleep \"" + wmesg + "\": pri has unknown bits 0x"
                    + Integer.toHexString(pri & ~KNOWN) + "; see the constants of SleepPriority");
        }
    }

    private static void requireHeldOnce(Lock lock, String wmesg) {
        int holds = lock instanceof ReentrantLock plain
                ? plain.getHoldCount()
                : lock instanceof ReentrantReadWriteLock.WriteLock write ? write.getHoldCount() : 1;
        if (holds != 1) {
            throw new KernelPanic("msleep \"" + wmesg + "\": the lock is held " + holds
                    + " times by this thread; it must be held exactly once: " + lock);
        }
    }
}
