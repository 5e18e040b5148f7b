package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.proc.Kthread;
import org.kthread.proc.Proc;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.SuspendRequest;
import org.kthread.proc.Verdict;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/**
 * A handler that suspends a daemon for the shutdown ({@code kproc_shutdown}, {@code kthread_shutdown}): register it with {@link
 * ShutdownEvents#preSync}. The daemon stays suspended, whoever resumes it, until it is stopped.
 *
 * <p>When the first such handler of a priority is reached, all of that priority ask, and each waits in its turn, up to one
 * common deadline: many stuck daemons cost the time of one.
 *
 * <p>A daemon that deregisters its own handler, as it ends or for good, uses {@link EventTag#deregisterNowait}: the handler may
 * be waiting for this very daemon.
 *
 * <p><b>Differences from BSD.</b> The wait is part of the budget of the shutdown, not 60 seconds for each. The line appears
 * whole, when the wait is over. For what is no kernel process the line ends with "done", as in BSD, and the report tells the
 * error.
 *
 * @see <a href="https://man.freebsd.org/kproc_shutdown/9">kproc_shutdown(9)</a>
 */
public final class KprocShutdown implements EventHandler<Howto> {
    /*
     * Everyone who is alone has a wait of his own, as the shutdown has; one request of theirs stays in force.
     *
     * Locking key: (f) final; (m) this monitor; (w) the wait's monitor; (v) volatile.
     */
    /** {@code kern.shutdown.kproc_shutdown_wait}: for who invokes this outside of a shutdown. */
    private static final Duration ALONE = Duration.ofSeconds(60);

    private final Proc proc; // (f)
    private final @Nullable Kthread thread; // (f)

    @GuardedBy("this")
    private @Nullable Wait wait; // (m) the shutdown's last; null: there was none, or it was taken back

    @GuardedBy("this")
    private @Nullable SuspendRequest alone; // (m) what the last who was alone has left in force

    @GuardedBy("this")
    private boolean inTurn; // (m) a turn of the shutdown's has begun, and what came of it is not yet told

    /** What was asked, until when the answer is waited for, and what came of it. */
    private static final class Wait {
        final @Nullable SuspendRequest request; // (f)
        final @Nullable KernelException refused; // (f)
        final Terms terms; // (f)
        volatile @Nullable SuspendOutcome outcome; // (v) by who waited

        @GuardedBy("this")
        private boolean said; // (w) the line of this turn is written

        Wait(@Nullable SuspendRequest request, @Nullable KernelException refused, Terms terms) {
            this.request = request;
            this.refused = refused;
            this.terms = terms;
        }

        synchronized void beginTurn() {
            said = false;
        }

        /** Whether the line is the caller's to write. */
        synchronized boolean mayWrite() {
            boolean first = !said;
            said = true;
            return first;
        }
    }

    /** What the shutdown gives: a common deadline, and where to write. Without a clock: a wait of its own. */
    record Terms(@Nullable KernelClock clock, long deadline, Duration most, Panic panic, Consumer<String> console) {
        static Terms of(KernelClock clock, long deadline, Panic panic, Consumer<String> console) {
            return new Terms(clock, deadline, left(clock, deadline), panic, console);
        }

        static Terms alone() {
            return new Terms(
                    null,
                    0,
                    ALONE,
                    new Panic(),
                    line -> System.getLogger("org.kthread.console").log(System.Logger.Level.INFO, line));
        }

        boolean isAlone() {
            return clock == null;
        }

        /** What the line tells: a limit that is true. */
        long seconds() {
            long whole = most.toSeconds();
            return most.toNanosPart() == 0 || whole == Long.MAX_VALUE ? whole : whole + 1;
        }

        Duration left() {
            return clock == null ? most : left(clock, deadline);
        }

        private static Duration left(KernelClock clock, long deadline) {
            return deadline == KernelClock.NEVER
                    ? KernelClock.FOREVER
                    : Duration.ofNanos(Math.max(0, deadline - clock.nanoTime()));
        }
    }

    private KprocShutdown(Proc proc, @Nullable Kthread thread) {
        this.proc = proc;
        this.thread = thread;
    }

    /**
     * Suspends every thread of a process.
     *
     * @param proc the daemon
     * @return the handler
     */
    public static KprocShutdown of(Proc proc) {
        return new KprocShutdown(Objects.requireNonNull(proc, "proc"), null);
    }

