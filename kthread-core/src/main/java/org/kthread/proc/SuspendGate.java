package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;

/**
 * The gate of one kernel thread: every request that it be still, its answers, its stop and its end.
 *
 * <p>A request is an {@link Ask}. While one is in force and no stop was asked, the daemon parks at its checks and where it
 * leaves an idle place, and answers; in an idle place (a suspendable sleep, a region) it counts as parked. The daemon
 * runs when no ask is in force. The formal specification is {@code docs/models/gate.pml}; this class follows it name by name.
 */
final class SuspendGate extends Sleeper {
    /*
     * ask       add: EXITED at once if gone; SUSPENDED at once if parked or idle and no stop is asked
     * park      at a check, or leaving an idle place: while an ask is in force and no stop, answer SUSPENDED and wait
     * idle      entering a suspendable sleep or a region: answer SUSPENDED, and count as parked from then on
     * withdraw  takes one ask out, RESUMED if it had no verdict
     * gone      answers EXITED to the rest, last of all
     *
     * What must hold:
     *  - An ask answered SUSPENDED and in force means no work. So the daemon counts as running again (still goes back to 0)
     *    under the same hold of the monitor in which it saw no ask in force.
     *  - The first verdict stays.
     *  - Withdrawing clears the reason in pending; the daemon never does.
     *  - All wait on this monitor, the daemon and those who asked, so who tells tells all (notifyAll); but only when one of them
     *    has something to see, so that a sleeper that counts as parked is not woken by an ask.
     *  - From a stop, or an exit, on no ask is answered SUSPENDED: what runs then is the unwinding, and EXITED ends it.
     *
     * Locking key: (m) this monitor; (v) volatile, written under (m); (t) the daemon's thread only; (f) final.
     */

    /** The reasons in {@link #pending}: an ask is in force. */
    static final int ASKED = 1;
    /** The thread was told to stop. Never taken back. */
    static final int STOPPED = 2;
    /** The thread has called exit. Never taken back. */
    static final int EXITING = 4;
    /** The body has ended, handlers and closers run: checks and asks do not disturb them. Never taken back. */
    static final int ENDING = 8;

    private static final int NO_MORE = STOPPED | EXITING;

    private final KernelClock clock; // (f)

    volatile int pending; // (v)

    @GuardedBy("this")
    private @Nullable List<Ask> inForce; // (m) null: none

    @GuardedBy("this")
    private int still; // (m) > 0: parked or idle; nested

    @GuardedBy("this")
    private boolean parked; // (m) waits for resume

    @GuardedBy("this")
    private boolean catching; // (m) asleep, and an ask ends it

    @GuardedBy("this")
    private int regions; // (m) how deep in regions

    @GuardedBy("this")
    private boolean gone; // (m) it has ended, at the time that since() tells

    @GuardedBy("this")
    private long toldAt = -1; // (m) when it was first told to stop; -1: it was not

    @GuardedBy("this")
    private boolean interrupted; // (m) a stop has interrupted the host thread, or is about to

    @GuardedBy("this")
    private boolean interrupting; // (m) it is about to

    @GuardedBy("this")
    private @Nullable Thread host; // (m) whom a stop interrupts

    private volatile boolean interruptible; // written by the daemon's thread only: it sleeps, and not plainly

    private boolean told; // (t) a plain sleep has answered STOPPING
    private boolean owed; // (t) an interrupt came that the wait could not end by

    /** One request that one thread be still. Guarded by the monitor of its gate. */
    static final class Ask {
        final @Nullable String owner; // (f) null: anybody may resume
        final boolean ofThread; // (f) asked of the thread, not of its process
        final long since; // (f)

        volatile @Nullable Verdict verdict; // (v)

        long answered; // (m)

        boolean armed; // under the lock of the process table: see SuspendRequest.arm

        Ask(@Nullable String owner, boolean ofThread, long since) {
            this.owner = owner;
            this.ofThread = ofThread;
            this.since = since;
        }
    }

    SuspendGate(KernelClock clock) {
        this.clock = clock;
    }

    /* ---- Those who ask. ---- */

