package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Resume, and what is born stopped. */
class ResumeTest extends KernelTest {
    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Nested
    @DisplayName("resume")
    class Resume {
        @Test
        @DisplayName("withdraws every ask without owner, of the process and of its threads: RUNNING")
        void ownerless() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("ownerless", rounds);
            proc.ask(null);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            assertTrue(proc.kthreads().get(0).suspend(LIMIT).isQuiet());
            assertEquals(new ResumeOutcome(ResumeOutcome.Kind.RUNNING, List.of()), proc.resume());
            rounds.awaitWork();
        }

        @Test
        @DisplayName("leaves nothing behind: a thread that is added afterwards runs; and so after a withdrawal")
        void nothingLeft() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("resumed", rounds);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            proc.resume();
            SuspendRequest request = proc.ask("a");
            assertTrue(request.await(LIMIT).isQuiet());
            request.withdraw();
            Rounds added = new Rounds();
            kernel.kthreads().kthreadAdd(proc, named("added", added));
            added.awaitWork();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("of what runs is RUNNING, of what has ended EXITED")
        void others() throws Exception {
            Proc proc = create("runs", new Rounds());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            Kthread thread = proc.kthreads().get(0);
            assertTrue(proc.stop(LIMIT).isExited());
            assertEquals(ResumeOutcome.Kind.EXITED, proc.resume().kind());
            assertEquals(ResumeOutcome.Kind.EXITED, thread.resume().kind());
        }

        @Test
        @DisplayName("of process 0 is RUNNING, though it has no thread; of a thread of it that has ended EXITED")
        void process0() throws Exception {
            assertEquals(ResumeOutcome.Kind.RUNNING, kernel.proc0().resume().kind());
            Kthread thread = kernel.kthreads().kthreadAdd(null, named("of0", () -> {}));
            assertTrue(thread.join(LIMIT));
            assertEquals(ResumeOutcome.Kind.EXITED, thread.resume().kind());
        }

        @Test
        @DisplayName("names once each owner who holds it still, and it stays parked")
        void stillHeld() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("held", rounds);
            proc.ask("backup");
            proc.ask("backup");
            SuspendRequest shutdown = proc.ask("shutdown");
            assertTrue(shutdown.await(LIMIT).isQuiet());
            ResumeOutcome outcome = proc.resume();
            assertEquals(ResumeOutcome.Kind.STILL_HELD, outcome.kind());
            assertEquals(List.of("backup", "shutdown"), outcome.owners());
            assertEquals("STILL_HELD by backup, shutdown", outcome.toString());
            long done = rounds.done();
            awaitParked(proc);
            assertEquals(done, rounds.done());
        }

        @Test
        @DisplayName(
                "leaves in force what an owner asks of the process: a thread that is added afterwards is born parked")
        void addedWhileHeld() {
            Rounds added = new Rounds();
            Proc proc = create("held", new Rounds());
            SuspendRequest backup = proc.ask("backup");
            proc.resume();
            Kthread thread = kernel.kthreads().kthreadAdd(proc, named("added", added));
            assertEquals(List.of("backup"), thread.resume().owners());
            assertEquals(0, added.done());
            backup.withdraw();
            added.awaitWork();
        }

        @Test
        @DisplayName("of one thread withdraws only what was asked of that thread")
        void ofOneThread() throws Exception {
            Rounds first = new Rounds();
            Rounds second = new Rounds();
            Proc proc = create("pair", first);
            Kthread thread = kernel.kthreads().kthreadAdd(proc, named("second", second));
            second.awaitWork();
            Kthread other = proc.kthreads().get(0);
            assertTrue(other.suspend(LIMIT).isQuiet());
            assertTrue(thread.suspend(LIMIT).isQuiet());
            assertEquals(ResumeOutcome.Kind.RUNNING, thread.resume().kind());
            second.awaitWork();
            assertTrue(other.gate.isSuspended());
            assertTrue(proc.suspend(LIMIT).isQuiet());
            ResumeOutcome outcome = thread.resume();
            assertEquals(ResumeOutcome.Kind.STILL_HELD, outcome.kind());
            assertEquals(List.of("a suspend of its process"), outcome.owners());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            first.awaitWork();
            second.awaitWork();
        }

        @Test
        @DisplayName("may come before suspend returns: then it says RESUMED, or SUSPENDED if it had parked")
        void before() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("before", stuck);
            Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
            eventually(() -> clock.waiters() == 1);
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            assertEquals(new SuspendOutcome(Verdict.RESUMED, List.of()), suspender.result());
            assertFalse(new SuspendOutcome(Verdict.RESUMED, List.of()).isQuiet());
            stuck.release();
        }
    }

    @Nested
    @DisplayName("RFSTOPPED")
    class Rfstopped {
        private KthreadSpec stopped(Rounds rounds) {
            return named("stopped", rounds).flags(KthreadSpec.RFSTOPPED);
        }

        @Test
        @DisplayName(
                "is an ask without owner, in force and answered before the host thread is started: resume may come first")
        void resumeFirst() {
            List<Thread> hosts = new ArrayList<>();
            kernel.kthreads().starter = hosts::add;
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(stopped(rounds));
            assertTrue(proc.kthreads().get(0).gate.isSuspended());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            hosts.forEach(Thread::start);
            rounds.awaitWork();
        }

        @Test
        @DisplayName("resumed after: the thread parked before anything ran on it, thread_ctor handlers included")
        void resumeAfter() {
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().threadCtor().register(thread -> told.add(thread.name()), 0);
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(stopped(rounds));
            eventually(() -> "ktsusp".equals(row(proc).wmesg()));
            assertEquals(List.of(), told);
            proc.resume();
            rounds.awaitWork();
            assertEquals(List.of("stopped"), told);
        }

        @Test
        @DisplayName("a second ask of it is SUSPENDED at once, and holds it beyond the resume")
        void heldToo() {
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(stopped(rounds));
            SuspendRequest request = proc.ask("a");
            assertEquals(Verdict.SUSPENDED, request.verdict());
            assertEquals(List.of("a"), proc.resume().owners());
            awaitParked(proc);
            assertEquals(0, rounds.done());
            request.withdraw();
            rounds.awaitWork();
        }
    }
}
