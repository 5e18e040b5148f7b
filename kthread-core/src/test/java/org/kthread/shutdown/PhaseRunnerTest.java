package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.sys.KernelClock;

class PhaseRunnerTest {
    @Test
    @Timeout(60)
    @DisplayName("A task that was begun and, after a failure between, never given up does not hold up the end")
    void closeDoesNotWaitForWhatIsStuck() throws InterruptedException {
        PhaseRunner runner = new PhaseRunner(KernelClock.system());
        Stuck stuck = new Stuck();
        runner.start();
        try {
            assertNotNull(runner.begin(stuck));
            stuck.awaitInside();

            assertEquals(List.of("shutdown-runner"), runner.close());
        } finally {
            stuck.release();
        }
    }
}
