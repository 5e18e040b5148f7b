package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Interrupts of those who suspend, and of those who are suspended. */
class SuspendInterruptTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Nested
    @DisplayName("an interrupted suspender")
    class Interrupted {
        @Test
        @DisplayName("before: it is told, and has withdrawn what it asked")
        void before() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("before", stuck);
            assertInstanceOf(
                    InterruptedException.class,
                    Caller.startInterrupted("suspender", () -> proc.suspend(LIMIT))
                            .failure());
            stuck.release();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("during: it is told, and has withdrawn what it asked, of process and thread")
        void during() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("during", stuck);
            Kthread thread = proc.kthreads().get(0);
            Caller<SuspendOutcome> ofProcess = Caller.start("ofProcess", () -> proc.suspend(LIMIT));
            Caller<SuspendOutcome> ofThread = Caller.start("ofThread", () -> thread.suspend(LIMIT));
            eventually(() -> clock.waiters() == 2);
            ofProcess.interrupt();
            ofThread.interrupt();
            assertInstanceOf(InterruptedException.class, ofProcess.failure());
            assertInstanceOf(InterruptedException.class, ofThread.failure());
            assertEquals(List.of(), row(proc).holds());
            stuck.release();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("with an answer there already: it gets the answer, its ask stands, and the flag stays set")
        void after() throws Exception {
            Proc proc = create("after", new Rounds());
            assertTrue(proc.ask("other").await(LIMIT).isQuiet());
            Caller<SuspendOutcome> suspender = Caller.startInterrupted("suspender", () -> proc.suspend(LIMIT));
            assertEquals(Verdict.SUSPENDED, suspender.result().verdict());
            assertTrue(suspender.wasInterrupted());
            assertEquals(2, row(proc).holds().size());
        }

        @Test
        @DisplayName("at the moment of the answer: it gets the answer, and the flag is set")
        void together() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("together", stuck);
            SuspendGate gate = proc.kthreads().get(0).gate;
            Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
            eventually(() -> clock.waiters() == 1);
            synchronized (gate) { // so that it has woken by the interrupt, and finds an answer
                suspender.interrupt();
                eventually(() -> suspender.thread().getState() == Thread.State.BLOCKED);
                gate.withdrawOwnerless(false);
            }
            assertEquals(Verdict.RESUMED, suspender.result().verdict());
            assertTrue(suspender.wasInterrupted());
            stuck.release();
        }

        @Test
        @DisplayName("a kernel thread that waits in a suspend is interrupted by its stop, withdraws, and ends")
        void stopped() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc target = create("target", stuck);
            Proc waiter = create("waiter", () -> target.suspend(KernelClock.FOREVER));
            eventually(() -> "suspkp".equals(row(waiter).wmesg()));
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> waiter.stop(SECOND));
            eventually(() -> clock.waiters() == 1);
            clock.advance(Duration.ofMillis(250));
            assertEquals(Verdict.EXITED, stopper.result().verdict());
            assertEquals(0, waiter.exitStatus().getAsInt());
            assertEquals(List.of(), row(target).holds());
            stuck.release();
            rounds.awaitWork();
        }
    }

    @Nested
    @DisplayName("an interrupted daemon")
    class InterruptedDaemon {
        @Test
        @DisplayName("does not leave its park; it finds the flag set when the check returns")
        void parked() throws Exception {
            AtomicReference<Thread> host = new AtomicReference<>();
            List<Boolean> flags = new CopyOnWriteArrayList<>();
            Door go = new Door();
            Proc proc = create("interrupted", () -> {
                host.set(Thread.currentThread());
                go.await();
                CurThread.suspendCheck();
                flags.add(Thread.interrupted());
                CurThread.suspendCheck();
                flags.add(Thread.interrupted());
            });
            eventually(() -> host.get() != null);
            SuspendRequest request = proc.ask("a");
            go.open();
            assertEquals(Verdict.SUSPENDED, request.await(LIMIT).verdict());
            host.get().interrupt();
            eventually(() -> !host.get().isInterrupted());
            awaitParked(proc);
            assertEquals(List.of(), flags);
            request.withdraw();
            assertTrue(proc.join(LIMIT));
            assertEquals(List.of(true, false), flags);
        }
    }
}
