package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.PsRow;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;
import org.kthread.testing.TestKernel;

/** kthread(9), sentence by sentence. The subclasses say on what host threads the daemons run. */
abstract class Kthread9Spec extends Kthread9CreateSpec {

    @Nested
    @DisplayName("kthread_suspend, kthread_resume, kthread_suspend_check")
    class Suspend {
        @Test
        @DisplayName("are used to suspend and resume a kernel thread")
        void suspendAndResume() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("susp", rounds);
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            long done = rounds.done();
            eventually(() -> row(proc).state() == 'T');
            assertEquals(done, rounds.done());
            proc.resume();
            rounds.awaitWork();
        }

        @Test
        @DisplayName(
                "a thread that wishes to be suspended calls the check in its loop; one that does not is not suspended")
        void whoDoesNotCheck() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("nochk", stuck);
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ofMillis(20)).verdict());
            stuck.release();
            assertTrue(proc.join(LIMIT));
        }

        @Test
        @DisplayName("the check is made by the thread itself, for curproc: elsewhere it is a panic")
        void curproc() {
            KernelPanic panic = assertThrows(KernelPanic.class, CurThread::suspendCheck);
            assertTrue(panic.getMessage().contains("curthread is not a valid kthread"), panic::getMessage);
        }

        @Test
        @DisplayName("the check looks whether the thread was asked to suspend; if not, it returns")
        void notAsked() throws Exception {
            int[] checks = {0};
            Proc proc = create("notasked", () -> {
                for (int i = 0; i < 3; i++) {
                    CurThread.suspendCheck();
                    checks[0]++;
                }
            });
            assertTrue(proc.join(LIMIT));
            assertEquals(3, checks[0]);
        }

        @Test
        @DisplayName("if it was asked, the check sleeps until it is told to resume")
        void sleepsUntilResume() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("asleep", rounds);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            eventually(() -> "kpsusp".equals(row(proc).wmesg()));
            long done = rounds.done();
            kernel.sleepQueues().wakeup(proc);
            eventually(() -> row(proc).age().toMillis() >= 10);
            assertEquals(done, rounds.done());
            assertEquals('T', row(proc).state());
        }

        @Test
        @DisplayName("once told to resume, the check returns and the thread goes on")
        void goesOn() throws Exception {
            int[] passed = {0};
            Door first = new Door();
            Proc proc = create("goeson", () -> {
                first.await();
                CurThread.suspendCheck();
                passed[0]++;
                CurThread.exit(0);
            });
            proc.ask(null);
            first.open();
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            assertEquals(0, passed[0]);
            proc.resume();
            assertTrue(proc.join(LIMIT));
            assertEquals(1, passed[0]);
        }

        @Test
        @DisplayName("the other two notify the thread of a request; p says which process, and no other is touched")
        void p() throws Exception {
            Rounds suspended = new Rounds();
            Rounds other = new Rounds();
            Proc proc = create("one", suspended);
            create("other", other);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            other.awaitWork();
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            suspended.awaitWork();
        }

        @Test
        @DisplayName("timo is how long suspend waits for the thread to acknowledge and suspend itself")
        void timo() throws Exception {
            Rounds rounds = new Rounds();
            Stuck stuck = new Stuck(rounds);
            Proc proc = create("timo", stuck);
            long begin = kernel.clock().nanoTime();
            SuspendOutcome outcome = proc.suspend(Duration.ofMillis(30));
            assertEquals(Verdict.TIMED_OUT, outcome.verdict());
            assertTrue(kernel.clock().nanoTime() - begin >= 30_000_000L);
            Caller<SuspendOutcome> second = Caller.start("suspender", () -> proc.suspend(LIMIT));
            second.awaitWaiting();
            stuck.release();
            assertEquals(Verdict.SUSPENDED, second.result().verdict());
            assertEquals(0, rounds.done());
        }
    }

    @Nested
    @DisplayName("kproc_shutdown")
    class Kproc {
        @Test
        @DisplayName(
                "is registered as a shutdown event, for daemons that must not interfere: at the sync they do no work")
        void beforeTheSync() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("syncer", rounds);
            kernel.kernel()
                    .shutdownEvents()
                    .preSync()
                    .register(KprocShutdown.of(proc), ShutdownEvents.SHUTDOWN_PRI_LAST);
            List<Long> seen = new CopyOnWriteArrayList<>();
            kernel.kernel().syncTargets().register(SyncTarget.of("buffers", () -> 2L - seen.size(), () -> {
                seen.add(rounds.done());
            }));
            assertTrue(kernel.shutdown().isClean());
            assertEquals(2, seen.size());
            assertEquals(seen.get(0), seen.get(1));
            assertEquals(seen.get(0), rounds.done(), "nor later");
        }

        @Test
        @DisplayName(
                "the suspension is that of kthread_suspend: the daemon is parked at its check, and held by the shutdown")
        void bySuspend() throws Exception {
            Proc proc = create("vnlru", new Rounds());
            List<PsRow> seen = new CopyOnWriteArrayList<>();
            List<ResumeOutcome> resumed = new CopyOnWriteArrayList<>();
            EventList<Howto> preSync = kernel.kernel().shutdownEvents().preSync();
            preSync.register(KprocShutdown.of(proc), ShutdownEvents.SHUTDOWN_PRI_FIRST);
            preSync.register(
                    howto -> {
                        resumed.add(proc.resume());
                        eventually(() -> row(proc).wmesg() != null);
                        seen.add(row(proc));
                    },
                    ShutdownEvents.SHUTDOWN_PRI_DEFAULT);
            kernel.shutdown();
            assertEquals("kpsusp", seen.get(0).wmesg());
            assertEquals('T', seen.get(0).state());
            assertEquals(List.of("shutdown"), resumed.get(0).owners());
        }
    }

    @Nested
    @DisplayName("EXAMPLES")
    class Examples {
        private final AtomicReference<Proc> bufdaemonproc = new AtomicReference<>();
        private final Rounds rounds = new Rounds();

        private void bufDaemon() {
            Proc me = Objects.requireNonNull(bufdaemonproc.get());
            kernel.kernel().shutdownEvents().preSync().register(KprocShutdown.of(me), ShutdownEvents.SHUTDOWN_PRI_LAST);
            rounds.run();
        }

        @Test
        @DisplayName(
                "bufdaemon: started from its cell's description, it registers its own shutdown, and loops over the check")
        void bufdaemon() throws Exception {
            kernel.kthreads().kthreadCreate(named("bufdaemon", this::bufDaemon).cell(bufdaemonproc));
            rounds.awaitWork();
            kernel.shutdown();
            assertEquals(0, bufdaemonproc.get().exitStatus().getAsInt());
            assertTrue(
                    kernel.console().stream().anyMatch(line -> line.contains("`bufdaemon'") && line.endsWith("done")),
                    () -> kernel.console().toString());
            assertTrue(
                    kernel.console().stream().noneMatch(line -> line.contains("prematurely")),
                    () -> kernel.console().toString());
        }
    }

    @Nested
    @DisplayName("RETURN VALUES")
    class ReturnValues {
        @Test
        @DisplayName("success: create gives the process, suspend says SUSPENDED, resume says RUNNING")
        void success() throws Exception {
            Proc proc = create("success", new Rounds());
            assertNotNull(proc);
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        }

        @Test
        @DisplayName(
                "failure: create throws the errno, suspend says which way it failed, resume says who holds it still")
        void failure() throws Exception {
            assertThrows(
                    KernelException.class,
                    () -> kernel.kthreads()
                            .kthreadCreate(named("failure", () -> {}).pages(-1)));
            Stuck stuck = new Stuck();
            Proc proc = create("stuck", stuck);
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
            proc.ask("snapshot");
            ResumeOutcome outcome = proc.resume();
            assertEquals(ResumeOutcome.Kind.STILL_HELD, outcome.kind());
            assertEquals(List.of("snapshot"), outcome.owners());
            stuck.release();
            assertTrue(proc.join(LIMIT));
        }
    }

    @Nested
    @DisplayName("ERRORS")
    class Errors {
        @Test
        @DisplayName("EINVAL: resume and suspend of what is no kernel thread")
        void notAKernelThread() {
            Proc init = kernel.initproc();
            assertErrno(Errno.EINVAL, () -> init.suspend(LIMIT));
            assertErrno(Errno.EINVAL, () -> init.resume());
        }

        @Test
        @DisplayName("EAGAIN: the limit on the number of processes would be exceeded; it is kern.maxproc")
        void tooMany() throws Exception {
            try (TestKernel small = TestKernel.start(4, clock())) {
                Rounds rounds = new Rounds();
                small.kthreads().kthreadCreate(named("third", rounds));
                rounds.awaitWork();
                assertErrno(Errno.EAGAIN, () -> small.kthreads().kthreadCreate(named("fourth", rounds)));
            }
        }

        @Test
        @DisplayName("EINVAL: the flag RFCFDG was given")
        void rfcfdg() {
            assertErrno(
                    Errno.EINVAL,
                    () -> kernel.kthreads()
                            .kthreadCreate(named("rfcfdg", () -> {}).flags(KthreadSpec.RFCFDG)));
        }
    }
}
