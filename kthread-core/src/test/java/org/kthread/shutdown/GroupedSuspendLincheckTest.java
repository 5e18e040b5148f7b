package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kthread.proc.CurThread;
import org.kthread.proc.KernelEvents;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcTable;
import org.kthread.proc.SuspendRequest;
import org.kthread.shutdown.KprocShutdown.Terms;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;
import org.kthread.testing.Schedules.Rejected;
import org.kthread.testing.Schedules.Scenario;

/**
 * The races these hunt: daemons that answer, and end, while others of their priority are asked; a resume in the middle of the
 * shutdown; a panic just before, in and just after a wait for a daemon.
 */
class GroupedSuspendLincheckTest {
    private static final int SCHEDULES = 50;
    private static final int ACCEPTING_SCHEDULES = 20;
    private static final int REJECTING_SCHEDULES = 100;

    /** In place of the number of a bug: not the twin, the handler. */
    private static final int REAL = -1;

    private static final int NO_BUG = 0;

    static {
        // The checker keeps monitors of its own: Thread.holdsLock is always false under it, and our asserts would fail.
        ClassLoader loader = GroupedSuspendLincheckTest.class.getClassLoader();
        loader.setPackageAssertionStatus("org.kthread.proc", false);
        loader.setPackageAssertionStatus("org.kthread.sleep", false);
    }

    /** The checker does not see that what a lambda captures is shared; what a static field holds, it does. */
    static volatile @Nullable Object shared;

    /** Made outside: the checker takes the loop that makes the many chains for one that does not end. */
    private static final SleepQueues NOBODY_SLEEPS = new SleepQueues(KernelClock.system());

    @Test
    void groupedSuspends() {
        Schedules.check(SCHEDULES, () -> new Grouped(REAL, false));
    }

    @Test
    void groupedSuspendsAndAPanic() {
        Schedules.check(SCHEDULES, () -> new Grouped(REAL, true));
    }

    @Test
    void aPanicEndsTheWaitForADaemonThatNeverAnswers() {
        Schedules.check(SCHEDULES, () -> new Never(REAL));
    }

    @Test
    void acceptsTheTwin() {
        Schedules.check(ACCEPTING_SCHEDULES, () -> new Grouped(NO_BUG, false));
        Schedules.check(ACCEPTING_SCHEDULES, () -> new Grouped(NO_BUG, true));
        Schedules.check(ACCEPTING_SCHEDULES, () -> new Never(NO_BUG));
    }

