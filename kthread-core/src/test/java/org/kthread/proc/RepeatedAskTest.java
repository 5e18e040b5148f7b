package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.event.EventList;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** What does not pile up, what does not stay behind, and what {@code ps} shows of those who wait. */
class RepeatedAskTest extends KernelTest {
    private static final int OFTEN = 50;

    private int inForce(Proc proc) {
        return proc.kthreads().get(0).gate.asks().size();
    }

    @Test
    @DisplayName(
            "A process that is asked again and again, and does not answer, has one request in force; a resume ends it")
    void ofProcess() throws Exception {
        Rounds rounds = new Rounds();
        Stuck stuck = new Stuck(rounds);
        Proc proc = create("deaf", stuck);
        for (int i = 0; i < OFTEN; i++) {
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
        }
        assertEquals(1, inForce(proc));
        stuck.release();
        awaitParked(proc);
        assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
        assertEquals(1, inForce(proc));
        assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        rounds.awaitWork();

        assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
        assertEquals(1, inForce(proc));
        proc.resume();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("So has a thread; and requests of the two kinds do not stand for each other")
    void ofThread() throws Exception {
        Rounds rounds = new Rounds();
        Stuck stuck = new Stuck(rounds);
        Proc proc = create("deaf", stuck);
        Kthread thread = proc.kthreads().get(0);
        for (int i = 0; i < OFTEN; i++) {
            assertEquals(Verdict.TIMED_OUT, thread.suspend(Duration.ZERO).verdict());
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
        }
        assertEquals(2, inForce(proc));
        thread.resume();
        assertEquals(1, inForce(proc));
        assertEquals(Verdict.TIMED_OUT, thread.suspend(Duration.ZERO).verdict());
        assertEquals(2, inForce(proc));
        proc.resume();
        assertEquals(0, inForce(proc));
        stuck.release();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("A request that its maker may withdraw does not stand for a suspend")
    void notOfAsk() throws Exception {
        Stuck stuck = new Stuck(new Rounds());
        Proc proc = create("deaf", stuck);
        SuspendRequest mine = proc.ask(null);
        assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
        mine.withdraw();
        assertEquals(1, inForce(proc));
        stuck.release();
        awaitParked(proc);
    }

    @Test
    @DisplayName("A handler of kproc_hung that stops, in vain, what hangs, is told once")
    void hungHandler() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("deaf", stuck);
        AtomicInteger told = new AtomicInteger();
        kernel.events()
                .kprocHung()
                .register(
                        hung -> {
                            told.incrementAndGet();
                            assertEquals(
                                    Verdict.TIMED_OUT,
                                    proc.stop(Duration.ofNanos(1)).verdict());
                        },
                        EventList.PRI_ANY);
        assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ofMillis(1)).verdict());
        assertEquals(1, told.get());
        assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ofMillis(1)).verdict());
        assertEquals(2, told.get());
        stuck.release();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("Who waits for less time than the asking takes has waited: kproc_hung is told")
    void hungAtOnce() throws Exception {
        AtomicInteger told = new AtomicInteger();
        kernel.events().kprocHung().register(diagnosis -> told.incrementAndGet(), 0);
        Stuck stuck = new Stuck();
        Proc proc = create("deaf", stuck);
        proc.suspend(Duration.ofNanos(1));
        assertEquals(1, told.get());
        proc.ask(null).await(Duration.ofNanos(1));
        assertEquals(2, told.get());
        stuck.release();
        proc.resume();
        awaitReaped(proc);
    }

    @Test
    @DisplayName("A thread that is stopped in portions shorter than the grace is interrupted as well, in the end")
    void stopInPortions() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Door inside = new Door();
        Proc proc = create("waits", () -> {
            inside.open();
            never.await();
        });
        inside.await();
        eventually(() -> proc.stop(Duration.ofMillis(5)).verdict() == Verdict.EXITED);
        assertEquals(OptionalInt.of(0), proc.exitStatus());
    }

    @Test
    @DisplayName("exitProc: a sibling that waits where no stop reaches it is interrupted after a grace")
    void exitProcInterrupts() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Door inside = new Door();
        Proc proc = create("pair", () -> {
            inside.open();
            never.await();
        });
        inside.await();
        kernel.kthreads().kthreadAdd(proc, named("exiting", () -> CurThread.exitProc(3)));
        awaitReaped(proc);
        assertEquals(OptionalInt.of(3), proc.exitStatus());
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
    }

    @Test
    @DisplayName("ps shows for whom a kernel thread waits in join, and in awaitReady")
    void joinIsSeen() throws Exception {
        Stuck stuck = new Stuck(() -> CurThread.ready());
        Proc other = create("other", stuck);
        List<Proc> waiters = List.of(
                create("joiner", () -> {
                    other.join(LIMIT);
                }),
                create("tjoiner", () -> {
                    other.kthreads().get(0).join(LIMIT);
                }),
                create("rdwaiter", () -> {
                    other.awaitReady(LIMIT);
                }));
        List<String> reasons = List.of("wait", "wait", "waitrdy");
        for (int i = 0; i < reasons.size(); i++) {
            Proc waiter = waiters.get(i);
            String reason = reasons.get(i);
            eventually(() -> reason.equals(row(waiter).wmesg()));
            assertEquals(
                    "process `other' (pid " + other.pid() + ")",
                    waiter.diagnose().get(0).waitsFor());
        }
        stuck.release();
        for (Proc waiter : waiters) {
            awaitReaped(waiter);
        }
    }

    @Test
    @DisplayName("ps says no more of a join that is over, though the kernel thread that made it goes on")
    void joinIsOver() throws Exception {
        Stuck stuck = new Stuck();
        Proc waiter = create("joiner", () -> {
            assertFalse(kernel.initproc().join(Duration.ZERO));
            stuck.run();
        });
        stuck.awaitInside();
        assertNull(row(waiter).wmesg());
        assertNull(waiter.kthreads().get(0).waitsFor);
        stuck.release();
        awaitReaped(waiter);
    }
}
