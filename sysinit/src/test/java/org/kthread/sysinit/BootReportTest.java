package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.sys.ManualClock;

@ExtendWith(NoThreadLeft.class)
class BootReportTest {

    @Test
    @DisplayName("the trace prints as a table, failures below their step")
    void table() {
        BootReport report = new BootReport(
                List.of(
                        new BootReport.Step(
                                "journal",
                                new Key(Subsystem.SI_SUB_VFS, Order.SI_ORDER_ANY),
                                Duration.ZERO,
                                Duration.ofNanos(1_500_000),
                                "main",
                                List.of(),
                                BootReport.Result.UNDO_FAILED,
                                new IllegalStateException("busy")),
                        new BootReport.Step(
                                "bufdaemon",
                                new Key(Subsystem.SI_SUB_KTHREAD_BUF, Order.SI_ORDER_FIRST),
                                Duration.ofMillis(2),
                                Duration.ofMillis(1002),
                                "main",
                                List.of("bufdaemon[2]", "bufspacedaemon-0[3]"),
                                BootReport.Result.FAILED,
                                null)),
                5,
                Duration.ofMillis(1003));
        assertEquals("""
                    #     BEGIN ms      TOOK ms  STEP       KEY                RESULT       THREAD  PROCESSES
                    1        0.000        1.500  journal    VFS/ANY            undo failed  main
                      java.lang.IllegalStateException: busy
                    2        2.000     1000.000  bufdaemon  KTHREAD_BUF/FIRST  failed       main    bufdaemon[2] bufspacedaemon-0[3]
                2 of 5 steps in 1003.000 ms
                """, report.toString());
    }

    @Test
    @DisplayName("a boot tells of each step its begin and end, its thread, and the processes it created")
    void trace() throws Exception {
        ManualClock clock = new ManualClock();
        clock.advance(Duration.ofHours(1)); // times are since the begin of the boot, not of the clock
        try (Machine machine = new Machine(KernelConfig.defaults().withClock(clock))) {
            BootReport report = Boot.of(machine.kernel)
                    .add(Sysinit.of("a", 1, 0, () -> clock.advance(Duration.ofMillis(5))), Sysinit.of("b", 2, 0, () -> {
                        machine.daemon("d");
                        clock.advance(Duration.ofMillis(7));
                    }))
                    .run();
            BootReport.Step a = report.steps().get(0);
            BootReport.Step b = report.steps().get(1);
            assertEquals(Duration.ZERO, a.begin());
            assertEquals(Duration.ofMillis(5), a.end());
            assertEquals(Duration.ofMillis(5), b.begin());
            assertEquals(Duration.ofMillis(12), b.end());
            assertEquals(Duration.ofMillis(12), report.took());
            assertEquals(Thread.currentThread().getName(), b.thread());
            assertEquals(List.of("d[2]"), b.processes());
            assertEquals(2, report.known());
        }
    }
}
