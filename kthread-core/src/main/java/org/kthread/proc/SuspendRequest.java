package org.kthread.proc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.KernelException;

/**
 * One request that a process, or one thread, be still. Suspend, hold, quiesce and the shutdown are made of these.
 *
 * <p>It is in force from the moment it is made until it is withdrawn; without owner, anybody's {@code resume} withdraws it.
 * It has one answer, and the first one stays. Any thread may call any method.
 */
public final class SuspendRequest {
    /*
     * Each thread of the target has an ask of its own at its gate; the threads added later get theirs when they are added.
     *
     * Locking key: (f) final; (p) the lock of the process table.
     */
    private final Proc proc; // (f)
    private final @Nullable Kthread thread; // (f) null: the whole process
    private final @Nullable String owner; // (f)
    private final long asked; // (f)
    private final List<Given> given = new ArrayList<>(1); // (p)

    private boolean armed; // (p)

    /** What one thread was asked. */
    private record Given(Kthread thread, Ask ask) {
        @Nullable
        Verdict verdict() {
            return thread.gate.verdict(ask);
        }
    }

    SuspendRequest(Proc proc, @Nullable Kthread thread, @Nullable String owner) {
        this.proc = proc;
        this.thread = thread;
        this.owner = owner;
        this.asked = proc.table.clock.nanoTime();
    }

    /**
     * Whom it asks.
     *
     * @return the process
     */
    public Proc proc() {
        return proc;
    }

    /**
     * Who asks.
     *
     * @return null: anybody's resume ends it
     */
    public @Nullable String owner() {
        return owner;
    }

    /**
     * Waits for the answer. The request stays in force, whatever comes of it.
     *
     * @param timo how long to wait
     * @return the outcome; with where it is stuck, when the time is over
     * @throws InterruptedException if interrupted without an answer
     * @throws KernelException EDEADLK to a thread of the process that is asked
     */
    public SuspendOutcome await(Duration timo) throws InterruptedException {
        awaitAnswer(timo);
        return outcome(!timo.isZero());
    }

    /**
     * Waits for the answer, as {@link #await}, and asks nobody what is in the way: nothing of a program's runs meanwhile.
     *
     * @param timo how long to wait
     * @throws InterruptedException if interrupted without an answer
     * @throws KernelException EDEADLK to a thread of the process that is asked
     */
    public void awaitAnswer(Duration timo) throws InterruptedException {
        long deadline = proc.table.clock.deadline(timo);
        proc.table.requests.requireOther(proc, "await of a request to suspend");
        proc.table.requests.awaitAnswer(this, deadline);
    }

    /**
     * What has come of it by now; with where it is stuck, as long as there is no answer.
     *
     * @param waited whether somebody has waited for the answer: then {@code kproc_hung} is told of what is stuck
     * @return the outcome
     */
    public SuspendOutcome outcome(boolean waited) {
        return proc.table.requests.outcome(this, waited);
    }

    /**
     * The answer so far.
     *
     * @return {@link Verdict#TIMED_OUT} while there is none
     */
    public Verdict verdict() {
        boolean suspended = false;
        boolean resumed = false;
        for (Given one : copy()) {
            Verdict verdict = one.verdict();
            if (verdict == null) {
                return Verdict.TIMED_OUT;
            }
            suspended |= verdict == Verdict.SUSPENDED;
            resumed |= verdict == Verdict.RESUMED;
        }
        return resumed ? Verdict.RESUMED : suspended ? Verdict.SUSPENDED : Verdict.EXITED;
    }

    /**
     * When it was made.
     *
     * @return nanoseconds of the kernel's clock
     */
    public long asked() {
        return asked;
    }

    /**
     * When the last thread answered.
     *
     * @return nanoseconds of the kernel's clock; -1 as long as one has not
     */
    public long answered() {
        long last = asked;
        for (Given one : copy()) {
            if (one.verdict() == null) {
                return -1;
            }
            last = Math.max(last, one.thread.gate.answered(one.ask));
        }
        return last;
    }

    /** Takes the request back. Doing so twice is harmless. */
    public void withdraw() {
        synchronized (proc.table.lock) {
            // First, and without any memory: nobody stays suspended for want of it.
            for (int i = 0; i < given.size(); i++) {
                Given one = given.get(i);
                one.thread.gate.withdraw(one.ask);
            }
            proc.requests = CopiedList.without(proc.requests, request -> request == this);
        }
    }

    /** Comes in force. Should this fail in the middle, a withdrawal undoes it. The lock of the table is held. */
    void enter() {
        assert Thread.holdsLock(proc.table.lock);
        if (thread != null) {
            include(thread);
        } else {
            proc.requests = CopiedList.plus(proc.requests, this);
            proc.threads.forEach(this::include);
        }
    }

    /** It is left in force by who made it: nothing but a resume ends it. The lock of the table is held. */
    void arm() {
        assert Thread.holdsLock(proc.table.lock);
        armed = true;
        given.forEach(one -> one.ask.armed = true);
    }

    /** Whether another one like this is in force, and armed. The lock of the table is held. */
    boolean hasAnotherArmed() {
        assert Thread.holdsLock(proc.table.lock);
        if (thread == null) {
            return proc.requests.stream().anyMatch(other -> other.armed);
        }
        return thread.gate.asks().stream().anyMatch(ask -> ask.ofThread && ask.armed);
    }

    /** Asks one more thread. The lock of the table is held. */
    void include(Kthread added) {
        assert Thread.holdsLock(proc.table.lock);
        Ask ask = new Ask(owner, thread != null, proc.table.clock.nanoTime());
        given.add(new Given(added, ask));
        try {
            added.gate.add(ask);
        } catch (Throwable t) {
            added.gate.withdraw(ask);
            given.remove(given.size() - 1); // or it would never have an answer: the thread is not to be
            throw t;
        }
    }

    /** Waits until every thread has answered or the time is over. */
    void awaitVerdicts(long deadline) throws InterruptedException {
        for (int i = 0; ; i++) {
            Given one = get(i);
            if (one == null || one.thread.gate.await(one.ask, deadline) == null) {
                return;
            }
        }
    }

    private @Nullable Given get(int i) {
        synchronized (proc.table.lock) {
            return i < given.size() ? given.get(i) : null;
        }
    }

    private List<Given> copy() {
        synchronized (proc.table.lock) {
            return List.copyOf(given);
        }
    }

    /** The threads that have not answered. */
    List<Kthread> silent() {
        List<Kthread> silent = new ArrayList<>();
        for (Given one : copy()) {
            if (one.verdict() == null) {
                silent.add(one.thread);
            }
        }
        return silent;
    }

    /** What the asker tells {@code ps} it waits for. */
    String wmesg() {
        return thread == null ? "suspkp" : "suspkt";
    }

    @Override
    public String toString() {
        return "request of " + (owner == null ? "nobody" : owner) + " that " + (thread == null ? proc : thread)
                + " be still";
    }
}
