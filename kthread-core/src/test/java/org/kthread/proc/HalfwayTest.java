package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.Action;
import org.kthread.sys.BrokenClock;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;

/** The kernel's clock throws, at each of its readings in turn, as lack of memory would. */
@DisplayName("What fails halfway leaves nothing in force:")
class HalfwayTest extends KernelTest {
    private final BrokenClock clock = new BrokenClock();
    private final Rounds first = new Rounds();
    private final Rounds second = new Rounds();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    private Proc createPair() {
        Proc proc = create("pair", first);
        kernel.kthreads().kthreadAdd(proc, named("second", second));
        second.awaitWork();
        return proc;
    }

    /** Lets the call fail at the first reading, the second, and so on, until it has no more; how often it has failed. */
    private int failures(Action call, Action check) throws Exception {
        int failures = 0;
        for (boolean done = false; !done; ) {
            clock.breakAfter(failures);
            try {
                call.run();
                done = true;
            } catch (BrokenClock.Broken e) {
                failures++;
            } finally {
                clock.repair();
            }
            if (!done) {
                check.run();
            }
        }
        return failures;
    }

    private void assertFree(Proc proc) {
        assertEquals(List.of(), proc.requests);
        rows(proc).forEach(row -> assertEquals(List.of(), row.holds()));
        first.awaitWork();
        second.awaitWork();
    }

    @Test
    @DisplayName("a request")
    void asks() throws Exception {
        Proc proc = createPair();
        List<SuspendRequest> made = new ArrayList<>();
        assertTrue(failures(() -> made.add(proc.ask("halfway")), () -> assertFree(proc)) > 1);
        made.get(0).withdraw();
        assertFree(proc);
    }

    @Test
    @DisplayName("a request to who is in a region, and has it answered at once")
    void asksRegion() throws Exception {
        Door inside = new Door();
        Door leave = new Door();
        Proc proc = create(
                "region",
                () -> CurThread.quiescent("reg", () -> {
                    inside.open();
                    leave.await();
                }));
        inside.await();
        Action free = () -> {
            assertEquals(List.of(), proc.requests);
            assertEquals(List.of(), row(proc).holds());
        };
        List<SuspendRequest> made = new ArrayList<>();
        assertTrue(failures(() -> made.add(proc.ask("halfway")), free) > 1);
        made.get(0).withdraw();
        free.run();
        leave.open();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("an exit of a process: its other threads end too")
    void exitsProc() throws Exception {
        Proc proc = create("pair", () -> {
            second.awaitWork();
            clock.breakAfter(0);
            throw CurThread.exitProc(3);
        });
        kernel.kthreads().kthreadAdd(proc, named("second", second));
        awaitReaped(proc);
    }

    @Test
    @DisplayName("a suspend")
    void suspends() throws Exception {
        Proc proc = createPair();
        assertTrue(failures(() -> proc.suspend(LIMIT), () -> assertFree(proc)) > 2);
        assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        assertFree(proc);
    }

    @Test
    @DisplayName("a hold")
    void holds() throws Exception {
        Proc proc = createPair();
        List<Suspension> taken = new ArrayList<>();
        assertTrue(failures(() -> taken.add(proc.hold("halfway", LIMIT)), () -> assertFree(proc)) > 2);
        taken.get(0).close();
        assertFree(proc);
    }

    @Test
    @DisplayName("a hold of everything")
    void quiesces() throws Exception {
        Proc proc = createPair();
        List<Suspension> taken = new ArrayList<>();
        assertTrue(failures(() -> taken.add(kernel.quiesceAll("halfway", LIMIT)), () -> assertFree(proc)) > 2);
        taken.get(0).close();
        assertFree(proc);
        assertEquals(List.of(), proc.table.standing);
    }

    @Test
    @DisplayName("the creation of a thread of a process that is asked: the process comes to its end")
    void addsThreads() throws Exception {
        Proc proc = createPair();
        Action add = () -> kernel.kthreads().kthreadAdd(proc, named("third", () -> {}));
        SuspendRequest request = proc.ask("all along");
        assertEquals(Verdict.SUSPENDED, request.await(LIMIT).verdict());
        assertTrue(failures(add, () -> assertEquals(2, proc.kthreads().size())) > 0);
        assertEquals(Verdict.SUSPENDED, request.verdict());
        request.withdraw();
        assertTrue(proc.stop(LIMIT).isExited());
        awaitReaped(proc);
    }

    @Test
    @DisplayName("the creation of a process while everything is held: its pid is free")
    void creates() throws Exception {
        Action add = () -> create("born", () -> {});
        try (Suspension hold = kernel.quiesceAll("all along", LIMIT)) {
            assertTrue(failures(add, () -> assertEquals(2, kernel.ps().rows().size())) > 0, hold::toString);
        }
    }
}
