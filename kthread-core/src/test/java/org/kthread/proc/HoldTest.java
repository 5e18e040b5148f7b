package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.lwp.Syscalls;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** A hold of one process. */
class HoldTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();
    private final Rounds rounds = new Rounds();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("comes back when the daemon is quiet; nobody's resume ends it; closing it does")
    void holds() throws Exception {
        Proc proc = create("held", rounds);
        try (Suspension hold = proc.hold("backup", LIMIT)) {
            assertEquals("backup", hold.owner());
            long done = rounds.done();
            assertEquals(new ResumeOutcome(ResumeOutcome.Kind.STILL_HELD, List.of("backup")), proc.resume());
            assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
            proc.resume();
            eventually(() -> "kpsusp".equals(row(proc).wmesg()));
            assertEquals(done, rounds.done());
        }
        rounds.awaitWork();
    }

    @Test
    @DisplayName("closed twice is harmless; closed by another thread, it is closed")
    void closeTwice() throws Exception {
        Proc proc = create("twice", rounds);
        Suspension hold = proc.hold("backup", LIMIT);
        Caller.run("closer", hold::close).result();
        rounds.awaitWork();
        SuspendRequest other = proc.ask("other");
        hold.close();
        assertEquals(Verdict.SUSPENDED, other.await(LIMIT).verdict());
        assertEquals(1, row(proc).holds().size());
    }

    @Test
    @DisplayName("closed, it keeps nothing of what it held")
    void keepsNothing() throws Exception {
        Suspension hold = create("held", new Rounds()).hold("owner", LIMIT);
        assertNotNull(hold.get(0));
        hold.close();
        assertNull(hold.get(0));
    }

    @Test
    @DisplayName("two holds: it goes on when both are closed")
    void two() throws Exception {
        Proc proc = create("two", rounds);
        Suspension first = proc.hold("first", LIMIT);
        Suspension second = proc.hold("second", LIMIT);
        long done = rounds.done();
        first.close();
        assertEquals(List.of("second"), proc.resume().owners());
        assertEquals(done, rounds.done());
        second.close();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("refused: who did not park is named with its stack, and nothing is held")
    void refused() throws Exception {
        Stuck stuck = new Stuck(rounds);
        Proc proc = create("deaf", stuck);
        Caller<Suspension> holder = Caller.start("holder", () -> proc.hold("backup", SECOND));
        eventually(() -> clock.waiters() == 1);
        clock.advance(SECOND);
        SuspendRefusedException e = assertInstanceOf(SuspendRefusedException.class, holder.failure());
        assertEquals(1, e.refusers().size());
        assertEquals("deaf", e.refusers().get(0).comm());
        assertTrue(e.getMessage().contains("\"backup\" refused by 1 of the threads of 1 daemons"), e::getMessage);
        assertTrue(e.getMessage().contains("Stuck.run"), e::getMessage);
        assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        stuck.release();
        rounds.awaitWork();
    }

    @Test
    @DisplayName("of a process that has ended, or ends meanwhile, is quiet")
    void ended() throws Exception {
        Proc gone = create("gone", () -> CurThread.exit(0));
        awaitReaped(gone);
        gone.hold("backup", Duration.ZERO).close();
        Stuck stuck = new Stuck();
        Proc going = create("going", stuck);
        Caller<Suspension> holder = Caller.start("holder", () -> going.hold("backup", SECOND));
        eventually(() -> clock.waiters() == 1);
        stuck.release();
        holder.result().close();
    }

    @Test
    @DisplayName("holds what is added to the process, too")
    void added() throws Exception {
        Proc proc = create("home", new Rounds());
        try (Suspension hold = proc.hold("backup", LIMIT)) {
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", rounds));
            eventually(second.gate::isSuspended);
            assertEquals(0, rounds.done());
            assertEquals("backup", hold.owner());
        }
        rounds.awaitWork();
    }

    @Test
    @DisplayName("without an owner's name it is refused, and nothing is held")
    void noOwner() {
        Proc proc = create("noowner", rounds);
        assertThrows(NullPointerException.class, () -> proc.hold(null, LIMIT));
        assertEquals(0, proc.kthreads().get(0).gate.pending);
    }

    @Test
    @DisplayName("for an owner whose name is empty it is refused, as an ask is, and nothing is held")
    void emptyOwner() {
        Proc proc = create("noowner", rounds);
        assertThrows(IllegalArgumentException.class, () -> proc.hold("", LIMIT));
        assertThrows(IllegalArgumentException.class, () -> proc.ask(""));
        assertEquals(0, proc.kthreads().get(0).gate.pending);
    }

    @Nested
    @DisplayName("interrupted")
    class Interrupted {
        @Test
        @DisplayName("before: nothing is held")
        void before() throws Exception {
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("before", stuck);
            assertInstanceOf(
                    InterruptedException.class,
                    Caller.startInterrupted("holder", () -> proc.hold("backup", LIMIT))
                            .failure());
            stuck.release();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("during: nothing is held")
        void during() throws Exception {
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("during", stuck);
            Caller<Suspension> holder = Caller.start("holder", () -> proc.hold("backup", LIMIT));
            eventually(() -> clock.waiters() == 1);
            holder.interrupt();
            assertInstanceOf(InterruptedException.class, holder.failure());
            assertEquals(List.of(), row(proc).holds());
            stuck.release();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("when it is quiet already: it holds, and the flag stays set")
        void after() throws Exception {
            Proc proc = create("after", rounds);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            Caller<Suspension> holder = Caller.startInterrupted("holder", () -> proc.hold("backup", LIMIT));
            Suspension hold = holder.result();
            assertTrue(holder.wasInterrupted());
            assertEquals(List.of("backup"), proc.resume().owners());
            hold.close();
            rounds.awaitWork();
        }
    }

    @Nested
    @DisplayName("taken by a kernel thread")
    class ByKernelThread {
        private final Door holding = new Door();

        /** A daemon that holds another and then goes on in some way. */
        private Proc holder(Proc target, Action then) {
            Proc proc = create("holder", () -> {
                target.hold("holder", LIMIT);
                holding.open();
                then.run();
            });
            holding.await();
            return proc;
        }

        @Test
        @DisplayName("ends with its process, which is told in the log")
        void endsWithIt() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                Stuck stuck = new Stuck(() -> CurThread.exit(0));
                Proc holder = holder(proc, stuck);
                assertEquals(List.of("holder"), proc.resume().owners());
                stuck.release();
                assertTrue(holder.join(LIMIT));
                rounds.awaitWork();
                assertEquals(List.of(Level.WARNING), log.levels());
            }
        }

        @Test
        @DisplayName("ends with its process also when that has closed another one before")
        void endsWithItAfterAnother() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                Proc holder = create("holder", () -> {
                    Suspension first = proc.hold("first", LIMIT);
                    proc.hold("second", LIMIT);
                    first.close();
                });
                assertTrue(holder.join(LIMIT));
                rounds.awaitWork();
                assertEquals(List.of(Level.WARNING), log.levels());
            }
        }

        @Test
        @DisplayName("ends with it also when main throws, or the process is stopped")
        void endsAnyhow() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                Stuck stuck = new Stuck(() -> {
                    throw new java.io.IOException("planted");
                });
                holder(proc, stuck);
                stuck.release();
                rounds.awaitWork();
                Proc second = create("stopped", () -> {
                    proc.hold("second", LIMIT);
                    new Rounds().run();
                });
                eventually(() -> proc.resume().owners().contains("second"));
                assertTrue(second.stop(LIMIT).isExited());
                rounds.awaitWork();
                assertEquals(1, log.thrown().size());
            }
        }

        @Test
        @DisplayName("ends with its process also when a closer of what the process had open took it")
        void takenByACloser() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                Syscalls sys = new Syscalls(proc.table);
                Proc holder = create("holder", () -> sys.install(() -> proc.hold("closer", LIMIT)));
                assertTrue(holder.join(LIMIT));
                assertEquals(List.of(), proc.resume().owners());
                rounds.awaitWork();
                assertEquals(List.of(Level.WARNING, Level.WARNING), log.levels(), "what it had open, and the hold");
            }
        }

        @Test
        @DisplayName("closed in time leaves nothing to say")
        void closedInTime() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                onKernelThread("tidy", () -> {
                    proc.hold("tidy", LIMIT).close();
                    return true;
                });
                rounds.awaitWork();
                assertEquals(List.of(), log.messages());
            }
        }

        @Test
        @DisplayName("lasts as long as any thread of the process, also after the one that took it has ended")
        void outlivesTheThread() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("held", rounds);
                Stuck first = new Stuck(() -> CurThread.exit(0));
                Proc holder = holder(proc, first);
                Stuck second = new Stuck(() -> CurThread.exit(0));
                kernel.kthreads().kthreadAdd(holder, named("second", second));
                second.awaitInside();
                Kthread taker = holder.kthreads().get(0);
                first.release();
                eventually(taker::isExited);
                assertEquals(List.of("holder"), proc.resume().owners());
                second.release();
                rounds.awaitWork();
                assertEquals(1, log.messages().size());
            }
        }
    }
}