    @ParameterizedTest(name = "bug {0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "78 | GROUPED | the shutdown asks without owner",
                "80 | PANICS  | the interrupt of a panic stays when the wait has ended by itself",
                "79 | NEVER   | a panic does not interrupt who waits",
            })
    @DisplayName(
            "Bugs of docs/models/shutdown.pml, planted in the twin, are rejected; 81 is for Spin: its window is too narrow here")
    void rejectsTheBug(int bug, String race, String words) {
        Schedules.Maker maker = () -> race.equals("NEVER") ? new Never(bug) : new Grouped(bug, race.equals("PANICS"));
        assertThrows(Rejected.class, () -> Schedules.check(REJECTING_SCHEDULES, maker), words);
    }

    /** Whom the scenario asks and waits for: the handler, or the twin. */
    private interface Daemon {
        void ask();

        void await() throws InterruptedException;
    }

    private static final class Handler implements Daemon {
        private final KprocShutdown handler;
        private final Terms terms;

        Handler(Proc proc, Terms terms) {
            this.handler = KprocShutdown.of(proc);
            this.terms = terms;
        }

        @Override
        public void ask() {
            handler.ask(terms);
        }

        @Override
        public void await() throws InterruptedException {
            handler.handle(Howto.HALT);
        }
    }

    /** Whether the kernel has panicked, as {@link Panic}. */
    private static final class PlantedPanic {
        private final int bug;
        private boolean declared;
        private @Nullable Thread waiting;

        PlantedPanic(int bug) {
            this.bug = bug;
        }

        synchronized void declare() {
            declared = true;
            if (waiting != null && bug != 79) {
                waiting.interrupt();
            }
        }

        synchronized boolean isDeclared() {
            return declared;
        }

        private synchronized boolean enter(boolean looks) {
            if (looks && declared) {
                return false;
            }
            waiting = Thread.currentThread();
            return true;
        }

        boolean beginWait() {
            if (bug == 81) {
                return !isDeclared() && enter(false);
            }
            return enter(true);
        }

        synchronized void endWait() {
            waiting = null;
            if (declared && bug != 80) {
                Thread.interrupted();
            }
        }
    }

    private static final class Twin implements Daemon {
        private final Proc proc;
        private final PlantedPanic panic;
        private @Nullable SuspendRequest request;

        Twin(Proc proc, PlantedPanic panic) {
            this.proc = proc;
            this.panic = panic;
        }

        @Override
        public void ask() {
            request = proc.ask(panic.bug == 78 ? null : "shutdown");
        }

        @Override
        public void await() throws InterruptedException {
            if (!panic.beginWait()) {
                return;
            }
            try {
                request.await(KernelClock.FOREVER);
            } catch (InterruptedException e) {
                if (!panic.isDeclared()) {
                    throw e;
                }
            } finally {
                panic.endWait();
            }
        }
    }

    private abstract static class Machine implements Scenario {
        private final int bug;
        final ManualClock clock = new ManualClock();
        final ProcTable procs = new ProcTable(clock, NOBODY_SLEEPS, new KernelEvents(), line -> {}, 16, 100);
        private final Panic panic = new Panic();
        private final PlantedPanic planted;
        private final Terms terms = Terms.of(clock, KernelClock.NEVER, panic, this::line);
        private int done; // by the thread that shuts down

        Machine(int bug) {
            this.bug = bug;
            planted = new PlantedPanic(bug);
            shared = this;
        }

        private void line(String line) {
            done += line.endsWith("done") ? 1 : 0;
        }

        final int done() {
            return bug == REAL ? done : 2;
        }

        final Daemon handlerOf(Proc proc) {
            return bug == REAL ? new Handler(proc, terms) : new Twin(proc, planted);
        }

        final void panic() {
            if (bug == REAL) {
                panic.declare("model");
            } else {
                planted.declare();
            }
        }

        final boolean hasPanicked() {
            return bug == REAL ? panic.isDeclared() : planted.isDeclared();
        }
    }

    /*
     * The panic is the first body, and the daemons are made before: so the checker begins with schedules in which who shuts
     * down runs until it waits. The other way round it finds the planted bugs hundreds of schedules later.
     */

    /** Two daemons are asked together and waited for in turn, while one of them ends, and perhaps the kernel panics. */
    private static final class Grouped extends Machine {
        private final boolean panics;
        private volatile boolean quiet;
        private volatile boolean disturbed;

        Grouped(int bug, boolean panics) {
            super(bug);
            this.panics = panics;
        }

        private Proc daemon(int checks) {
            return procs.kthreads().kthreadCreate(KthreadSpec.named("d").main(() -> {
                for (int i = 0; i < checks; i++) {
                    CurThread.suspendCheck();
                    if (quiet) {
                        disturbed = true;
                    }
                }
                throw CurThread.exit(0);
            }));
        }

        /** Gives way, with the others to choose from: a chance to disturb that does not hang on one switch in the right place. */
        private static void letOthersRun() throws InterruptedException {
            for (int i = 0; i < 3; i++) {
                Thread idle = new Thread(() -> {});
                idle.start();
                idle.join();
            }
        }

        private void shutDown(Daemon ends, Proc proc) throws InterruptedException {
            Daemon checks = handlerOf(proc);
            ends.ask();
            checks.ask();
            ends.await();
            checks.await();
            assertFalse(Thread.interrupted(), "an interrupt is left behind");
            if (!hasPanicked()) {
                quiet = true;
                proc.resume();
                letOthersRun();
                quiet = false;
            }
            procs.stopAll(KernelClock.NEVER);
        }

        @Override
        public List<Body> bodies() {
            Daemon ends = handlerOf(daemon(0));
            Proc checks = daemon(2);
            Body shutDown = () -> shutDown(ends, checks);
            return panics ? List.of(this::panic, shutDown) : List.of(shutDown);
        }

        @Override
        public void end() {
            assertFalse(disturbed, "work while everything was quiet");
            assertTrue(panics || done() == 2, "both are done");
        }
    }

    /** A daemon that checks only when the shutdown has stopped waiting for it, which the panic makes it do. */
    private static final class Never extends Machine {
        private boolean waitedFor = true; // under the monitor

        Never(int bug) {
            super(bug);
        }

        private synchronized void untilNobodyWaits() throws InterruptedException {
            while (waitedFor) {
                clock.await(this, KernelClock.NEVER);
            }
        }

        private synchronized void nobodyWaits() {
            waitedFor = false;
            notifyAll();
        }

        private void shutDown(Daemon daemon) throws InterruptedException {
            daemon.ask();
            daemon.await();
            assertFalse(Thread.interrupted(), "an interrupt is left behind");
            nobodyWaits();
            procs.stopAll(KernelClock.NEVER);
        }

        @Override
        public List<Body> bodies() {
            Daemon daemon = handlerOf(
                    procs.kthreads().kthreadCreate(KthreadSpec.named("d").main(this::untilNobodyWaits)));
            return List.of(this::panic, () -> shutDown(daemon));
        }

        @Override
        public void end() {
            assertTrue(hasPanicked());
        }
    }
}
