package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.kthread.sleep.SleepRace.Kind;
import org.kthread.testing.Schedules.Rejected;

/**
 * The race this hunts: a sleep against a wakeup, the clock and a stop. No wakeup is lost, and none is kept by a sleeper
 * that ends for another reason. What suspends and stops a sleeper is in {@code SuspendGateLincheckTest}.
 */
class SleepQueuesLincheckTest {
    private static final int SCHEDULES = 300;
    private static final int ACCEPTING_SCHEDULES = 30;
    private static final int REJECTING_SCHEDULES = 1_200;

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("No wakeup is lost")
    void losesNoWakeup(Kind race) {
        race.check(SCHEDULES, SleepRace.REAL, true);
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("The twin without a bug is accepted")
    void acceptsTheTwin(Kind race) {
        race.check(ACCEPTING_SCHEDULES, SleepRace.NO_BUG, false);
    }

    @ParameterizedTest(name = "bug {0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "14 | LATE_SLEEPER    | the interlock is released before the sleeper is queued",
                "14 | WAKEUP          | the same",
                "16 | LATE_SLEEPER    | the clock, not the queue, decides between AWAKENED and TIMED_OUT",
                "35 | STOPPED_SLEEPER | a stopped sleeper keeps the wakeup that was given to it",
                "52 | WAKEUP_ONE      | wakeupOne leaves whom it wakes on the queue, for the next one to find",
                "56 | PDROP           | PDROP takes the lock again",
                "58 | STOPPED_SLEEPER | a sleep that unwinds does not take the lock",
                "63 | INTERRUPTED_SLEEPER | the interrupt, not the queue, decides between AWAKENED and INTERRUPTED",
            })
    @DisplayName("Each planted bug is rejected")
    void rejectsTheBug(int bug, Kind race, String words) {
        assertThrows(Rejected.class, () -> race.check(REJECTING_SCHEDULES, bug, true), words);
    }
}
