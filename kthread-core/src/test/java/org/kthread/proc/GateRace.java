package org.kthread.proc;

import java.util.List;
import java.util.function.Function;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;

/** The races at the gate, and what each hunts. */
enum GateRace {
    TWO_SUSPENDERS(
            "P1 P2: two suspenders of a daemon that checks and ends; one resumes for both; no work in between",
            GateRaces::twoSuspenders),
    SECOND_ASK(
            "P1 P2: a second ask before the daemon has left its park is answered by the park or by the next check",
            GateRaces::secondAsk),
    ASK_ON_THE_WAY_OUT(
            "P1 P2 P8: resumed before it is born; an ask while it leaves the park is answered by that or by the next check",
            GateRaces::askOnTheWayOut),
    EXIT_DURING_SUSPEND(
            "P1 P2: a daemon ends while two wait for an answer, or before they ask: EXITED, and nothing runs after it",
            GateRaces::exitDuringSuspend),
    HOLD_BESIDE_ASK(
            "P3 P4: resume does not end a hold, closing a hold does not end an ask; the first verdict stays",
            GateRaces::holdBesideAsk),
    INTERRUPTED("P7: an interrupted suspender takes its ask along, and the daemon goes on", GateRaces::interrupted),
    TIMED_OUT("P2: a deadline ends the wait; a verdict wins over it; the ask stays armed", GateRaces::timedOut),
    BORN_STOPPED("P8: born parked, resumed before or after it has parked, held beside it", GateRaces::bornStopped),
    STOPPED_BEFORE_BIRTH("P5 P8: born parked and stopped, it ends without a step", GateRaces::stoppedBeforeBirth),
    STOP_DURING_PARK(
            "P1 P4 P5: held for ever it stays parked when others resume; stopped, it ends and does no more work",
            GateRaces::stopDuringPark),
    ASK_AFTER_STOP("P1: an ask after a stop is answered EXITED, also under a hold", GateRaces::askAfterStop),
    SUSPENDABLE_SLEEP(
            "P1 P6 P9: a suspendable sleeper against a wakeup: suspended at once, woken after resume, the lock free",
            GateRaces::suspendableSleep),
    SUSPEND_THEN_WAKE(
            "P2: asked before it sleeps, a suspendable sleeper answers on its way to sleep",
            GateRaces::suspendThenWake),
    STOPPED_SLEEP(
            "P5 P6: a suspendable sleeper, held for ever, is stopped: it takes the lock and unwinds",
            GateRaces::stoppedSleep),
    CATCH_SLEEP("P2: a PCATCH sleep sees an ask, before and while it sleeps", GateRaces::catchSleep),
    STOPPED_PLAIN_SLEEP(
            "P5: a plain sleep tells of a stop, the next one ends the thread; asks are nothing to it",
            GateRaces::stoppedPlainSleep),
    REGION("P1: in a region it counts as parked; left, it waits for resume", GateRaces::region),
    REGION_THROWS(
            "P1: a region left by an exception waits for resume before anybody catches it", GateRaces::regionThrows),
    EXIT_IN_REGION(
            "P1: a daemon that calls exit in a region comes to its end only after resume", GateRaces::exitInRegion),
    STOP_IN_REGION(
            "P5: blocked in a region, held for ever, it is interrupted by a stop; the unwinding replaces the failure",
            GateRaces::stopInRegion);

    private final String words;
    private final Function<GateRaces, List<Body>> bodies;

    GateRace(String words, Function<GateRaces, List<Body>> bodies) {
        this.words = words;
        this.bodies = bodies;
    }

    /** Checks this race at the gate, or at its twin with a bug. */
    void check(int schedules, int bug, boolean orders) {
        Schedules.Maker maker = new GateScenario.On(bodies, bug);
        if (orders) {
            Schedules.checkOrders(schedules, maker);
        } else {
            Schedules.check(schedules, maker);
        }
    }

    @Override
    public String toString() {
        return words;
    }
}
