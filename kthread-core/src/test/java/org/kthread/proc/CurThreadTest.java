package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
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
import org.junit.jupiter.api.function.Executable;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** What a kernel thread does to itself, and readiness. */
class CurThreadTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("outside a kernel thread each of them is a panic that says so, and what to do")
    void panics() {
        List<Executable> all = List.of(
                CurThread::curthread,
                CurThread::curproc,
                CurThread::suspendCheck,
                CurThread::shouldStop,
                () -> CurThread.exit(0),
                () -> CurThread.exitProc(0),
                CurThread::ready);
        for (Executable each : all) {
            KernelPanic panic = assertThrows(KernelPanic.class, each);
            assertTrue(panic.getMessage().contains("is not a valid kthread"), panic::getMessage);
            assertTrue(panic.getMessage().contains(Thread.currentThread().getName()), panic::getMessage);
        }
        assertFalse(CurThread.isKernelThread());
    }

    @Test
    @DisplayName("curthread and curproc are the thread and the process that run")
    void current() throws Exception {
        AtomicReference<Kthread> thread = new AtomicReference<>();
        AtomicReference<Proc> self = new AtomicReference<>();
        Proc proc = create("current", () -> {
            thread.set(CurThread.curthread());
            self.set(CurThread.curproc());
        });
        assertTrue(proc.join(LIMIT));
        assertSame(proc, self.get());
        assertSame(proc, thread.get().proc());
        assertEquals("current (pid 2, tid " + thread.get().tid() + ")", thread.toString());
    }

    @Test
    @DisplayName("the slot is empty before and after: nothing of ours stays on the host thread")
    void slot() throws Exception {
        List<Object> seen = new CopyOnWriteArrayList<>();
        List<Caller<Boolean>> hosts = new ArrayList<>();
        kernel.kthreads().starter = host -> hosts.add(Caller.run("host", () -> {
            Runnable body = host;
            seen.add(String.valueOf(CurrentThread.get()));
            body.run();
            seen.add(String.valueOf(CurrentThread.get()));
        }));
        Proc proc = create("slot", () -> seen.add(CurrentThread.get() instanceof Kthread));
        hosts.get(0).result();
        assertEquals(List.of("null", true, "null"), seen);
        awaitReaped(proc);
        assertNull(CurrentThread.get());
    }

    @Test
    @DisplayName("shouldStop is false until a stop or an exit, whatever is asked otherwise")
    void shouldStop() throws Exception {
        List<Boolean> seen = new ArrayList<>();
        Stuck stuck = new Stuck(() -> {
            seen.add(CurThread.shouldStop());
            CurThread.suspendCheck();
        });
        Proc proc = create("asked", stuck);
        SuspendRequest request = proc.ask("a");
        stuck.release();
        assertTrue(request.await(LIMIT).isQuiet());
        assertEquals(List.of(false), seen);
    }

    @Nested
    @DisplayName("ready")
    class Ready {
        @Test
        @DisplayName("is false until the daemon says so, and stays, also when it has ended")
        void says() throws Exception {
            Door end = new Door();
            Stuck stuck = new Stuck(() -> {
                CurThread.ready();
                end.await();
            });
            Proc proc = create("ready", stuck);
            assertFalse(proc.isReady());
            Caller<Readiness> waiter = Caller.start("waiter", () -> proc.awaitReady(SECOND));
            eventually(() -> clock.waiters() == 1);
            stuck.release();
            assertEquals(Readiness.READY, waiter.result());
            end.open();
            awaitReaped(proc);
            assertTrue(proc.isReady());
            assertEquals(Readiness.READY, proc.awaitReady(Duration.ZERO));
        }

        @Test
        @DisplayName("a daemon that ends first is told at once")
        void exited() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("dies", stuck);
            Caller<Readiness> waiter = Caller.start("waiter", () -> proc.awaitReady(SECOND));
            eventually(() -> clock.waiters() == 1);
            stuck.release();
            assertEquals(Readiness.EXITED, waiter.result());
            assertFalse(proc.isReady());
        }

        @Test
        @DisplayName("time is an outcome: at the deadline, not before")
        void timedOut() throws Exception {
            Proc proc = create("slow", new Rounds());
            assertEquals(Readiness.TIMED_OUT, proc.awaitReady(Duration.ZERO));
            Caller<Readiness> waiter = Caller.start("waiter", () -> proc.awaitReady(SECOND));
            eventually(() -> clock.waiters() == 1);
            clock.advance(SECOND.minusNanos(1));
            eventually(() -> clock.waiters() == 1);
            assertTrue(waiter.isAlive());
            clock.advance(Duration.ofNanos(1));
            assertEquals(Readiness.TIMED_OUT, waiter.result());
            assertThrows(IllegalArgumentException.class, () -> proc.awaitReady(Duration.ofNanos(-1)));
        }

        @Test
        @DisplayName("a second thread of the process may say it")
        void anyThread() throws Exception {
            Proc proc = create("home", new Rounds());
            kernel.kthreads().kthreadAdd(proc, named("second", () -> {
                CurThread.ready();
                CurThread.exit(0);
            }));
            assertEquals(Readiness.READY, proc.awaitReady(LIMIT));
        }

        @Test
        @DisplayName("the wait is interrupted before and during; with an answer there, the answer wins")
        void interrupted() throws Exception {
            Stuck stuck = new Stuck(CurThread::ready);
            Proc proc = create("interrupted", stuck);
            assertInstanceOf(
                    InterruptedException.class,
                    Caller.startInterrupted("before", () -> proc.awaitReady(SECOND))
                            .failure());
            Caller<Readiness> during = Caller.start("during", () -> proc.awaitReady(SECOND));
            eventually(() -> clock.waiters() == 1);
            during.interrupt();
            assertInstanceOf(InterruptedException.class, during.failure());
            stuck.release();
            awaitReaped(proc);
            Caller<Readiness> after = Caller.startInterrupted("after", () -> proc.awaitReady(SECOND));
            assertEquals(Readiness.READY, after.result());
            assertTrue(after.wasInterrupted());
        }
    }
}
