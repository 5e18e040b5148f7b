package org.kthread.shutdown;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.shutdown.PhaseRunner.Ended;
import org.kthread.shutdown.PhaseRunner.Worker;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Unsynced;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;

/**
 * Brings the sync targets to disk, in rounds: as long as a round makes progress there is another; twenty without any and it
 * gives up. The console's lines are the kernel's.
 */
final class BufSync {
    /*
     * The coordinator runs this; what is a target's runs on a worker. A target that does not return in its share of the time
     * is left to it, and the others get theirs. It may come back as long as the phase lasts.
     */
    private static final int ROUNDS = 20;
    private static final long NAP = 50_000_000L;

    private final KernelClock clock;
    private final PhaseRunner runner;
    private final Consumer<String> console;
    private final long deadline;
    private final BooleanSupplier cancelled;
    private final List<Turn> turns = new ArrayList<>();

    /** One target, and how it does. Written by the coordinator; what a worker finds out is read when it is done. */
    private final class Turn {
        final SyncTarget target;
        final long began = clock.nanoTime();
        volatile String name;
        volatile long remaining = -1; // unknown
        long took;

        @Nullable
        Worker busy; // does not return

        long busySince;

        @Nullable
        Throwable failure; // the first

        @Nullable
        Ended last;

        Turn(SyncTarget target) {
            this.target = target;
            this.name = target instanceof FunctionTarget
                    ? target.name()
                    : target.getClass().getName();
        }

        void run(Action action, long until) {
            busySince = clock.nanoTime();
            busy = runner.begin(action);
            if (busy == null) {
                over(PhaseRunner.runHere(action));
            } else if (busy.await(until)) {
                over(runner.end(busy));
            }
        }

        /** Whether it returns by then. */
        boolean returns(long until) {
            if (busy != null && busy.await(until)) {
                over(runner.end(busy));
            }
            return busy == null;
        }

        void over(Ended ended) {
            busy = null;
            last = ended;
            took += clock.nanoTime() - busySince;
            Throwable thrown = ended.failure();
            if (failure == null) {
                failure = thrown;
            } else if (thrown != null && thrown != failure) {
                failure.addSuppressed(thrown);
            }
        }

        void sync() throws Exception {
            ask();
            target.sync();
        }

        /** Its name; a target that breaks its promise, or cannot tell, is synced all the same. */
        private void ask() {
            try {
                String told = target.name();
                name = told == null ? name : told;
            } catch (RuntimeException | Error e) {
                // it keeps the name of its class
            }
        }

        void count() {
            remaining = -1; // as long as it does not say
            remaining = Math.max(0, target.remaining());
        }

        /** One that does not say, or does not return, has something left. */
        long left() {
            long known = remaining;
            boolean returned = busy == null && (last == null || !last.abandoned());
            return known < 0 ? 1 : returned ? known : Math.max(1, known);
        }

        Result result() {
            if (last == null) {
                return Result.NOT_RUN;
            }
            return last.abandoned() ? Result.ABANDONED : failure != null ? Result.FAILED : Result.DONE;
        }
    }

    BufSync(
            KernelClock clock,
            PhaseRunner runner,
            List<SyncTarget> targets,
            Consumer<String> console,
            long deadline,
            BooleanSupplier cancelled) {
        this.clock = clock;
        this.runner = runner;
        this.console = console;
        this.deadline = deadline;
        this.cancelled = cancelled;
        targets.forEach(target -> turns.add(new Turn(target)));
    }

    void run() {
        syncAll();
        StringBuilder counts = new StringBuilder();
        long before = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS && goesOn(); round++) {
            long busy = countAll();
            if (busy == 0) {
                break;
            }
            counts.append(busy).append(' ');
            if (busy < before) {
                round = 0;
            }
            before = busy;
            syncAll();
            nap(NAP * round);
            if (round == ROUNDS - 1 && lateOneReturns()) {
                round = 0;
            }
        }
        tell(counts.toString(), countAll());
        for (Turn turn : turns) {
            if (turn.busy != null) {
                turn.over(runner.end(turn.busy));
            }
        }
    }

    private void tell(String counts, long busy) {
        if (!counts.isEmpty()) {
            console.accept("Syncing disks, buffers remaining... " + counts);
        }
        if (busy > 0) {
            console.accept("Giving up on " + busy + " buffers");
        } else {
            console.accept(counts.isEmpty() ? "All buffers synced." : "Final sync complete");
        }
    }

    private boolean goesOn() {
        return clock.nanoTime() < deadline && !cancelled.getAsBoolean();
    }

    private void syncAll() {
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (goesOn() && turn.returns(0)) {
                turn.run(turn::sync, share(turns.size() - i));
            }
        }
    }

    /** How much is left of all targets. */
    private long countAll() {
        long busy = 0;
        for (int i = 0; i < turns.size(); i++) {
            Turn turn = turns.get(i);
            if (goesOn() && turn.returns(0)) {
                turn.run(turn::count, share(turns.size() - i));
            }
            busy += Math.min(turn.left(), Long.MAX_VALUE - busy); // as much as a number holds
        }
        return busy;
    }

    /** Nobody else makes progress: those that have not returned have all the time that is left, until the first of them does. */
    private boolean lateOneReturns() {
        while (goesOn() && turns.stream().anyMatch(turn -> turn.busy != null)) {
            for (Turn turn : turns) {
                if (turn.busy != null && turn.returns(0)) {
                    return true;
                }
            }
            nap(NAP);
        }
        return false;
    }

    /** Until when the first of so many may run. */
    private long share(int targets) {
        long now = clock.nanoTime();
        return now + Math.max(0, deadline - now) / targets;
    }

    private void nap(long nanos) {
        long end = Math.min(deadline, clock.nanoTime() + nanos);
        synchronized (this) {
            while (clock.nanoTime() < end) {
                try {
                    clock.await(this, end);
                } catch (InterruptedException e) {
                    // nobody has a reason to interrupt the coordinator: it goes on
                }
            }
        }
    }

    /** Writes down what came of each. */
    void tell(Ledger ledger) {
        List<Unsynced> left = new ArrayList<>();
        for (Turn turn : turns) {
            List<StackTraceElement> stack = turn.last == null ? List.of() : turn.last.stack();
            ledger.addRun("sync " + turn.name, turn.began, turn.took, turn.result(), turn.failure, stack);
            long remaining = turn.left();
            if (remaining > 0) {
                left.add(new Unsynced(turn.name, remaining));
            }
        }
        ledger.unsynced(left);
    }
}
