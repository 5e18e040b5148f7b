package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kthread.shutdown.Budget.Phase;
import org.kthread.sys.KernelClock;

class BudgetTest {
    @ParameterizedTest
    @CsvSource({"PRE_SYNC, 45", "SYNC, 65", "POST_SYNC, 70", "STOP, 90", "FINAL, 95", "UNDO, 100"})
    void keepsBackTheSharesOfLaterPhases(Phase phase, long percent) {
        assertEquals(7_000 + percent * 60, new Budget(7_000, 6_000).deadline(phase));
    }

    @ParameterizedTest
    @CsvSource({"PRE_SYNC", "SYNC", "UNDO"})
    void withoutALimitNoPhaseEnds(Phase phase) {
        assertEquals(KernelClock.NEVER, new Budget(5, KernelClock.NEVER).deadline(phase));
        assertEquals(KernelClock.NEVER, new Budget(5, KernelClock.NEVER - 5).deadline(phase));
    }

    @Test
    void ofNothingIsNothing() {
        assertEquals(3, new Budget(3, 0).deadline(Phase.PRE_SYNC));
        assertEquals(3, new Budget(3, 0).deadline(Phase.UNDO));
    }

    @Test
    void daemonsHaveATwentiethMoreButNotTooLittle() {
        assertEquals(30_000_000_000L, new Budget(0, 60_000_000_000L).limit(Phase.PRE_SYNC));
        assertEquals(550_000_000L, new Budget(0, 1_000_000_000L).limit(Phase.PRE_SYNC));
    }

    @Test
    void daemonsHaveNoLimitWhereTheirPhaseHasNoneOrEndsTooLateToAddToIt() {
        assertEquals(KernelClock.NEVER, new Budget(5, KernelClock.NEVER).limit(Phase.PRE_SYNC));
        assertEquals(KernelClock.NEVER, new Budget(5, KernelClock.NEVER - 6).limit(Phase.UNDO));
    }
}
