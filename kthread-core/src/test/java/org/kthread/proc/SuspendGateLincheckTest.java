package org.kthread.proc;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The gate under the model checker; {@link PlantedGateLincheckTest} shows that its scenarios can fail. */
class SuspendGateLincheckTest {
    private static final int SCHEDULES = 80;

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("The gate keeps the properties of its model")
    void keepsTheProperties(GateRace race) {
        race.check(SCHEDULES, GateScenario.REAL, true);
    }
}
