package org.kthread.proc;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.Sleeper;

/**
 * The side of those who ask: suspend, resume, hold, quiesce and stop, of processes and of threads. What they ask for is done at
 * the {@link SuspendGate} of each thread.
 */
final class Requests {
    /*
     * Requests are entered under the lock of the table, so that no thread is added, and none goes, unasked. Nothing waits under
     * it: the answers are waited for at the gates, one after another, up to one deadline.
     */
    private final ProcTable table;
    private final Set<Thread> telling =
            Collections.newSetFromMap(new IdentityHashMap<>(1)); // (p) inside the handlers of kproc_hung

    Requests(ProcTable table) {
        this.table = table;
    }

    /* ---- Suspend. ---- */

    SuspendRequest ask(Proc proc, @Nullable Kthread thread, @Nullable String owner) {
        Names.requireOwner(owner);
        requireKproc(proc, "suspend");
        requireOther(proc, "suspend");
        Sleeper.requireStack();
        synchronized (table.lock) {
            SuspendRequest request = new SuspendRequest(proc, thread, owner);
            try {
                request.enter();
            } catch (Throwable t) {
                request.withdraw(); // nobody else could
                throw t;
            }
            return request;
        }
    }

    /** Puts a request of a hold's in force; the hold knows it before, and can take it back. The lock of the table is held. */
    void enter(Suspension hold, Proc proc) {
        assert Thread.holdsLock(table.lock);
        SuspendRequest request = new SuspendRequest(proc, null, hold.owner());
        hold.add(request);
        request.enter();
    }

    /** Waits for the answer; a suspender that is interrupted, or fails, withdraws. */
    SuspendOutcome suspend(Proc proc, @Nullable Kthread thread, Duration timo) throws InterruptedException {
        long deadline = table.clock.deadline(timo);
        SuspendRequest request = ask(proc, thread, null);
        try {
            awaitAnswer(request, deadline);
            SuspendOutcome outcome = outcome(request, !timo.isZero());
            keepOne(request);
            return outcome;
        } catch (Throwable t) {
            request.withdraw(); // nobody else could
            throw t;
        }
    }

    /** What is over stays in force, until a resume; but one is as good as many, and many would pile up. */
    private void keepOne(SuspendRequest request) {
        synchronized (table.lock) {
            if (request.hasAnotherArmed()) {
                request.withdraw();
            } else {
                request.arm();
            }
        }
    }

    void awaitAnswer(SuspendRequest request, long deadline) throws InterruptedException {
        String before = beginWait(request.wmesg(), request.proc());
        try {
            request.awaitVerdicts(deadline);
        } finally {
            endWait(before);
        }
    }

    SuspendOutcome outcome(SuspendRequest request, boolean waited) {
        List<Kthread> silent = request.silent(); // looked at once: an answer may come any time
        Verdict verdict = silent.isEmpty() ? request.verdict() : Verdict.TIMED_OUT;
        List<Diagnosis> stuck = HostInfo.diagnose(silent, Integer.MAX_VALUE);
        tellHung(stuck, waited);
        return new SuspendOutcome(verdict, stuck);
    }

    ResumeOutcome resume(Proc proc, @Nullable Kthread thread) {
        requireKproc(proc, "resume");
        List<String> owners = new ArrayList<>();
        boolean gone = proc != table.proc0 || thread != null;
        synchronized (table.lock) {
            if (thread == null) {
                proc.requests = CopiedList.without(proc.requests, request -> request.owner() == null);
            }
            for (Kthread each : thread == null ? proc.threads.copy() : List.of(thread)) {
                List<SuspendGate.Ask> left = each.gate.withdrawOwnerless(thread != null);
                gone &= left == null;
                if (left != null) {
                    left.forEach(ask -> addOwner(owners, ask));
                }
            }
        }
        ResumeOutcome.Kind kind = gone
                ? ResumeOutcome.Kind.EXITED
                : owners.isEmpty() ? ResumeOutcome.Kind.RUNNING : ResumeOutcome.Kind.STILL_HELD;
        return new ResumeOutcome(kind, gone ? List.of() : List.copyOf(owners));
    }

    private static void addOwner(List<String> owners, SuspendGate.Ask ask) {
        String owner = ask.owner == null ? "a suspend of its process" : ask.owner;
        if (!owners.contains(owner)) {
            owners.add(owner);
        }
    }

    /** Holds these, or nothing. */
    Suspension hold(String owner, List<Proc> procs, Duration timo) throws InterruptedException {
        return hold(owner, procs, table.clock.deadline(timo));
    }

    private Suspension hold(String owner, List<Proc> procs, long deadline) throws InterruptedException {
        for (Proc proc : procs) {
            requireKproc(proc, "hold");
            requireOther(proc, "hold");
        }
        Suspension hold = newHold(owner);
        return awaitQuiet(hold, deadline, () -> {
            for (Proc proc : procs) {
                enter(hold, proc);
            }
        });
    }

    /** Holds what is chosen; null: all but the caller's own, and what is created while the hold lasts. */
    Suspension quiesce(String owner, @Nullable Predicate<? super Proc> which, Duration timo)
            throws InterruptedException {
        long deadline = table.clock.deadline(timo);
        if (which != null) {
            List<Proc> chosen = table.kprocs();
            chosen.removeIf(which.negate());
            return hold(owner, chosen, deadline);
        }
        Suspension hold = newHold(owner);
        Proc own = curproc();
        return awaitQuiet(hold, deadline, () -> {
            table.standing.add(hold);
            for (Proc proc : table.kprocs()) {
                if (proc != own) {
                    enter(hold, proc);
                }
            }
        });
    }