    /**
     * Suspends one thread.
     *
     * @param thread the daemon's thread
     * @return the handler
     */
    public static KprocShutdown of(Kthread thread) {
        return new KprocShutdown(Objects.requireNonNull(thread, "thread").proc(), thread);
    }

    /** Asks for the shutdown, if that was not done before. */
    synchronized void ask(Terms terms) {
        if (wait == null) {
            wait = begin(terms);
        }
    }

    private Wait begin(Terms terms) {
        try {
            return new Wait(thread == null ? proc.ask("shutdown") : thread.ask("shutdown"), null, terms);
        } catch (KernelException e) {
            return new Wait(null, e, terms);
        }
    }

    @Override
    public void handle(Howto howto) throws InterruptedException {
        Objects.requireNonNull(howto, "howto");
        Wait asked = beginTurn();
        SuspendRequest request = asked.request;
        if (request == null) {
            say(asked, "done");
            throw Objects.requireNonNull(asked.refused);
        }
        SuspendOutcome outcome;
        try {
            outcome = await(request, asked.terms);
        } catch (InterruptedException e) {
            if (asked.terms.isAlone() && !PhaseRunner.isRunner()) {
                request.withdraw(); // a handler of a shutdown's that is given up leaves its daemon still
            }
            throw e;
        }
        if (asked.terms.isAlone()) {
            keep(request);
        }
        if (outcome != null) {
            asked.outcome = outcome;
            say(asked, end(outcome));
        }
    }

    /** A turn of the shutdown's, or of who is alone. */
    private synchronized Wait beginTurn() {
        if (wait == null) {
            return begin(Terms.alone());
        }
        inTurn = true;
        wait.beginTurn();
        return wait;
    }

    /** Leaves this in force, in the place of what was left before. */
    private void keep(SuspendRequest request) {
        SuspendRequest before;
        synchronized (this) {
            before = alone;
            alone = request;
        }
        if (before != null) {
            before.withdraw();
        }
    }

    private static String end(SuspendOutcome outcome) {
        return outcome.verdict() == Verdict.TIMED_OUT ? "timed out" : "done";
    }

    /** Writes the line of this turn, whoever comes first with it: the handler, or who has given it up. */
    private void say(Wait asked, String end) {
        if (asked.mayWrite()) {
            Terms terms = asked.terms;
            terms.console.accept("Waiting (max " + terms.seconds() + " seconds) for system "
                    + (thread == null ? "process" : "thread") + " `" + name() + "' to stop... " + end);
        }
    }

    /** The outcome; null if the kernel panicked before or meanwhile: then nobody waits, and nothing is said. */
    private static @Nullable SuspendOutcome await(SuspendRequest request, Terms terms) throws InterruptedException {
        if (!terms.panic.beginWait()) {
            return null;
        }
        try {
            request.awaitAnswer(terms.left());
        } catch (InterruptedException e) {
            if (terms.panic.isDeclared()) {
                return null;
            }
            throw e;
        } finally {
            terms.panic.endWait(); // before handlers of kproc_hung run, whom a panic does not interrupt
        }
        return request.outcome(!terms.most.isZero());
    }

    private synchronized Wait asked() {
        return Objects.requireNonNull(wait);
    }

    /** Whether a shutdown has asked, and not taken it back. */
    synchronized boolean isAsked() {
        return wait != null;
    }

    /** Whether a turn has begun, and is not yet told. */
    synchronized boolean isInTurn() {
        return inTurn;
    }

    private synchronized void endTurn() {
        inTurn = false;
    }

    /** Takes back what the shutdown has asked: the turn will not come. */
    void withdraw() {
        Wait asked;
        synchronized (this) {
            asked = asked();
            wait = null;
        }
        if (asked.request != null) {
            asked.request.withdraw();
        }
    }

    /** Writes down what came of it. */
    void tell(Ledger ledger) {
        endTurn();
        Wait asked = asked();
        SuspendRequest request = asked.request;
        if (request != null) {
            SuspendOutcome outcome = asked.outcome;
            if (!asked.terms.panic.isDeclared()) {
                // None given: nobody has waited for it, or a handler of kproc_hung has not returned.
                outcome = outcome == null ? request.outcome(false) : outcome;
                say(asked, end(outcome));
            }
            ledger.suspended(this, request, outcome);
        }
    }

    Proc proc() {
        return proc;
    }

    String name() {
        return thread == null ? proc.comm() : thread.comm();
    }

    @Override
    public String toString() {
        return "kproc_shutdown " + name();
    }
}