    /** Puts an ask in force. */
    synchronized void add(Ask ask) {
        if (gone) {
            give(ask, Verdict.EXITED);
            return;
        }
        if (inForce == null) {
            inForce = new ArrayList<>(1);
        }
        inForce.add(ask);
        pending |= ASKED; // under the monitor, like every write
        if (still > 0 && (pending & NO_MORE) == 0) {
            give(ask, Verdict.SUSPENDED);
        }
        if (catching) {
            notifyAll(); // an idle sleeper need not see it, and is left asleep
        }
    }

    /** Takes an ask out of force. */
    synchronized void withdraw(Ask ask) {
        if (inForce != null && inForce.remove(ask)) {
            if (inForce.isEmpty()) {
                inForce = null;
                pending &= ~ASKED; // under the monitor, like every write
            }
        }
        boolean unanswered = ask.verdict == null;
        if (unanswered) {
            give(ask, Verdict.RESUMED);
        }
        if (unanswered || parked) {
            notifyAll(); // who waits for the answer, and who waits for resume
        }
    }

    /**
     * Takes out of force what anybody may: the asks without owner, all of them or those of the thread alone. Tells at once what
     * is left, so that who resumes does not meet on this monitor the daemon that it woke.
     *
     * @return the asks still in force; null if the thread has ended
     */
    synchronized @Nullable List<Ask> withdrawOwnerless(boolean ofThread) {
        for (Ask ask : asks()) {
            if (ask.owner == null && (ask.ofThread || !ofThread)) {
                withdraw(ask);
            }
        }
        return gone ? null : asks();
    }

    /**
     * Waits for an answer; a verdict given wins over the deadline and over an interrupt.
     *
     * @return the verdict, or null when the time is over
     */
    @Nullable
    Verdict await(Ask ask, long deadline) throws InterruptedException {
        synchronized (this) {
            while (ask.verdict == null && clock.nanoTime() < deadline) {
                try {
                    clock.await(this, deadline);
                } catch (InterruptedException e) {
                    if (ask.verdict == null) {
                        throw e;
                    }
                    Thread.currentThread().interrupt();
                }
            }
            return ask.verdict;
        }
    }

    /** The answer so far; read without the monitor, on which the daemon that gave it may be about to wait. */
    @Nullable
    Verdict verdict(Ask ask) {
        return ask.verdict;
    }

    /** When the answer was given. */
    synchronized long answered(Ask ask) {
        return ask.answered;
    }

    /** Tells the thread to stop; tells whether it is in a region, so that an interrupt is due at once. */
    synchronized boolean stop() {
        pending |= STOPPED; // under the monitor, like every write
        if (toldAt < 0) {
            toldAt = clock.nanoTime();
        }
        notifyAll();
        return regions > 0 && mayInterrupt();
    }

    /** Whether the thread was told to stop at least so long ago, so that an interrupt is due wherever it is. */
    synchronized boolean isOverdue(long grace) {
        return toldAt >= 0 && clock.nanoTime() - toldAt >= grace && mayInterrupt();
    }

    @GuardedBy("this")
    private boolean mayInterrupt() {
        return !interrupted && host != null && (pending & ENDING) == 0;
    }

    /**
     * Interrupts the thread, unless that was done before or its body has ended; wherever it is, or in a region only. Nothing
     * is held meanwhile, here and by the caller: if the thread is in an operation of a channel, who interrupts closes that
     * channel, which runs what is not ours and lasts as long as what is behind it.
     */
    void interrupt(boolean anywhere) {
        Thread target;
        synchronized (this) {
            target = host;
            if (target == null || !mayInterrupt() || !(anywhere || regions > 0)) {
                return;
            }
            interrupted = true;
            interrupting = true;
        }
        try {
            target.interrupt();
        } finally {
            synchronized (this) {
                interrupting = false;
                notifyAll();
            }
        }
    }

    /** Waits for the end of the thread; tells whether it came. */
    boolean awaitGone(long deadline) throws InterruptedException {
        synchronized (this) {
            while (!gone && clock.nanoTime() < deadline) {
                clock.await(this, deadline);
            }
            return gone;
        }
    }