    private Suspension newHold(String owner) {
        Sleeper.requireStack();
        Proc own = CurrentThread.get() instanceof Kthread me ? me.proc : null; // of whatever kernel
        Names.requireOwner(Objects.requireNonNull(owner, "owner"));
        Suspension hold = new Suspension(table, owner, own);
        if (own != null) {
            synchronized (own.table.lock) {
                own.taken = CopiedList.plus(own.taken, hold);
            }
        }
        return hold;
    }

    /** Asks, and waits for the answers. Whatever comes in between: either all are quiet, or nothing is held. */
    private Suspension awaitQuiet(Suspension hold, long deadline, Runnable ask) throws InterruptedException {
        boolean quiet = false;
        List<Kthread> silent = new ArrayList<>();
        List<Diagnosis> refusers = List.of();
        int asked = 0;
        try {
            synchronized (table.lock) {
                ask.run();
            }
            String before = beginWait("suspkp", null);
            try {
                for (SuspendRequest request = hold.get(0); request != null; request = hold.get(asked)) {
                    request.awaitVerdicts(deadline);
                    silent.addAll(request.silent());
                    asked++;
                }
            } finally {
                endWait(before);
            }
            quiet = silent.isEmpty();
            if (!quiet) {
                refusers = HostInfo.diagnose(silent, 50);
            }
        } finally {
            if (!quiet) {
                hold.withdraw(); // where newHold found room
            }
        }
        if (quiet) {
            return hold;
        }
        tellHung(refusers, true);
        throw new SuspendRefusedException(hold.owner(), asked, refusers);
    }

    /** Runs the handlers of kproc_hung, unless nobody has waited: who asks and does not wait expects no answer. */
    private void tellHung(List<Diagnosis> stuck, boolean waited) {
        if (waited && !stuck.isEmpty() && tells(true)) {
            try {
                stuck.forEach(each -> table.invoke(table.events.kprocHung(), each));
            } finally {
                tells(false);
            }
        }
    }

    /** A handler that stops, in vain, what hangs is not told of that as well, or it would never come to an end. */
    private boolean tells(boolean begins) {
        synchronized (table.lock) {
            return begins ? telling.add(Thread.currentThread()) : telling.remove(Thread.currentThread());
        }
    }

    /* ---- Stop. ---- */

    StopOutcome stop(Proc proc, @Nullable List<Kthread> some, Duration timo) throws InterruptedException {
        requireKproc(proc, "stop");
        requireOther(proc, "stop");
        if (proc == table.proc0 && some == null) {
            throw new KernelException(Errno.EINVAL, "stop of process 0, which never ends; stop its threads");
        }
        long deadline = table.clock.deadline(timo);
        List<Kthread> targets = some == null ? tell(proc) : some;
        targets.forEach(Kthread::tellStop);
        String before = beginWait("stopkp", proc);
        List<Kthread> left;
        try {
            left = Stopping.await(table.clock, targets, deadline);
        } finally {
            endWait(before);
        }
        List<Diagnosis> stuck = HostInfo.diagnose(left, Integer.MAX_VALUE);
        tellHung(stuck, !timo.isZero());
        return new StopOutcome(stuck.isEmpty() ? Verdict.EXITED : Verdict.TIMED_OUT, stuck);
    }

    /** Whom a stop of a process reaches; it takes no more threads. */
    List<Kthread> tell(Proc proc) {
        synchronized (table.lock) {
            proc.exiting |= proc != table.proc0;
            return proc.threads.copy();
        }
    }

    /* ---- For all of the above. ---- */

    private @Nullable Kthread curthread() {
        return CurrentThread.get() instanceof Kthread me && me.proc.table == table ? me : null;
    }

    private @Nullable Proc curproc() {
        Kthread me = curthread();
        return me == null ? null : me.proc;
    }

    private static void requireKproc(Proc proc, String what) {
        if (!proc.isKproc()) {
            throw new KernelException(Errno.EINVAL, what + " of " + proc + ", which is no kernel process");
        }
    }

    void requireOther(Proc proc, String what) {
        if (curproc() == proc) {
            throw new KernelException(
                    Errno.EDEADLK,
                    what + " of " + proc
                            + " by a thread of its own, which would wait for itself; let another process do it");
        }
    }

    /** A wait for something of a process's. */
    interface Wait<T> {
        T await() throws InterruptedException;
    }

    /** Waits, and says so meanwhile, if the caller is a kernel thread. */
    <T> T waiting(String wmesg, Proc on, Wait<T> wait) throws InterruptedException {
        String before = beginWait(wmesg, on);
        try {
            return wait.await();
        } finally {
            endWait(before);
        }
    }

    /** Says what the calling kernel thread waits for; tells what it said before. */
    private @Nullable String beginWait(String wmesg, @Nullable Proc on) {
        Kthread me = curthread();
        String before = null;
        if (me != null) {
            before = me.gate.wmesg();
            me.waitsFor = on == null ? "a quiesce" : "process `" + on.comm() + "' (pid " + on.pid() + ")";
            me.gate.wmesg(wmesg, table.clock.nanoTime());
        }
        return before;
    }

    private void endWait(@Nullable String before) {
        Kthread me = curthread();
        if (me != null) {
            me.waitsFor = null;
            me.gate.wmesg(before, table.clock.nanoTime());
        }
    }
}
