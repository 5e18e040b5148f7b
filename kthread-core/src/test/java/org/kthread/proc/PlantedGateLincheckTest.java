package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kthread.testing.Schedules.Rejected;

/**
 * The scenarios of {@link SuspendGateLincheckTest} on the twin of the gate: they accept it as it is, and reject each bug
 * planted in it. Notify in place of notifyAll, bug 5, is beyond this checker; the model in {@code docs/models} has it.
 */
class PlantedGateLincheckTest {
    private static final int ACCEPTING_SCHEDULES = 20;
    private static final int REJECTING_SCHEDULES = 900;

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("The twin without a bug is accepted")
    void acceptsTheTwin(GateRace race) {
        race.check(ACCEPTING_SCHEDULES, PlantedGate.NO_BUG, false);
    }

    @ParameterizedTest(name = "bug {0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "1   | ASK_ON_THE_WAY_OUT   | leaving the park, still is cleared after the monitor",
                "2   | STOP_DURING_PARK     | park waits in an if, not in a loop",
                "3   | REGION_THROWS        | a region left by an exception does not wait",
                "4   | EXIT_DURING_SUSPEND  | gone is said before the exit handlers have run",
                "6   | ASK_ON_THE_WAY_OUT   | the daemon clears its reasons after leaving the monitor",
                "7   | EXIT_DURING_SUSPEND  | gone answers and does not notify",
                "8   | HOLD_BESIDE_ASK      | resume withdraws every ask",
                "9   | HOLD_BESIDE_ASK      | close withdraws every ask",
                "10  | STOP_DURING_PARK     | gone overwrites verdicts",
                "11  | TWO_SUSPENDERS       | withdraw overwrites a verdict with RESUMED",
                "12  | STOP_DURING_PARK     | park does not look at stop",
                "13  | STOP_DURING_PARK     | a check that stop ends returns",
                "17  | TWO_SUSPENDERS       | resume does not notify",
                "18  | BORN_STOPPED         | the birth park waits in an if",
                "19  | BORN_STOPPED         | the birth ask is made by the daemon, not by its creator",
                "21  | INTERRUPTED          | an interrupted suspender leaves its ask",
                "31  | EXIT_DURING_SUSPEND  | an ask on a daemon that is gone gets no answer",
                "32  | SUSPEND_THEN_WAKE    | going idle answers nobody; only the check and the way out do",
                "33  | STOP_IN_REGION       | the failure of the region suppresses the unwinding",
                "34  | ASK_AFTER_STOP       | an ask after a stop is SUSPENDED at once while the daemon unwinds",
                "36  | STOP_IN_REGION       | entering a region is a check, then going idle: two holds of the monitor",
                "39  | CATCH_SLEEP          | an ask does not reach the monitor the sleeper waits on",
                "42  | EXIT_IN_REGION       | exit in a region ends the waiting for resume",
                "101 | CATCH_SLEEP          | the sleeper looks at its reasons before it takes the monitor",
            })
    @DisplayName("Each planted bug is rejected")
    void rejectsTheBug(int bug, GateRace race, String words) {
        assertThrows(Rejected.class, () -> race.check(REJECTING_SCHEDULES, bug, true), words);
    }
}
