package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.TestKernel;

/** Several kernels in one JVM. */
@DisplayName("Kernels that live side by side")
class SideBySideTest extends KernelTest {
    @Test
    @DisplayName("have the same pids, and other processes; a process of one takes no thread of another")
    void processes() throws Exception {
        try (TestKernel other = TestKernel.start(clock())) {
            Proc here = create("here", new Rounds());
            Rounds rounds = new Rounds();
            Proc there = other.kthreads().kthreadCreate(named("there", rounds));
            assertEquals(here.pid(), there.pid());
            assertNotSame(here, there);
            assertTrue(here.table.owns(here));
            assertFalse(here.table.owns(there));
            assertThrows(KernelPanic.class, () -> other.kthreads().kthreadAdd(here, named("stray", rounds)));
            assertTrue(here.suspend(LIMIT).isQuiet());
            rounds.awaitWork();
            Verdict verdict = onKernelThread("cross", () -> there.suspend(LIMIT).verdict());
            assertEquals(Verdict.SUSPENDED, verdict);
        }
    }

    @Test
    @DisplayName("are told apart by their names")
    void names() {
        try (TestKernel other = TestKernel.start(clock())) {
            assertTrue(kernel.kernel().toString().startsWith("kernel@"));
            assertNotEquals(kernel.kernel().toString(), other.kernel().toString());
        }
    }

    @Test
    @DisplayName("hold each other's: what a kernel thread of one holds of the other goes on when its process ends")
    void holds() throws Exception {
        try (TestKernel other = TestKernel.start(clock());
                LogLines log = LogLines.of("org.kthread.proc")) {
            Rounds rounds = new Rounds();
            Proc there = other.kthreads().kthreadCreate(named("there", rounds));
            awaitReaped(create("holder", () -> {
                there.hold("one", LIMIT);
                other.quiesceAll("all", LIMIT);
            }));
            assertEquals(List.of(), there.requests);
            assertEquals(List.of(), there.table.standing);
            assertEquals(2, log.messages().size());
            rounds.awaitWork();
        }
    }

    @Test
    @DisplayName("hold each other's, and let go: nothing is kept")
    void letsGo() throws Exception {
        try (TestKernel other = TestKernel.start(clock())) {
            Proc there = other.kthreads().kthreadCreate(named("there", new Rounds()));
            List<Suspension> left = onKernelThread("holder", () -> {
                there.hold("one", LIMIT).close();
                return CurThread.curproc().taken;
            });
            assertEquals(List.of(), left);
        }
    }

    @Test
    @DisplayName("shut each other down: a kernel thread of one waits for the end of the other, and goes on")
    void shutdown() throws Exception {
        try (TestKernel other = TestKernel.start(clock())) {
            ShutdownReport report = onKernelThread("admin", () -> other.kernel().reboot(Howto.HALT));
            assertTrue(report.isClean(), report::toString);
        }
    }
}
