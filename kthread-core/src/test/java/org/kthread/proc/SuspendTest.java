package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Suspend, resume, and the request they are made of. */
class SuspendTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Nested
    @DisplayName("the ask")
    class TheAsk {
        @Test
        @DisplayName("of a thread that is gone is EXITED at once")
        void gone() throws Exception {
            Proc proc = create("gone", () -> CurThread.exit(0));
            awaitReaped(proc);
            assertEquals(Verdict.EXITED, proc.ask(null).verdict());
            assertEquals(Verdict.EXITED, proc.suspend(Duration.ZERO).verdict());
        }

        @Test
        @DisplayName("of a thread that is parked is SUSPENDED at once")
        void parked() throws Exception {
            Proc proc = create("parked", new Rounds());
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            assertEquals(Verdict.SUSPENDED, proc.ask("a").verdict());
            assertEquals(Verdict.SUSPENDED, proc.kthreads().get(0).ask("b").verdict());
        }

        @Test
        @DisplayName("of a thread in a suspendable sleep, or in a region, is SUSPENDED at once")
        void idle() {
            Proc sleeper =
                    create("sleeper", () -> kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "psleep", SECOND));
            eventually(() -> "psleep".equals(row(sleeper).wmesg()) && clock.waiters() == 1);
            assertEquals(Verdict.SUSPENDED, sleeper.ask("a").verdict());
            Door leave = new Door();
            Door inside = new Door();
            Proc region = create(
                    "region",
                    () -> CurThread.quiescent("reg", () -> {
                        inside.open();
                        leave.await();
                    }));
            inside.await();
            assertEquals(Verdict.SUSPENDED, region.ask("a").verdict());
            leave.open();
        }

        @Test
        @DisplayName("of a thread that has not begun is SUSPENDED at once")
        void unborn() {
            List<Thread> hosts = new ArrayList<>();
            kernel.kthreads().starter = hosts::add;
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(named("unborn", rounds));
            SuspendRequest request = proc.ask("a");
            assertEquals(Verdict.SUSPENDED, request.verdict());
            hosts.forEach(Thread::start);
            eventually(() -> "kpsusp".equals(row(proc).wmesg()));
            assertEquals(0, rounds.done());
            request.withdraw();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("withdrawn before it was answered is RESUMED; twice is harmless; the thread goes on")
        void withdrawn() {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("withdrawn", stuck);
            SuspendRequest request = proc.ask("a");
            assertEquals(Verdict.TIMED_OUT, request.verdict(), "no answer so far");
            request.withdraw();
            request.withdraw();
            assertEquals(Verdict.RESUMED, request.verdict());
            stuck.release();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("the first verdict stays: SUSPENDED through withdrawal and end, RESUMED and EXITED too")
        void firstVerdict() throws Exception {
            Proc proc = create("first", new Rounds());
            SuspendRequest suspended = proc.ask("a");
            assertEquals(Verdict.SUSPENDED, suspended.await(LIMIT).verdict());
            suspended.withdraw();
            assertEquals(Verdict.SUSPENDED, suspended.verdict());
            Stuck stuck = new Stuck();
            Proc deaf = create("deaf", stuck);
            SuspendRequest resumed = deaf.ask("a");
            SuspendRequest exited = deaf.ask("a");
            resumed.withdraw();
            stuck.release();
            awaitReaped(deaf);
            assertEquals(Verdict.RESUMED, resumed.verdict());
            assertEquals(Verdict.EXITED, exited.verdict());
            exited.withdraw();
            assertEquals(Verdict.EXITED, exited.verdict());
            assertTrue(proc.stop(LIMIT).isExited());
            assertEquals(Verdict.SUSPENDED, suspended.verdict());
        }

        @Test
        @DisplayName("several: it runs when none is in force, and not before")
        void several() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("several", rounds);
            SuspendRequest a = proc.ask("a");
            SuspendRequest b = proc.ask("b");
            SuspendRequest c = proc.kthreads().get(0).ask("c");
            for (SuspendRequest each : List.of(a, b, c)) {
                assertEquals(Verdict.SUSPENDED, each.await(LIMIT).verdict());
            }
            long done = rounds.done();
            b.withdraw();
            c.withdraw();
            awaitParked(proc);
            SuspendRequest d = proc.ask("d");
            assertEquals(Verdict.SUSPENDED, d.verdict());
            a.withdraw();
            awaitParked(proc);
            assertEquals(done, rounds.done());
            d.withdraw();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("withdrawing clears the reason: a check with nothing pending reads one zero")
        void clears() throws Exception {
            Proc proc = create("clears", new Rounds());
            SuspendGate gate = proc.kthreads().get(0).gate;
            assertEquals(0, gate.pending);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            SuspendRequest other = proc.ask("other");
            assertEquals(SuspendGate.ASKED, gate.pending);
            proc.resume();
            assertEquals(SuspendGate.ASKED, gate.pending);
            other.withdraw();
            assertEquals(0, gate.pending);
        }

        @Test
        @DisplayName("it tells when it was made and when it was answered")
        void times() throws Exception {
            Stuck stuck = new Stuck(new Rounds());
            Proc proc = create("times", stuck);
            clock.advance(SECOND);
            SuspendRequest request = proc.ask("a");
            assertEquals(-1, request.answered());
            clock.advance(SECOND);
            stuck.release();
            assertEquals(Verdict.SUSPENDED, request.await(LIMIT).verdict());
            assertEquals(1_000_000_000L, request.asked());
            assertEquals(2_000_000_000L, request.answered());
        }
    }

    @Nested
    @DisplayName("time")
    class Time {
        @Test
        @DisplayName("zero asks and does not wait; the ask stands")
        void zero() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("zero", stuck);
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
            stuck.release();
            awaitParked(proc);
            assertEquals(0, rounds.done());
            proc.resume();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("FOREVER and what is too long to be told wait without limit")
        void forever() throws Exception {
            for (Duration timo : List.of(KernelClock.FOREVER, Duration.ofSeconds(Long.MAX_VALUE))) {
                Stuck stuck = new Stuck(new Rounds());
                Proc proc = create("forever", stuck);
                Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(timo));
                suspender.awaitWaiting();
                assertEquals(0, clock.waiters(), "no deadline");
                stuck.release();
                assertEquals(Verdict.SUSPENDED, suspender.result().verdict());
            }
        }

        @Test
        @DisplayName("negative is refused, and nothing was asked: of process, thread, hold, quiesce")
        void negative() {
            Duration negative = Duration.ofNanos(-1);
            Proc proc = create("negative", new Rounds());
            Kthread thread = proc.kthreads().get(0);
            assertThrows(IllegalArgumentException.class, () -> proc.suspend(negative));
            assertThrows(IllegalArgumentException.class, () -> thread.suspend(negative));
            assertThrows(IllegalArgumentException.class, () -> proc.hold("a", negative));
            assertThrows(IllegalArgumentException.class, () -> kernel.quiesceAll("a", negative));
            assertThrows(IllegalArgumentException.class, () -> kernel.quiesce("a", p -> true, negative));
            assertThrows(NullPointerException.class, () -> thread.suspend(null));
            assertThrows(NullPointerException.class, () -> proc.suspend(null));
            assertEquals(0, thread.gate.pending);
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        }

        @Test
        @DisplayName("a verdict given wins over a deadline that has passed")
        void verdictWins() throws Exception {
            Proc proc = create("wins", new Rounds());
            SuspendRequest request = proc.ask("a");
            assertTrue(request.await(LIMIT).isQuiet());
            clock.advance(Duration.ofHours(1));
            assertEquals(Verdict.SUSPENDED, request.await(Duration.ZERO).verdict());
        }
    }

    @Nested
    @DisplayName("what cannot be suspended")
    class Refused {
        @Test
        @DisplayName("what is no kernel process: EINVAL, suspend, ask, hold and resume")
        void einval() {
            Proc init = kernel.initproc();
            assertErrno(Errno.EINVAL, () -> init.suspend(LIMIT));
            assertErrno(Errno.EINVAL, () -> init.ask(null));
            assertErrno(Errno.EINVAL, () -> init.hold("a", LIMIT));
            assertErrno(Errno.EINVAL, () -> init.resume());
        }

        @Test
        @DisplayName("oneself, or a thread of one's own process: EDEADLK, and nothing is asked")
        void edeadlk() throws Exception {
            Proc proc = create("home", new Rounds());
            Kthread sibling = proc.kthreads().get(0);
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Kthread thread = kernel.kthreads().kthreadAdd(proc, named("self", () -> {
                try {
                    Kthread me = CurThread.curthread();
                    assertErrno(Errno.EDEADLK, () -> me.suspend(LIMIT));
                    assertErrno(Errno.EDEADLK, () -> sibling.suspend(LIMIT));
                    assertErrno(Errno.EDEADLK, () -> proc.suspend(LIMIT));
                    assertErrno(Errno.EDEADLK, () -> proc.ask("a"));
                    assertErrno(Errno.EDEADLK, () -> proc.hold("a", LIMIT));
                    assertErrno(Errno.EDEADLK, () -> kernel.quiesce("a", p -> p == proc, LIMIT));
                    CurThread.suspendCheck();
                } catch (AssertionError e) {
                    thrown.set(e);
                }
            }));
            eventually(thread::isExited);
            assertEquals(null, thrown.get());
            assertEquals(0, sibling.gate.pending);
        }

        @Test
        @DisplayName("oneself by another, with whom one waits for the answer: EDEADLK")
        void awaitOfOneself() throws Exception {
            Door runs = new Door();
            Door asked = new Door();
            AtomicReference<SuspendRequest> request = new AtomicReference<>();
            AtomicReference<KernelException> thrown = new AtomicReference<>();
            Proc proc = create("self", () -> {
                runs.open();
                asked.await();
                thrown.set(assertErrno(Errno.EDEADLK, () -> request.get().await(Duration.ZERO)));
            });
            runs.await();
            request.set(proc.ask("owner"));
            asked.open();
            awaitReaped(proc);
            assertEquals(Errno.EDEADLK, thrown.get().errno());
        }

        @Test
        @DisplayName("process 0 can: its kernel threads are asked; without any it is EXITED")
        void process0() throws Exception {
            assertEquals(Verdict.EXITED, kernel.proc0().suspend(Duration.ZERO).verdict());
            Rounds rounds = new Rounds();
            Kthread born = kernel.kthreads().kthreadAdd(null, named("born", rounds));
            eventually(born.gate::isSuspended);
            assertEquals(0, rounds.done());
            assertEquals(ResumeOutcome.Kind.RUNNING, kernel.proc0().resume().kind());
            rounds.awaitWork();
            assertEquals(Verdict.SUSPENDED, kernel.proc0().suspend(LIMIT).verdict());
        }
    }

    @Nested
    @DisplayName("several threads")
    class SeveralThreads {
        @Test
        @DisplayName("an ask on the process is answered when all have answered")
        void all() throws Exception {
            Proc proc = create("all", new Rounds());
            Stuck stuck = new Stuck(new Rounds());
            kernel.kthreads().kthreadAdd(proc, named("second", stuck));
            stuck.awaitInside();
            SuspendRequest request = proc.ask(null);
            eventually(proc.kthreads().get(0).gate::isSuspended);
            assertEquals(Verdict.TIMED_OUT, request.verdict());
            stuck.release();
            assertEquals(Verdict.SUSPENDED, request.await(LIMIT).verdict());
        }

        @Test
        @DisplayName("a thread that is added while an ask is in force gets it too: it is born parked")
        void added() throws Exception {
            Proc proc = create("added", new Rounds());
            SuspendRequest request = proc.ask("a");
            assertTrue(request.await(LIMIT).isQuiet());
            Rounds rounds = new Rounds();
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", rounds));
            assertEquals(Verdict.SUSPENDED, request.verdict());
            eventually(second.gate::isSuspended);
            assertEquals(0, rounds.done());
            request.withdraw();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("one has ended and one is parked: SUSPENDED; all have ended: EXITED")
        void someEnded() throws Exception {
            Proc proc = create("some", new Rounds());
            Stuck stuck = new Stuck();
            kernel.kthreads().kthreadAdd(proc, named("second", stuck));
            stuck.awaitInside();
            SuspendRequest some = proc.ask("a");
            stuck.release();
            assertEquals(Verdict.SUSPENDED, some.await(LIMIT).verdict());
            some.withdraw();
            Stuck last = new Stuck();
            Proc all = create("all", last);
            Stuck lastToo = new Stuck();
            kernel.kthreads().kthreadAdd(all, named("second", lastToo));
            lastToo.awaitInside();
            SuspendRequest request = all.ask("a");
            last.release();
            lastToo.release();
            assertEquals(Verdict.EXITED, request.await(LIMIT).verdict());
        }
    }

    @Nested
    @DisplayName("a sleep with PCATCH")
    class Pcatch {
        @Test
        @DisplayName("returns SUSPEND_REQUESTED, and so does the next one, until the daemon has checked")
        void untilChecked() throws Exception {
            List<WakeReason> reasons = new CopyOnWriteArrayList<>();
            Proc proc = create("catcher", () -> {
                for (int i = 0; i < 2; i++) {
                    reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", SECOND));
                }
                CurThread.suspendCheck();
                reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", SECOND));
            });
            eventually(() -> clock.waiters() == 1);
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            assertEquals(List.of(WakeReason.SUSPEND_REQUESTED, WakeReason.SUSPEND_REQUESTED), reasons);
            proc.resume();
            eventually(() -> clock.waiters() == 1);
            clock.advance(SECOND);
            assertTrue(proc.join(LIMIT));
            assertEquals(WakeReason.TIMED_OUT, reasons.get(2));
        }

        @Test
        @DisplayName("tells that its time is over, or of an interrupt, before it tells of the ask")
        void order() throws Exception {
            List<WakeReason> reasons = new CopyOnWriteArrayList<>();
            Stuck stuck = new Stuck();
            Proc proc = create("catcher", () -> {
                stuck.run();
                Thread.currentThread().interrupt();
                reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", Duration.ZERO));
                reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", SECOND));
                reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", Duration.ZERO));
                reasons.add(kernel.sleepQueues().pause(SleepPriority.PCATCH, "catch", SECOND));
            });
            stuck.awaitInside();
            SuspendRequest request = proc.ask("a");
            stuck.release();
            assertTrue(proc.join(LIMIT));
            assertEquals(Verdict.EXITED, request.await(LIMIT).verdict());
            assertEquals(
                    List.of(
                            WakeReason.TIMED_OUT,
                            WakeReason.INTERRUPTED,
                            WakeReason.TIMED_OUT,
                            WakeReason.SUSPEND_REQUESTED),
                    reasons);
        }
    }

    @Test
    @DisplayName("a request and its outcome say in words whom they ask, and what came of it")
    void inWords() throws Exception {
        Proc proc = create("daemon", new Rounds());
        assertEquals(
                "request of nobody that daemon (pid 2) be still", proc.ask(null).toString());
        Kthread thread = proc.kthreads().get(0);
        assertEquals(
                "request of backup that " + thread + " be still",
                thread.ask("backup").toString());
        assertEquals("SUSPENDED", proc.suspend(LIMIT).toString());
    }
}
