package org.kthread.proc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Schedules.Body;

/**
 * The gate once more, as short as it can be, with one bug planted in it or none. The numbers are those of {@code
 * docs/models/gate.pml}; from 100 on there is no such bug there.
 */
final class PlantedGate extends Sleeper implements Gate {
    static final int NO_BUG = 0;

    private static final int ASKED = 1;
    private static final int STOPPED = 2;

    private final KernelClock clock;
    private final int bug;
    private final List<Planted> inForce = new ArrayList<>();
    private volatile int pending;
    private int still;
    private int regions;
    private boolean gone;
    private boolean interrupting; // a stop is about to interrupt the host thread
    private boolean exits;
    private boolean unanswered;
    private boolean told;
    private @Nullable Thread host;

    PlantedGate(KernelClock clock, int bug) {
        this.clock = clock;
        this.bug = bug;
    }

    private final class Planted implements Request {
        final @Nullable String owner;

        @Nullable
        Verdict verdict;

        Planted(@Nullable String owner) {
            this.owner = owner;
        }

        @Override
        public @Nullable Verdict verdict() {
            synchronized (PlantedGate.this) {
                return verdict;
            }
        }

        @Override
        public boolean inForce() {
            synchronized (PlantedGate.this) {
                return inForce.contains(this);
            }
        }
    }

    /* ---- Those who ask. ---- */

    @Override
    public synchronized Request add(@Nullable String owner) {
        Planted ask = new Planted(owner);
        if (gone && bug != 31) {
            ask.verdict = Verdict.EXITED;
            return ask;
        }
        inForce.add(ask);
        pending |= ASKED; // under the monitor, like every write
        if (still > 0 && !gone && (!ends() || bug == 34)) {
            ask.verdict = Verdict.SUSPENDED;
        }
        if (bug != 39) {
            notifyAll();
        }
        return ask;
    }

    @Override
    public @Nullable Verdict await(Request request, long deadline) throws InterruptedException {
        Planted ask = (Planted) request;
        synchronized (this) {
            try {
                while (ask.verdict == null && clock.nanoTime() < deadline) {
                    clock.await(this, deadline);
                }
            } catch (InterruptedException e) {
                if (ask.verdict == null) {
                    if (bug != 21) {
                        withdraw(ask);
                    }
                    throw e;
                }
                Thread.currentThread().interrupt();
            }
            return ask.verdict;
        }
    }

    @Override
    public synchronized void withdraw(Request request) {
        Planted ask = (Planted) request;
        takeOut(ask);
        if (bug == 9) {
            List.copyOf(inForce).forEach(this::takeOut);
        }
        if (bug != 17) {
            notifyAll();
        }
    }

    private synchronized void takeOut(Planted ask) {
        inForce.remove(ask);
        if (ask.verdict == null || bug == 11) {
            ask.verdict = Verdict.RESUMED;
        }
        if (inForce.isEmpty()) {
            pending &= ~ASKED; // under the monitor, like every write
        }
    }

    @Override
    public synchronized void resume() {
        for (Planted ask : List.copyOf(inForce)) {
            if (ask.owner == null || bug == 8) {
                withdraw(ask);
            }
        }
    }

    @Override
    public synchronized boolean stop() {
        pending |= STOPPED; // under the monitor, like every write
        notifyAll();
        return regions > 0 && host != null;
    }

    @Override
    public void interrupt() {
        Thread target;
        synchronized (this) {
            target = host;
            if (target == null || regions == 0) {
                return;
            }
            interrupting = true;
        }
        target.interrupt();
        synchronized (this) {
            interrupting = false;
            notifyAll();
        }
    }

    @Override
    public synchronized boolean awaitGone(long deadline) throws InterruptedException {
        while (!gone && clock.nanoTime() < deadline) {
            clock.await(this, deadline);
        }
        return gone;
    }

    @Override
    public synchronized Request bearStopped() {
        if (bug == 19) {
            unanswered = true;
            return new Planted(null);
        }
        still++;
        return add(null);
    }

    /* ---- The daemon's side. ---- */

    private boolean ends() {
        return isStopped() || exits;
    }

    private boolean mustPark() {
        return !inForce.isEmpty() && (!ends() || bug == 12);
    }

    private void answer(Verdict verdict) {
        for (Planted ask : inForce) {
            if (ask.verdict == null || (bug == 10 && verdict == Verdict.EXITED)) {
                ask.verdict = verdict;
            }
        }
        if (!(bug == 7 && verdict == Verdict.EXITED)) {
            notifyAll();
        }
    }