    /** The asks in force, for those who look. */
    synchronized List<Ask> asks() {
        return inForce == null ? List.of() : List.copyOf(inForce);
    }

    /** Whether the thread is parked, or idle with an ask in force. Looks at the reasons first, and rarely takes the monitor. */
    @Override
    public boolean isSuspended() {
        return (pending & (ASKED | NO_MORE)) == ASKED && isStill();
    }

    private synchronized boolean isStill() {
        return still > 0;
    }

    /** Whether what the thread sleeps in may be interrupted or suspended; a hint for {@code ps}. */
    boolean isInterruptible() {
        return interruptible;
    }

    /* ---- The monitor is held. ---- */

    @GuardedBy("this")
    private void give(Ask ask, Verdict verdict) {
        assert ask.verdict == null : "the first verdict stays";
        ask.answered = clock.nanoTime();
        ask.verdict = verdict;
    }

    /** Answers every ask in force that has no verdict. */
    @GuardedBy("this")
    private void answer(Verdict verdict) {
        boolean given = verdict == Verdict.EXITED; // a stopper waits for the end itself
        if (inForce != null) {
            for (int i = 0; i < inForce.size(); i++) { // no iterator: an answer takes no memory
                Ask ask = inForce.get(i);
                if (ask.verdict == null) {
                    give(ask, verdict);
                    given = true;
                }
            }
        }
        if (given) {
            notifyAll();
        }
    }

