package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.Verdict;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;
import org.kthread.testing.TestKernel;

/**
 * What the BSDs do, line by line of a condensed list: C is creation, S is suspend. Where this library decides otherwise the
 * name says so.
 */
@DisplayName("the conformance check-list")
class CheckListTest extends KernelTest {
    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("C1 a name of 30 characters: the first 19 are kept")
    void c1() {
        String name = "abcdefghijklmnopqrstuvwxyz1234";
        Proc proc = create(name, new Rounds());
        assertEquals("abcdefghijklmnopqrs", proc.comm());
        assertEquals("abcdefghijklmnopqrs", row(proc).comm());
        assertEquals(name, row(proc).hostThread());
    }

    @Test
    @DisplayName("C2 RFCFDG: EINVAL at once, the handle untouched, nothing allocated")
    void c2() {
        AtomicReference<Proc> cell = new AtomicReference<>();
        KthreadSpec spec = named("rfcfdg", () -> {}).cell(cell);
        assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadCreate(spec.flags(KthreadSpec.RFCFDG)));
        assertNull(cell.get());
        assertEquals(2, kernel.kthreads().kthreadCreate(spec).pid());
    }

    @Test
    @DisplayName("C3 as many processes as maxproc - 1: EAGAIN; at once, not after half a second; one line a second")
    void c3() {
        try (TestKernel small = TestKernel.start(5, clock)) {
            small.kthreads().kthreadCreate(named("third", new Rounds()));
            small.kthreads().kthreadCreate(named("fourth", new Rounds()));
            AtomicReference<Proc> cell = new AtomicReference<>();
            KthreadSpec fifth = named("fifth", () -> {}).cell(cell);
            assertErrno(Errno.EAGAIN, () -> small.kthreads().kthreadCreate(fifth));
            assertErrno(Errno.EAGAIN, () -> small.kthreads().kthreadCreate(fifth));
            assertNull(cell.get());
            String line = "maxproc limit exceeded by uid 0 (pid 0); see KernelConfig.maxproc";
            assertEquals(List.of(line), small.console());
            clock.advance(Duration.ofSeconds(1));
            assertErrno(Errno.EAGAIN, () -> small.kthreads().kthreadCreate(fifth));
            assertEquals(List.of(line, line), small.console());
        }
    }

    @Test
    @DisplayName("C4 before process 0 nothing can be created: here a kernel is not there without its process 0")
    void c4() {
        assertSame(kernel.proc0(), kernel.pfind(0));
        assertEquals(ProcState.RUNNING, kernel.proc0().state());
    }

    @Test
    @DisplayName("C5 RFSTOPPED: visible, and never runs until it is let go")
    void c5() {
        Rounds rounds = new Rounds();
        Proc proc = kernel.kthreads().kthreadCreate(named("stopped", rounds).flags(KthreadSpec.RFSTOPPED));
        assertSame(proc, kernel.pfind(proc.pid()));
        eventually(() -> row(proc).wmesg() != null);
        assertEquals('T', row(proc).state());
        assertEquals(0, rounds.done());
        proc.resume();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("C6 the handle is visible in the first statement of main")
    void c6() throws Exception {
        for (int i = 0; i < 200; i++) {
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Proc> seen = new AtomicReference<>();
            Proc proc = kernel.kthreads()
                    .kthreadCreate(named("first", () -> seen.set(cell.get())).cell(cell));
            assertTrue(proc.join(LIMIT));
            assertSame(proc, seen.get());
        }
    }

    @Test
    @DisplayName("C7 the parent is process 0; after the exit it is init, which reaps")
    void c7() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("orphan", stuck);
        assertEquals(0, proc.ppid());
        stuck.release();
        awaitReaped(proc);
        assertEquals(1, proc.ppid());
        assertNull(kernel.pfind(proc.pid()));
    }

    @Test
    @DisplayName("C8 main returns: the exact line, status 0")
    void c8() throws Exception {
        Proc proc = create("x", () -> {});
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of("Kernel thread \"x\" (pid " + proc.pid() + ") exited prematurely."), kernel.console());
        assertEquals(OptionalInt.of(0), proc.exitStatus());
    }

    @Test
    @DisplayName("C9 a waiter on the handle with a common lock is woken once, at the exit; here not before the end")
    void c9() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        boolean[] stop = {false};
        Proc proc = create("alq", () -> {
            for (boolean told = false; !told; ) {
                lock.lock();
                try {
                    told = stop[0];
                } finally {
                    lock.unlock();
                }
            }
            CurThread.exit(3);
        });
        lock.lock();
        try {
            stop[0] = true;
            WakeReason why = kernel.sleepQueues().msleep(proc, lock, 0, "aldslp", KernelClock.FOREVER);
            assertEquals(WakeReason.AWAKENED, why);
        } finally {
            lock.unlock();
        }
        assertEquals(OptionalInt.of(3), proc.exitStatus());
        assertEquals(ProcState.REAPED, proc.state());
    }

    @Test
    @DisplayName("C9 without the lock a waiter may come too late; here join tells it so")
    void c9late() throws Exception {
        Proc proc = create("gone", () -> CurThread.exit(0));
        awaitReaped(proc);
        Caller<WakeReason> late =
                Caller.start("late", () -> kernel.sleepQueues().tsleep(proc, 0, "late", Duration.ofSeconds(1)));
        eventually(() -> clock.waiters() == 1);
        clock.advance(Duration.ofSeconds(1));
        assertEquals(WakeReason.TIMED_OUT, late.result());
        assertTrue(proc.join(Duration.ZERO));
    }

    @Test
    @DisplayName("C10 kproc_start that fails: the panic names the daemon and the error")
    void c10() {
        try (TestKernel small = TestKernel.start(4, clock)) {
            small.kthreads().kprocStart(new KprocDesc("third", new Rounds()));
            AtomicReference<Proc> cell = new AtomicReference<>();
            KernelPanic panic = assertThrows(
                    KernelPanic.class,
                    () -> small.kthreads().kprocStart(new KprocDesc("bufdaemon", new Rounds(), cell)));
            assertEquals("kproc_start: bufdaemon: error 35", panic.getMessage());
            assertEquals(Errno.EAGAIN, ((KernelException) panic.getCause()).errno());
            assertNull(cell.get());
        }
    }

    @Test
    @DisplayName("S1 suspend, acknowledge, resume: no work between, and it goes on after")
    void s1() throws Exception {
        Rounds rounds = new Rounds();
        Proc proc = create("s1", rounds);
        for (int i = 0; i < 50; i++) {
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            long done = rounds.done();
            kernel.sleepQueues().wakeup(proc);
            assertEquals(done, rounds.done());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            rounds.awaitWork();
        }
    }

    @Test
    @DisplayName("S2 of a process that is no kernel process: EINVAL, both calls")
    void s2() {
        assertErrno(Errno.EINVAL, () -> kernel.initproc().suspend(LIMIT));
        assertErrno(Errno.EINVAL, () -> kernel.initproc().resume());
    }

    @Test
    @DisplayName(
            "S3 no check: TIMED_OUT, not before the time is over; the request stands, and it stops at its next check")
    void s3() throws Exception {
        Rounds rounds = new Rounds();
        Stuck stuck = new Stuck(rounds);
        Proc proc = create("s3", stuck);
        Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(Duration.ofSeconds(100)));
        eventually(() -> clock.waiters() == 1);
        clock.advance(Duration.ofSeconds(100).minusNanos(1));
        assertTrue(suspender.isAlive());
        assertEquals(1, clock.waiters());
        clock.advance(Duration.ofNanos(1));
        assertEquals(Verdict.TIMED_OUT, suspender.result().verdict());
        stuck.release();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertEquals(0, rounds.done());
        proc.resume();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("S4 resume before the acknowledgement: the suspender is told RESUMED; BSD tells it success")
    void s4() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("s4", stuck);
        Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
        eventually(() -> clock.waiters() == 1);
        proc.resume();
        assertEquals(Verdict.RESUMED, suspender.result().verdict());
        stuck.release();
    }

    @Test
    @DisplayName("S5 a second suspend while suspended: SUSPENDED at once; BSD lets it time out")
    void s5() throws Exception {
        Proc proc = create("s5", new Rounds());
        assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
        assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
    }

    @Test
    @DisplayName("S6 an exit while a suspender waits: EXITED; BSD lets it wait for the full time")
    void s6() throws Exception {
        Stuck stuck = new Stuck(() -> CurThread.exit(0));
        Proc proc = create("s6", stuck);
        Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
        eventually(() -> clock.waiters() == 1);
        stuck.release();
        assertEquals(Verdict.EXITED, suspender.result().verdict());
        assertEquals(Verdict.EXITED, proc.suspend(Duration.ZERO).verdict());
        assertEquals(ResumeOutcome.Kind.EXITED, proc.resume().kind());
    }

    @Test
    @DisplayName("S7 asleep on its own handle: here a suspendable sleep is suspended at once, whatever it sleeps on")
    void s7() throws Exception {
        AtomicReference<WakeReason> why = new AtomicReference<>();
        Proc proc = create(
                "vnlru",
                () -> why.set(kernel.sleepQueues()
                        .tsleep(CurThread.curproc(), SleepPriority.SUSPENDABLE, "vlruwt", Duration.ofSeconds(1))));
        eventually(() -> "vlruwt".equals(row(proc).wmesg()));
        assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
        assertEquals('T', row(proc).state());
        kernel.sleepQueues().wakeup(proc);
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertNull(why.get());
        proc.resume();
        assertTrue(proc.join(LIMIT));
        assertEquals(WakeReason.AWAKENED, why.get());
    }

    @Test
    @DisplayName("S7 a plain sleep is left alone: suspend waits for its end, process and thread alike")
    void s7plain() throws Exception {
        Proc proc = create("plain", () -> {
            for (; ; ) {
                CurThread.suspendCheck();
                kernel.sleepQueues().tsleep(CurThread.curthread(), 0, "plain", Duration.ofSeconds(1));
            }
        });
        eventually(() -> "plain".equals(row(proc).wmesg()));
        Kthread thread = proc.kthreads().get(0);
        Caller<SuspendOutcome> ofProcess = Caller.start("ofProcess", () -> proc.suspend(LIMIT));
        Caller<SuspendOutcome> ofThread = Caller.start("ofThread", () -> thread.suspend(LIMIT));
        eventually(() -> clock.waiters() == 3);
        assertEquals('D', row(proc).state());
        clock.advance(Duration.ofSeconds(1));
        assertEquals(Verdict.SUSPENDED, ofProcess.result().verdict());
        assertEquals(Verdict.SUSPENDED, ofThread.result().verdict());
    }

    @Test
    @DisplayName("S8 ps while suspended: T and kpsusp (BSD: DL); the waiter sleeps on suspkp")
    void s8() throws Exception {
        Stuck stuck = new Stuck(new Rounds());
        Proc target = create("target", stuck);
        AtomicReference<SuspendOutcome> outcome = new AtomicReference<>();
        Proc waiter = create("waiter", () -> outcome.set(target.suspend(LIMIT)));
        eventually(() -> "suspkp".equals(row(waiter).wmesg()));
        assertEquals('D', row(waiter).state());
        stuck.release();
        assertTrue(waiter.join(LIMIT));
        assertNotNull(outcome.get());
        assertEquals(Verdict.SUSPENDED, outcome.get().verdict());
        eventually(() -> "kpsusp".equals(row(target).wmesg()));
        assertEquals('T', row(target).state());
        assertFalse(row(target).holds().isEmpty());
    }
}
