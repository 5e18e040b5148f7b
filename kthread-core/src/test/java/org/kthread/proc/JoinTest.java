package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Stuck;

@DisplayName("The join of a process")
class JoinTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("is over at the deadline, not before; without time, at once")
    void deadline() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("stuck", stuck);
        assertFalse(proc.join(Duration.ZERO));
        Caller<Boolean> joiner = Caller.start("joiner", () -> proc.join(SECOND));
        eventually(() -> clock.nextDeadline() == SECOND.toNanos());
        clock.advance(SECOND);
        assertFalse(joiner.result());
        stuck.release();
        awaitReaped(proc);
    }

    @Test
    @DisplayName(
            "does not tell that it has ended while a host thread of it cannot end, and does not wait for that for ever")
    void hostCannotEnd() throws Exception {
        ProcTable table = kernel.proc0().table;
        Stuck stuck = new Stuck();
        Proc proc = create("ended", stuck);
        table.patience = Duration.ofMillis(1);
        synchronized (table.reaper) { // to which it would hand itself over, as the last it does
            stuck.release();
            assertFalse(proc.join(LIMIT));
            assertEquals(OptionalInt.of(0), proc.exitStatus());
        }
        table.patience = HostThreads.PATIENCE;
        awaitReaped(proc);
    }
}
