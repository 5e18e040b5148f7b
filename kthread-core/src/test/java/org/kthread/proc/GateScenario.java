package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Gate.Request;
import org.kthread.sleep.OneChain;
import org.kthread.sleep.SleepQueues;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.BareClock;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;
import org.kthread.testing.Schedules.Scenario;

/**
 * A daemon at its gate, those around it, and what must hold; P1 to P9 are the properties of {@code docs/models/gate.pml}.
 * That everybody returns (P2, P7, and the rest of P5, P6 and P8) is the checker's to see: it fails when nobody can go on.
 */
final class GateScenario implements Scenario {
    /** In place of the number of a bug: not the twin, the gate. */
    static final int REAL = -1;

    final BareClock clock;
    final Gate gate;
    final ReentrantLock interlock = new ReentrantLock();
    final Object chan = new Object();
    final SleepQueues queues;
    boolean cond; // under the interlock

    private final Function<GateRaces, List<Body>> race;
    private final List<Request> answeredBeforeStop = new ArrayList<>(); // the stopper's; then for end()
    private @Nullable Request unresumed; // of who suspends for ever, like the next
    private @Nullable Verdict told;
    private boolean doomed; // the daemon has reached, after a stop, a point that can park
    private volatile boolean ended;
    private volatile @Nullable Thread asker;

    GateScenario(BareClock clock, Gate gate, Function<GateRaces, List<Body>> race) {
        this.clock = clock;
        this.gate = gate;
        this.race = race;
        this.queues = OneChain.of(clock);
    }

    /**
     * Makes this scenario. The checker sees into a class when an object of it is made by {@code new} in code it sees
     * into, not by a constructor reference: so all is made here.
     */
    static final class On implements Schedules.Maker {
        private final Function<GateRaces, List<Body>> race;
        private final int bug;

        On(Function<GateRaces, List<Body>> race, int bug) {
            this.race = race;
            this.bug = bug;
        }

        @Override
        public Scenario make() {
            BareClock clock = new BareClock();
            Gate gate = bug == REAL ? new RealGate(clock) : new PlantedGate(clock, bug);
            return new GateScenario(clock, gate, race);
        }
    }

    @Override
    public List<Body> bodies() {
        return race.apply(new GateRaces(this));
    }

    /* ---- The daemon. ---- */

    /** A kernel thread around this body, as far as its gate sees it. */
    Body daemon(Body body) {
        return () -> {
            CurrentThread.set((Sleeper.Bearer) gate::sleeper);
            gate.bind(Thread.currentThread());
            try {
                body.run();
            } catch (Unwinding unwinding) {
                unwind();
            }
            gate.ending();
            unwind();
            assertFalse(
                    Thread.currentThread().isInterrupted(), "P29: the interrupt of a stop, in a handler of the end");
            ended = true;
            gate.gone();
        };
    }

    /** A daemon that works and checks. */
    Body daemon(int rounds) {
        return daemon(() -> {
            for (int i = 0; i < rounds; i++) {
                work();
                check();
            }
            work();
        });
    }

    void work() {
        assertFalse(gate.promised(), "P1: work while an ask answered SUSPENDED is in force");
        assertFalse(doomed, "P5: work after a stop, beyond a point that can park");
    }

    /** Finally blocks, handlers, closers. */
    private void unwind() {
        boolean promised = gate.promised();
        assertTrue(
                !promised || gate.isStopped(), "P1: the end of the daemon while an ask answered SUSPENDED is in force");
        assertFalse(gate.isGone(), "P1: handlers after EXITED");
    }

    private void reach() {
        doomed |= gate.isStopped();
    }

    void check() {
        List<Request> before = gate.asked();
        reach();
        gate.check();
        for (Request request : before) {
            assertNotNull(request.verdict(), "P2: a check passed by an ask that was in force when it began");
        }
    }

    void region(Body body) throws Throwable {
        reach();
        gate.region(body);
    }

    /** Sleeps with the interlock until there is something to do, and does it. */
    void sleepUntilWork(int pri) {
        interlock.lock();
        try {
            while (!cond) {
                reach();
                WakeReason reason = queues.msleep(chan, interlock, pri, "nowork", KernelClock.FOREVER);
                work();
                assertEquals(WakeReason.AWAKENED, reason, "P6: only a wakeup ends this sleep");
                assertTrue(cond, "P6: one waker, one sleeper");
            }
            work();
        } finally {
            interlock.unlock();
        }
    }

