package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.sleep.SleepPriority;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Stuck;

/** Ten thousand daemons. */
@Timeout(120)
class ScaleTest extends KernelTest {
    private static final int DAEMONS = 10_000;
    private static final int PAGES = 16;
    private static final Duration A_WHILE = Duration.ofSeconds(60);

    private final LongAdder work = new LongAdder();

    /** Works, and sleeps: every other one plainly, so that it has to be reached by its check. */
    private void daemon(int number) {
        int pri = number % 2 == 0 ? SleepPriority.SUSPENDABLE : SleepPriority.PCATCH;
        for (; ; ) {
            CurThread.suspendCheck();
            work.increment();
            kernel.sleepQueues().pause(pri, "psleep", Duration.ofSeconds(2));
        }
    }

    private List<Proc> create(boolean virtual) {
        List<Proc> procs = new ArrayList<>();
        for (int i = 0; i < DAEMONS; i++) {
            int number = i;
            KthreadSpec spec =
                    KthreadSpec.named("d%d", i).main(() -> daemon(number)).pages(PAGES);
            procs.add(kernel.kthreads().kthreadCreate(virtual ? spec.virtual() : spec));
        }
        eventually(() -> work.sum() >= DAEMONS);
        return procs;
    }

    private void quiesceRefuseAndStop(boolean virtual) throws Exception {
        List<Proc> procs = create(virtual);
        try (Suspension hold = kernel.quiesceAll("backup", A_WHILE)) {
            long done = work.sum();
            for (Proc proc : procs) {
                assertTrue(proc.kthreads().get(0).gate.isSuspended(), () -> proc + " is not suspended");
            }
            assertEquals(DAEMONS + 2, kernel.ps().rows().size());
            assertEquals(done, work.sum());
            assertEquals("backup", hold.owner());
        }
        Stuck stuck = new Stuck();
        Proc deaf = create("deaf", stuck);
        SuspendRefusedException e =
                assertThrows(SuspendRefusedException.class, () -> kernel.quiesceAll("backup", Duration.ofSeconds(1)));
        assertEquals(1, e.refusers().size());
        assertEquals("deaf", e.refusers().get(0).comm());
        assertTrue(e.getMessage().contains("Stuck.run"), e::getMessage);
        for (Proc proc : procs) {
            assertEquals(0, proc.kthreads().get(0).gate.pending, () -> proc + " is still asked");
        }
        long done = work.sum();
        eventually(() -> work.sum() >= done + DAEMONS);
        stuck.release();
        assertTrue(deaf.join(LIMIT));
    }

    @Test
    @DisplayName(
            "10,000 platform threads: all quiet, all released; one refuses, is named with its stack, the others run on")
    void platform() throws Exception {
        quiesceRefuseAndStop(false);
    }

    @Test
    @DisplayName("10,000 virtual threads: the same")
    @EnabledForJreRange(min = JRE.JAVA_24)
    void virtual() throws Exception {
        quiesceRefuseAndStop(true);
    }
}