    private void park(boolean once) {
        while (mustPark()) {
            answer(Verdict.SUSPENDED);
            waitForNews();
            if (once) {
                return;
            }
        }
    }

    private void waitForNews() {
        try {
            clock.await(this, KernelClock.NEVER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void bind(Thread thread) {
        host = thread;
    }

    @Override
    public void birth() {
        if (unanswered) {
            synchronized (this) {
                still++;
                add(null);
            }
        }
        pass(0, bug == 18);
    }

    @Override
    public void check() {
        if (pending != 0 || exits) {
            pass(1, bug == 2);
        }
    }

    private void pass(int more, boolean once) {
        boolean dead;
        synchronized (this) {
            still += more;
            park(once);
            dead = ends();
            still -= bug == 1 ? 0 : 1;
        }
        if (bug == 1) {
            synchronized (this) {
                still--;
            }
        }
        if (bug == 6) {
            int reasons = pending;
            pending = reasons & ~ASKED;
        }
        unwind(dead && bug != 13);
    }

    private static void unwind(boolean dead) {
        if (dead) {
            throw new Unwinding();
        }
    }

    @Override
    public void region(Body body) throws Throwable {
        if (bug == 36) {
            check();
        }
        synchronized (this) {
            still++;
            if (bug == 36) {
                answer(Verdict.SUSPENDED);
            } else {
                park(false);
                if (ends()) {
                    still--;
                    throw new Unwinding();
                }
            }
            regions++;
        }
        Throwable failure = null;
        try {
            body.run();
        } catch (Throwable t) {
            failure = t;
        }
        boolean dead;
        synchronized (this) {
            if (bug != 3 || failure == null) {
                park(false);
            }
            regions--;
            still--;
            dead = ends();
        }
        unwind(dead && (bug != 33 || failure == null));
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public synchronized void exiting() {
        if (still > 0 && bug != 42) {
            park(false);
        }
        exits = true;
    }

    @Override
    public synchronized void ending() {
        if (bug == 4) {
            gone();
        }
        while (interrupting) {
            waitForNews();
        }
        Thread.interrupted();
    }

    @Override
    public synchronized void gone() {
        gone = true;
        host = null;
        answer(Verdict.EXITED);
    }

    /* ---- The daemon asleep. ---- */

    private boolean hasReason(int kind) {
        return ends() || (kind == CATCH && !inForce.isEmpty());
    }

    @Override
    public int await(int kind, long deadline) {
        boolean seen = bug == 101 && hasReason(kind);
        synchronized (this) {
            if ((kind & SUSPENDABLE) != 0) {
                still++;
                if (!ends() && bug != 32) {
                    answer(Verdict.SUSPENDED);
                }
            }
            while (!awake && !(bug == 101 ? seen : hasReason(kind))) {
                if (clock.nanoTime() >= deadline) {
                    return TIMEOUT;
                }
                try {
                    clock.await(this, deadline);
                } catch (InterruptedException e) {
                    return INTERRUPT;
                }
                seen = hasReason(kind);
            }
            return 0;
        }
    }

    @Override
    public int settle(int kind, boolean woken, int ended) {
        synchronized (this) {
            awake = false;
            if ((kind & SUSPENDABLE) == 0) {
                boolean dead = ends() && told;
                told = told || (ends() && !woken);
                return ended | (ends() ? STOP : 0) | (dead ? DEAD : 0);
            }
            park(false);
            still--;
            return ended | (ends() ? STOP | DEAD : 0);
        }
    }

    @Override
    public boolean isSuspended() {
        synchronized (this) {
            return still > 0 && mustPark();
        }
    }

    @Override
    public Error unwinding() {
        return new Unwinding();
    }

    @Override
    public Sleeper sleeper() {
        return this;
    }

    /* ---- For those who look. ---- */

    @Override
    public synchronized List<Request> asked() {
        return List.copyOf(inForce);
    }

    @Override
    public synchronized boolean promised() {
        for (Planted ask : inForce) { // no stream: the checker would follow it at each step of the daemon
            if (ask.verdict == Verdict.SUSPENDED) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean isStopped() {
        return (pending & STOPPED) != 0;
    }

    @Override
    public synchronized boolean isGone() {
        return gone;
    }
}
