package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.proc.Proc;
import org.kthread.proc.Verdict;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.KernelTest;
import org.kthread.testing.TestKernel;

@DisplayName("A daemon that sleeps on a channel of another kernel, which is younger by an hour,")
class OtherKernelTest extends KernelTest {
    private final ManualClock clock = new ManualClock();
    private final Object chan = new Object();
    private TestKernel other;

    @Override
    protected KernelClock clock() {
        clock.advance(Duration.ofHours(1));
        return clock;
    }

    @BeforeEach
    void startOther() {
        other = TestKernel.start();
    }

    @AfterEach
    void closeOther() {
        other.close();
    }

    private Proc sleeper(WakeReason expected, Duration timo) {
        return create(
                "sleeper",
                () -> assertEquals(
                        expected, other.sleepQueues().tsleep(chan, SleepPriority.SUSPENDABLE, "abroad", timo)));
    }

    private void requireFine(Proc proc) throws Exception {
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
    }

    private void awaitAsleep(Proc proc) {
        eventually(() -> clock.waiters() == 1 || proc.exitStatus().isPresent());
    }

    @Test
    @DisplayName("is woken there")
    void isWoken() throws Exception {
        Proc proc = sleeper(WakeReason.AWAKENED, Duration.ofMinutes(1));
        awaitAsleep(proc);
        other.sleepQueues().wakeup(chan);
        requireFine(proc);
    }

    @Test
    @DisplayName("is timed by the clock of its own kernel")
    void isTimedAtHome() throws Exception {
        Proc proc = sleeper(WakeReason.TIMED_OUT, Duration.ofMinutes(1));
        awaitAsleep(proc);
        clock.advance(Duration.ofMinutes(1));
        requireFine(proc);
    }

    @Test
    @DisplayName("can be suspended")
    void canBeSuspended() throws Exception {
        Proc proc = sleeper(WakeReason.AWAKENED, Duration.ofMinutes(1));
        awaitAsleep(proc);
        assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
        other.sleepQueues().wakeup(chan);
        proc.resume();
        requireFine(proc);
    }
}
