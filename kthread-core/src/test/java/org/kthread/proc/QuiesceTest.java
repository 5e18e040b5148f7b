package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** A hold of many. */
class QuiesceTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("holds what is chosen, and nothing else")
    void chosen() throws Exception {
        Rounds in = new Rounds();
        Rounds out = new Rounds();
        Proc inside = create("in", in);
        create("out", out);
        try (Suspension hold = kernel.quiesce("backup", proc -> proc.comm().equals("in"), LIMIT)) {
            long done = in.done();
            out.awaitWork();
            assertEquals(done, in.done());
            assertEquals(List.of("backup"), inside.resume().owners());
            assertEquals("hold of backup", hold.toString());
        }
        in.awaitWork();
    }

    @Test
    @DisplayName("the choice is made with nothing of ours held, of kernel processes only; process 0 is one")
    void choice() throws Exception {
        create("a", new Rounds());
        Set<Integer> asked = new TreeSet<>();
        ProcTable table = kernel.proc0().table;
        kernel.quiesce(
                        "backup",
                        proc -> {
                            assertFalse(Thread.holdsLock(table.lock));
                            asked.add(proc.pid());
                            return false;
                        },
                        LIMIT)
                .close();
        assertEquals(Set.of(0, 2), asked);
    }

    @Test
    @DisplayName(
            "all are asked before any is waited for, and one deadline is for all: three stuck ones cost one timeout")
    void oneDeadline() throws Exception {
        List<Stuck> stuck = new ArrayList<>();
        List<Rounds> rounds = new ArrayList<>();
        List<Proc> procs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            stuck.add(new Stuck(new Rounds()));
            procs.add(create("stuck" + i, stuck.get(i)));
            rounds.add(new Rounds());
            procs.add(create("works" + i, rounds.get(i)));
        }
        Caller<Suspension> holder = Caller.start("holder", () -> kernel.quiesceAll("backup", SECOND));
        eventually(() -> clock.waiters() == 1);
        procs.forEach(proc -> assertEquals(1, row(proc).holds().size()));
        eventually(() -> procs.stream().filter(proc -> row(proc).state() == 'T').count() == 3);
        clock.advance(SECOND);
        SuspendRefusedException e = assertInstanceOf(SuspendRefusedException.class, holder.failure());
        assertEquals(
                List.of("stuck0", "stuck1", "stuck2"),
                e.refusers().stream().map(Diagnosis::comm).toList());
        assertTrue(e.getMessage().contains("refused by 3 of"), e::getMessage);
        procs.forEach(proc -> assertEquals(List.of(), row(proc).holds()));
        rounds.forEach(Rounds::awaitWork);
        stuck.forEach(Stuck::release);
    }

    @Test
    @DisplayName("the time to choose counts")
    void choosingTakesTime() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("deaf", stuck);
        assertThrows(
                SuspendRefusedException.class,
                () -> kernel.quiesce(
                        "slow",
                        each -> {
                            clock.advance(SECOND);
                            return each == proc;
                        },
                        SECOND));
        stuck.release();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("refused by more than 50: all are named, the first 50 with their stacks; each is told by kproc_hung")
    void manyRefusers() throws Exception {
        List<Stuck> stuck = new ArrayList<>();
        int[] hung = {0};
        kernel.events().kprocHung().register(diagnosis -> hung[0]++, 0);
        for (int i = 0; i < 60; i++) {
            stuck.add(new Stuck());
            create("stuck" + i, stuck.get(i));
        }
        SuspendRefusedException e = assertInstanceOf(
                SuspendRefusedException.class,
                Caller.start("holder", () -> kernel.quiesceAll("backup", Duration.ZERO))
                        .failure());
        assertEquals(60, e.refusers().size());
        for (int i = 0; i < 60; i++) {
            assertEquals(i < 50, !e.refusers().get(i).stack().isEmpty());
        }
        assertEquals(60, hung[0]);
        stuck.forEach(Stuck::release);
    }

    @Test
    @DisplayName("what ends meanwhile counts as quiet")
    void ends() throws Exception {
        Stuck stuck = new Stuck();
        create("ends", stuck);
        Rounds rounds = new Rounds();
        create("parks", rounds);
        Caller<Suspension> holder = Caller.start("holder", () -> kernel.quiesceAll("backup", SECOND));
        eventually(() -> clock.waiters() == 1);
        stuck.release();
        Suspension hold = holder.result();
        long done = rounds.done();
        hold.close();
        eventually(() -> rounds.done() > done);
    }

    @Nested
    @DisplayName("a standing hold of all")
    class Standing {
        @Test
        @DisplayName("what is created under it is born parked, process and thread, and goes on when it is closed")
        void born() throws Exception {
            Proc proc = create("old", new Rounds());
            Rounds ofProc = new Rounds();
            Rounds ofThread = new Rounds();
            Rounds ofKernel = new Rounds();
            try (Suspension hold = kernel.quiesceAll("backup", LIMIT)) {
                Proc young = kernel.kthreads().kthreadCreate(named("young", ofProc));
                Kthread thread = kernel.kthreads().kthreadAdd(proc, named("thread", ofThread));
                Kthread kernelThread = kernel.kthreads().kthreadAdd(null, named("kthread", ofKernel));
                eventually(young.kthreads().get(0).gate::isSuspended);
                eventually(thread.gate::isSuspended);
                eventually(kernelThread.gate::isSuspended);
                assertEquals(List.of("backup"), young.resume().owners());
                assertEquals(0, ofProc.done() + ofThread.done() + ofKernel.done());
                assertEquals("backup", hold.owner());
            }
            ofProc.awaitWork();
            ofThread.awaitWork();
            ofKernel.awaitWork();
        }

        @Test
        @DisplayName("what is created after it was closed, or refused, runs")
        void after() throws Exception {
            kernel.quiesceAll("backup", LIMIT).close();
            create("after", new Rounds());
            Stuck stuck = new Stuck();
            create("deaf", stuck);
            Caller.start("holder", () -> kernel.quiesceAll("backup", Duration.ZERO))
                    .failure();
            create("refused", new Rounds());
            stuck.release();
        }

        @Test
        @DisplayName("RFSTOPPED under it: it takes the resume and the end of the hold, in any order")
        void rfstopped() throws Exception {
            for (boolean resumeFirst : new boolean[] {true, false}) {
                Rounds rounds = new Rounds();
                Suspension hold = kernel.quiesceAll("backup", LIMIT);
                Proc proc =
                        kernel.kthreads().kthreadCreate(named("stopped", rounds).flags(KthreadSpec.RFSTOPPED));
                if (resumeFirst) {
                    proc.resume();
                } else {
                    hold.close();
                }
                eventually(proc.kthreads().get(0).gate::isSuspended);
                assertEquals(0, rounds.done());
                hold.close();
                proc.resume();
                rounds.awaitWork();
            }
        }

        @Test
        @DisplayName("two of them: what is born under both waits for both")
        void two() throws Exception {
            Rounds rounds = new Rounds();
            Suspension first = kernel.quiesceAll("first", LIMIT);
            Suspension second = kernel.quiesceAll("second", LIMIT);
            Proc proc = kernel.kthreads().kthreadCreate(named("born", rounds));
            assertEquals(List.of("first", "second"), proc.resume().owners());
            first.close();
            assertEquals(List.of("second"), proc.resume().owners());
            assertEquals(0, rounds.done());
            second.close();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("a chosen hold does not stand: what is created later runs")
        void chosenDoesNot() throws Exception {
            try (Suspension hold = kernel.quiesce("backup", proc -> true, LIMIT)) {
                create("later", new Rounds());
                assertEquals("backup", hold.owner());
            }
        }
    }

    @Nested
    @DisplayName("by a kernel thread")
    class ByKernelThread {
        @Test
        @DisplayName("of all: its own process goes on, the others are quiet; what it creates is born parked")
        void all() throws Exception {
            Rounds rounds = new Rounds();
            create("other", rounds);
            Rounds child = new Rounds();
            onKernelThread("snapshot", () -> {
                try (Suspension hold = kernel.quiesceAll("snapshot", LIMIT)) {
                    long done = rounds.done();
                    CurThread.suspendCheck();
                    kernel.kthreads().kthreadCreate(named("child", child));
                    assertEquals(done, rounds.done());
                    assertEquals(0, child.done());
                    return hold.owner();
                }
            });
            rounds.awaitWork();
            child.awaitWork();
        }

        @Test
        @DisplayName("that chose its own process: EDEADLK, and nobody is held")
        void own() throws Exception {
            Proc other = create("other", new Rounds());
            onKernelThread("self", () -> assertErrno(Errno.EDEADLK, () -> kernel.quiesce("self", proc -> true, LIMIT)));
            assertEquals(List.of(), row(other).holds());
        }

        @Test
        @DisplayName("two that quiesce all at once refuse each other, each naming the other; then both go on")
        void eachOther() throws Exception {
            AtomicReference<Throwable> ofA = new AtomicReference<>();
            AtomicReference<Throwable> ofB = new AtomicReference<>();
            Stuck goA = new Stuck(() -> quiesceAnd(ofA, SECOND));
            Stuck goB = new Stuck(() -> quiesceAnd(ofB, SECOND.multipliedBy(2)));
            Proc a = create("a", goA);
            Proc b = create("b", goB);
            goA.release();
            goB.release();
            eventually(() -> clock.waiters() == 2);
            clock.advance(SECOND);
            assertTrue(a.join(LIMIT));
            SuspendRefusedException refused = assertInstanceOf(SuspendRefusedException.class, ofA.get());
            assertEquals("b", refused.refusers().get(0).comm());
            assertEquals("a quiesce", refused.refusers().get(0).waitsFor());
            assertTrue(b.join(LIMIT));
            assertEquals(null, ofB.get(), "a has ended, which is quiet");
        }

        private void quiesceAnd(AtomicReference<Throwable> thrown, Duration timo) throws InterruptedException {
            try {
                kernel.quiesceAll("all", timo).close();
            } catch (SuspendRefusedException e) {
                thrown.set(e);
            }
        }
    }

    @Nested
    @DisplayName("interrupted")
    class Interrupted {
        private final Rounds rounds = new Rounds();
        private final Stuck stuck = new Stuck();

        private void nothingIsHeld(Throwable thrown) {
            assertInstanceOf(InterruptedException.class, thrown);
            rounds.awaitWork();
            create("born", new Rounds());
            stuck.release();
        }

        @Test
        @DisplayName("before: all is withdrawn")
        void before() throws Exception {
            create("parks", rounds);
            create("deaf", stuck);
            nothingIsHeld(Caller.startInterrupted("holder", () -> kernel.quiesceAll("backup", LIMIT))
                    .failure());
        }

        @Test
        @DisplayName("during: all is withdrawn, of those who have parked as well")
        void during() throws Exception {
            Proc parks = create("parks", rounds);
            create("deaf", stuck);
            Caller<Suspension> holder = Caller.start("holder", () -> kernel.quiesceAll("backup", LIMIT));
            eventually(parks.kthreads().get(0).gate::isSuspended);
            eventually(() -> clock.waiters() == 1);
            holder.interrupt();
            nothingIsHeld(holder.failure());
        }

        @Test
        @DisplayName("when all are quiet already: it holds, and the flag stays set")
        void after() throws Exception {
            Proc proc = create("parks", rounds);
            stuck.release();
            assertTrue(proc.suspend(LIMIT).isQuiet());
            Caller<Suspension> holder = Caller.startInterrupted("holder", () -> kernel.quiesceAll("backup", LIMIT));
            Suspension hold = holder.result();
            assertTrue(holder.wasInterrupted());
            assertEquals(List.of("backup"), proc.resume().owners());
            hold.close();
            rounds.awaitWork();
        }
    }
}
