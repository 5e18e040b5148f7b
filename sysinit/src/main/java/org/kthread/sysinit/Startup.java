package org.kthread.sysinit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;
import org.kthread.proc.Proc;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Unwind;

/** A boot that runs: the loop of {@code mi_startup}. The booting thread makes and uses it. */
final class Startup {

    private final Boot boot;
    private final Kernel kernel;
    private final KernelClock clock;
    private final Thread booter = Thread.currentThread();
    private final Schedule schedule = new Schedule();
    private final List<Sysinit> incoming = new ArrayList<>();
    private final Rollback rollback;
    private final long origin;
    /** The end of the last step, and so the begin of the next: one look at the clock a step. */
    private long now;

    /** The step that runs. Other threads never come to read it: they are not {@link #booter}. */
    private @Nullable StepRun current;

    /** Accepts the steps, or refuses them as {@link Schedule#admit} does. Nothing runs yet. */
    Startup(Boot boot, Collection<Sysinit> steps) {
        this.boot = boot;
        this.kernel = boot.kernel();
        this.clock = kernel.clock();
        incoming.addAll(steps);
        admit();
        this.rollback = new Rollback(kernel, schedule.size());
        this.origin = clock.nanoTime();
        this.now = origin;
    }

    /** More steps, to be taken in when the step that runs has ended. */
    void add(Collection<Sysinit> steps) {
        if (Thread.currentThread() != booter || current == null) {
            throw new IllegalStateException(
                    "boot steps are added before the boot runs, or by one of its steps on the booting thread");
        }
        incoming.addAll(steps);
    }

    BootReport run(Duration budget, boolean undoAtShutdown) throws InterruptedException {
        List<EventTag<Proc>> extents = new ArrayList<>(2);
        try {
            extents.add(kernel.events().processCtor().register(this::created, EventList.PRI_FIRST));
            extents.add(kernel.events().processExit().register(this::ended, EventList.PRI_FIRST));
            rollback.register(); // what fails before this leaves no boot for the shutdown to wait for
            Schedule.Entry entry;
            while ((entry = schedule.next()) != null) {
                if (entry.dummy) {
                    schedule.done(entry);
                    continue;
                }
                if (kernel.rebooting()) {
                    int position = rollback.ran().size() + 1;
                    throw fail(entry.step, position, "was not started, because the kernel shuts down", null, budget);
                }
                Throwable failure = run(entry);
                if (failure != null) {
                    throw fail(entry.step, rollback.ran().size(), "failed", failure, budget);
                }
            }
            rollback.complete(undoAtShutdown, budget);
        } catch (Error e) {
            // No memory between two steps, or before the roll-back: all is taken back all the same.
            throw rollback.isRunning() ? ending(e, rollback.fail(budget)) : e;
        } finally {
            rollback.end();
            extents.forEach(EventTag::deregisterNowait);
        }
        return report(false);
    }

    /** Runs one step to its end. Returns why it failed, or null. */
    private @Nullable Throwable run(Schedule.Entry entry) {
        StepRun run = new StepRun(entry.step, now);
        rollback.began(run);
        Throwable failure = null;
        current = run;
        try {
            run.run(boot);
            if (rollback.booter().takeInterrupt()) {
                throw new InterruptedException("the booting thread was interrupted");
            }
            schedule.done(entry);
            admit();
        } catch (Throwable t) {
            failure = t;
            if (t instanceof InterruptedException) {
                booter.interrupt(); // until the roll-back takes it: there may be no memory before
            }
        }
        current = null;
        try {
            now = clock.nanoTime();
        } finally {
            run.end(now, failure); // also when there is no memory left: a step that stands is to be undone
        }
        return failure;
    }

    private void admit() {
        if (!incoming.isEmpty()) {
            schedule.admit(incoming);
            incoming.clear();
        }
    }

    /** On the thread of whoever creates a process: what the booting thread creates belongs to the step that it runs. */
    private void created(Proc proc) {
        if (Thread.currentThread() == booter && current != null) {
            current.created(proc);
        }
    }

    /**
     * On the thread of whoever ends a process: the booting thread ends one whose host thread the JVM has refused, and the step may
     * create another instead.
     */
    private void ended(Proc proc) {
        if (Thread.currentThread() == booter && current != null) {
            current.unborn(proc);
        }
    }

    private BootReport report(boolean stopped) {
        List<StepRun> ran = rollback.ran();
        BootReport.Step[] rows = new BootReport.Step[ran.size()];
        Duration begin = Duration.ZERO;
        for (int i = 0; i < rows.length; i++) {
            rows[i] = ran.get(i).report(origin, begin, stopped);
            begin = rows[i].end();
        }
        return new BootReport(List.of(rows), schedule.size(), Duration.ofNanos(clock.nanoTime() - origin));
    }

    /** Ends the boot. All is taken back when this throws, or returns what is to be thrown. */
    private BootException fail(Sysinit step, int position, String what, @Nullable Throwable failure, Duration budget)
            throws InterruptedException {
        Rollback.Outcome outcome = rollback.fail(budget);
        BootException e;
        try {
            e = new BootException(what, step, position, report(outcome.stopped()), failure, outcome.stopped());
        } catch (Error lack) { // of memory to tell it
            throw ending(lack, outcome);
        }
        outcome.failures().forEach(e::addSuppressed);
        Error unwind = failure instanceof Unwind ? (Error) failure : outcome.unwind();
        if (unwind != null) {
            if (unwind != failure || !outcome.failures().isEmpty()) {
                // Whoever exits has no caller left to tell.
                Log.error(String.valueOf(e.getMessage()), e);
            }
            throw unwind;
        }
        if (failure instanceof InterruptedException && !outcome.stopped()) {
            throw (InterruptedException) new InterruptedException(e.getMessage()).initCause(e);
        }
        if (outcome.interrupted()) {
            booter.interrupt();
        }
        return e;
    }

    /** What goes on when an error has ended the boot, not a step: that, or the exit that an undo met. All is taken back. */
    private Error ending(Error e, Rollback.Outcome outcome) {
        if (outcome.interrupted()) {
            booter.interrupt();
        }
        outcome.failures().forEach(e::addSuppressed);
        if (outcome.unwind() == null) {
            return e;
        }
        Log.error("the boot ended without a step that failed", e); // as in fail
        return outcome.unwind();
    }
}