    /** Waits while an ask is in force and no stop. Interrupts are remembered. */
    @GuardedBy("this")
    private void park() {
        assert still > 0 : "parks only what counts as parked";
        if (!mustPark()) {
            return;
        }
        String before = wmesg();
        long since = since();
        wmesg(parkReason(), clock.nanoTime());
        while (mustPark()) {
            answer(Verdict.SUSPENDED);
            parked = true;
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                owed = true;
            }
            parked = false;
        }
        wmesg(before, since);
    }

    @GuardedBy("this")
    private boolean mustPark() {
        return inForce != null && (pending & NO_MORE) == 0;
    }

    @GuardedBy("this")
    private String parkReason() {
        return inForce != null && inForce.get(0).ofThread ? "ktsusp" : "kpsusp";
    }

    /** Counts as running again, unless nested; tells whether the thread must unwind. */
    @GuardedBy("this")
    private boolean leaveIdle() {
        still--;
        return (pending & NO_MORE) != 0;
    }

    /* ---- The daemon's side. ---- */

    /** The host thread says which one it is; from here on a stop may interrupt it. */
    synchronized void bind(Thread thread) {
        host = thread;
    }

    /** Makes the thread count as parked from its birth on, before it has run. The creator's call. */
    synchronized void bear() {
        still++;
    }

    /** Ends the birth park: the first thing the daemon does after {@link #bear}. */
    void birth() {
        pass(0);
    }

    /** Parks while asked to, and leaves; the daemon counts as still {@code more} deep from here on until it does. */
    private void pass(int more) {
        boolean dead;
        synchronized (this) {
            still += more;
            park();
            dead = leaveIdle();
        }
        payInterrupt();
        if (dead) {
            throw unwinding();
        }
    }

    /** Parks while asked to; unwinds when told to stop. Nothing pending: one volatile read. */
    void check() {
        int reasons = pending;
        if (reasons != 0 && (reasons & ENDING) == 0) {
            requireStack();
            pass(1);
        }
    }

    /** Enters a region: a check that goes idle under the same hold of the monitor. */
    void enterRegion(String wmesg) {
        if ((pending & ENDING) != 0) {
            return; // a handler of the end: nobody counts it as parked
        }
        requireStack(); // also for leaving it
        boolean dead;
        synchronized (this) {
            still++;
            park();
            dead = (pending & NO_MORE) != 0;
            if (dead) {
                leaveIdle();
            } else {
                regions++;
                interruptible = true;
                wmesg(wmesg, clock.nanoTime());
            }
        }
        payInterrupt();
        if (dead) {
            throw unwinding();
        }
    }

    /** Leaves a region: waits for resume. After a stop it throws, in place of whatever the region threw. */
    void leaveRegion(@Nullable String outer) {
        if ((pending & ENDING) != 0) {
            return;
        }
        boolean dead;
        synchronized (this) {
            park();
            regions--;
            interruptible = regions > 0;
            dead = leaveIdle();
            wmesg(outer, clock.nanoTime());
            if (interrupted && regions == 0) {
                takeBackInterrupt(); // ours: it has done its work
            }
        }
        payInterrupt();
        if (dead) {
            throw unwinding();
        }
    }

    /** The thread has called exit. In a region it may have answered an ask: then it comes to its end after resume. */
    void exiting() {
        synchronized (this) {
            if (still > 0) {
                park();
            }
            pending |= EXITING; // under the monitor, like every write
        }
        payInterrupt();
    }

    /** The body has ended: from here on handlers and closers run, and no stop interrupts them. */
    synchronized void ending() {
        pending |= ENDING; // under the monitor, like every write
        takeBackInterrupt();
    }

    /** Clears the interrupt of a stop: not before it has come, or what runs next would meet it. */
    @GuardedBy("this")
    private void takeBackInterrupt() {
        while (interrupting) {
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                // it has come
            }
        }
        Thread.interrupted();
        owed = false; // also if it came while the thread was parked
    }

    /** The last thing a thread does. */
    synchronized void gone() {
        wmesg(null, clock.nanoTime());
        gone = true;
        host = null;
        answer(Verdict.EXITED);
    }

    synchronized boolean isGone() {
        return gone;
    }

    /** When it had ended; -1: it has not. */
    synchronized long goneAt() {
        return gone ? since() : -1;
    }

    /** An interrupt that a wait could not end by is set again. */
    private void payInterrupt() {
        if (owed) {
            owed = false;
            Thread.currentThread().interrupt();
        }
    }

    /* ---- The daemon asleep: see Sleeper. ---- */

    @Override
    public synchronized int await(int kind, long deadline) {
        interruptible = kind != 0;
        catching = (kind & (CATCH | SUSPENDABLE)) == CATCH && (pending & ENDING) == 0;
        if ((kind & SUSPENDABLE) != 0 && (pending & ENDING) == 0) {
            still++;
            if ((pending & NO_MORE) == 0) {
                answer(Verdict.SUSPENDED);
            }
        }
        while (!awake && !mustEnd()) {
            if (clock.nanoTime() >= deadline) {
                return TIMEOUT;
            }
            if (catching && inForce != null) {
                return Thread.interrupted() ? INTERRUPT : 0;
            }
            try {
                clock.await(this, deadline);
            } catch (InterruptedException e) {
                if ((kind & CATCH) != 0) {
                    return INTERRUPT;
                }
                owed = true;
            }
        }
        return awake ? WOKEN : 0;
    }

    /** Whether a stop, or an exit, ends a sleep. */
    @GuardedBy("this")
    private boolean mustEnd() {
        return (pending & NO_MORE) != 0 && (pending & ENDING) == 0;
    }

    @Override
    public int settle(int kind, boolean woken, int ended) {
        int reasons = ended;
        synchronized (this) {
            owed |= woken && awaitWaker(clock);
            awake = false;
            catching = false;
            interruptible = regions > 0;
            boolean ending = (pending & ENDING) != 0;
            boolean suspendable = (kind & SUSPENDABLE) != 0 && !ending;
            if (suspendable) {
                park();
            }
            boolean stop = (pending & NO_MORE) != 0 && !ending;
            boolean dead;
            if (suspendable) {
                dead = leaveIdle();
            } else {
                dead = stop && told;
                told = told || (stop && !woken);
            }
            reasons |= stop ? STOP : 0;
            reasons |= dead ? DEAD : 0;
        }
        if (ended == INTERRUPT && (woken || (reasons & STOP) != 0)) {
            owed = true;
        }
        payInterrupt();
        return reasons;
    }

    /** Its own: the thread may sleep on a channel of another kernel, where it is another time. */
    @Override
    public KernelClock clock(KernelClock channel) {
        return clock;
    }

    @Override
    public Error unwinding() {
        return new Unwinding();
    }
}