    WakeReason sleepOnce(int pri) {
        interlock.lock();
        try {
            return queues.msleep(chan, interlock, pri, "once", KernelClock.FOREVER);
        } finally {
            interlock.unlock();
        }
    }

    void takeTheInterlock() {
        interlock.lock();
        try {
            assertFalse(gate.isGone() && !ended, "P1: gone before the end");
        } finally {
            interlock.unlock();
        }
    }

    void wake() {
        interlock.lock();
        try {
            cond = true;
        } finally {
            interlock.unlock();
        }
        queues.wakeup(chan);
    }

    /* ---- Those around it. ---- */

    @Nullable
    Verdict await(Request request, long deadline) throws InterruptedException {
        Verdict verdict = gate.await(request, deadline);
        assertTrue(verdict != Verdict.EXITED || ended, "P1: EXITED before the end");
        return verdict;
    }

    private static void assertStays(@Nullable Verdict verdict, Request request) {
        assertEquals(verdict, request.verdict(), "P4: the first verdict stays");
    }

    /** Suspends without a limit, and resumes: ends every ask without an owner, also those of others. */
    void suspendAndResume() throws InterruptedException {
        Request request = gate.add(null);
        Verdict verdict = await(request, KernelClock.NEVER);
        assertNotNull(verdict, "P2: back without an answer");
        gate.resume();
        assertFalse(request.inForce(), "P7: in force after resume");
        assertStays(verdict, request);
    }

    /** Suspends for ever. At most one thread does. */
    void suspend(@Nullable String owner) throws InterruptedException {
        Request request = gate.add(owner);
        Verdict verdict = await(request, KernelClock.NEVER);
        assertTrue(verdict == Verdict.SUSPENDED || verdict == Verdict.EXITED, "P3: nobody resumes this one");
        unresumed = request;
        told = verdict;
    }

    void hold() throws Throwable {
        hold(() -> {});
    }

    /** Holds, does something, and ends the hold. */
    void hold(Body meanwhile) throws Throwable {
        Request request = gate.add("owner");
        Verdict verdict = await(request, KernelClock.NEVER);
        assertTrue(verdict == Verdict.SUSPENDED || verdict == Verdict.EXITED, "P3: somebody resumed a hold");
        if (verdict == Verdict.SUSPENDED) {
            assertTrue(request.inForce(), "P3: a hold ended by somebody else");
        }
        meanwhile.run();
        gate.withdraw(request);
        assertFalse(request.inForce(), "P7: in force after it was withdrawn");
        assertStays(verdict, request);
    }

    void suspendInterruptibly() {
        asker = Thread.currentThread();
        Request request = gate.add(null);
        try {
            await(request, KernelClock.NEVER);
            gate.resume();
        } catch (InterruptedException e) {
            assertFalse(request.inForce(), "P7: an interrupted suspender has left its ask");
        }
    }

    void interruptTheAsker() {
        Thread thread = asker;
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Suspends until 5 o'clock; if that passes, the ask stays armed until resume. */
    void suspendUntilFive() throws InterruptedException {
        Request request = gate.add(null);
        if (await(request, 5) == null) {
            assertTrue(clock.nanoTime() >= 5, "P2: too early");
            assertTrue(request.inForce(), "an ask stays armed when the time is over");
        }
        gate.resume();
        assertFalse(request.inForce(), "P7: in force after resume");
    }

    void fiveOClock() {
        clock.moveTo(5, gate.sleeper());
    }

    void stop() throws Throwable {
        stop(() -> {});
    }

    /** Stops; then does something; then waits for the end. */
    void stop(Body then) throws Throwable {
        boolean inRegion;
        synchronized (gate.sleeper()) {
            inRegion = gate.stop();
            for (Request request : gate.asked()) {
                if (request.verdict() == Verdict.SUSPENDED) {
                    answeredBeforeStop.add(request);
                }
            }
        }
        if (inRegion) {
            gate.interrupt();
        }
        then.run();
        assertTrue(gate.awaitGone(KernelClock.NEVER), "P5: stopped, without limit");
        assertTrue(ended, "P1: gone before the end");
    }

    @Override
    public void end() {
        assertTrue(gate.isGone(), "the daemon has ended");
        if (unresumed != null) {
            assertStays(told, unresumed);
        }
        for (Request request : gate.asked()) {
            assertTrue(
                    !gate.isStopped() || request.verdict() != Verdict.SUSPENDED || answeredBeforeStop.contains(request),
                    "P1: answered SUSPENDED after a stop");
        }
    }
}
