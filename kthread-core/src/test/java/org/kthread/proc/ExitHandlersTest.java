package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** What runs at the end, and who waits for it. */
class ExitHandlersTest extends KernelTest {
    @Nested
    @DisplayName("exit handlers")
    class ExitHandlers {
        @Test
        @DisplayName("see the thread as it ends: shouldStop after an exit, checks return, asks do not disturb them")
        void undisturbed() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            Rounds other = new Rounds();
            Proc otherProc = create("other", other);
            kernel.events()
                    .threadExit()
                    .register(
                            thread -> {
                                if (thread.proc() != otherProc) {
                                    CurThread.suspendCheck();
                                    told.add("checked " + CurThread.shouldStop());
                                    told.add("slept " + kernel.sleepQueues().pause("exiting", Duration.ofMillis(1)));
                                    CurThread.quiescent("exitreg", () -> {
                                        told.add("region");
                                    });
                                }
                            },
                            0);
            Stuck stuck = new Stuck(() -> CurThread.exit(2));
            Proc proc = create("handled", stuck);
            SuspendRequest request = proc.ask("holder");
            stuck.release();
            awaitReaped(proc);
            assertEquals(List.of("checked true", "slept TIMED_OUT", "region"), told);
            assertEquals(Verdict.EXITED, request.verdict());
        }

        @Test
        @DisplayName("after a plain return too: an ask does not park them, it is answered EXITED")
        void undisturbedAfterReturn() throws Exception {
            Door asked = new Door();
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events()
                    .threadExit()
                    .register(
                            thread -> {
                                asked.await();
                                CurThread.suspendCheck();
                                CurThread.quiescent("exitreg", () -> {
                                    told.add("region");
                                });
                            },
                            0);
            Door ending = new Door();
            kernel.events().threadExit().register(thread -> ending.open(), -1);
            Proc proc = create("returns", () -> {});
            ending.await();
            SuspendRequest request = proc.ask("holder");
            asked.open();
            eventually(() -> proc.state() == ProcState.REAPED);
            assertEquals(List.of("region"), told);
            assertEquals(Verdict.EXITED, request.verdict());
        }

        @Test
        @DisplayName("that call exit: the others run, process_exit too, and a hold the process took ends")
        void exitInHandler() throws Exception {
            Rounds rounds = new Rounds();
            Proc held = create("held", rounds);
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().threadExit().register(thread -> CurThread.exit(9), 0);
            kernel.events().threadExit().register(thread -> told.add("thread_exit"), 1);
            kernel.events().processExit().register(proc -> CurThread.exit(9), 0);
            kernel.events().processExit().register(proc -> told.add("process_exit"), 1);
            Proc holder = create("holder", () -> {
                held.hold("holder", LIMIT);
                CurThread.exit(1);
            });
            awaitReaped(holder);
            assertEquals(List.of("thread_exit", "process_exit"), told);
            assertEquals(OptionalInt.of(1), holder.exitStatus());
            rounds.awaitWork();
        }

        @Test
        @DisplayName("of a process that never ran run on its creator; one that exits does not hide why it was refused")
        void exitOnTheCreator() throws Exception {
            kernel.events().processExit().register(proc -> CurThread.exit(9), 0);
            AtomicReference<KernelException> thrown = new AtomicReference<>();
            Stuck stuck = new Stuck(() -> thrown.set(
                    assertErrno(Errno.EAGAIN, () -> kernel.kthreads().kthreadCreate(named("refused", () -> {})))));
            Proc creator = create("creator", stuck);
            kernel.kthreads().starter = host -> {
                throw new OutOfMemoryError("planted");
            };
            stuck.release();
            awaitReaped(creator);
            assertNotNull(thrown.get());
            assertEquals(OptionalInt.of(9), creator.exitStatus());
        }

        @Test
        @DisplayName("process_exit comes after the thread_exit of every thread")
        void processExitIsLast() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            Door inHandler = new Door();
            Door leave = new Door();
            Stuck second = new Stuck();
            Proc proc = create("pair", second);
            kernel.events()
                    .threadExit()
                    .register(
                            thread -> {
                                if (thread.name().equals("slow")) {
                                    inHandler.open();
                                    leave.await();
                                }
                                told.add("thread_exit " + thread.name());
                            },
                            0);
            kernel.events().processExit().register(ended -> told.add("process_exit " + ended.comm()), 0);
            Kthread slow = kernel.kthreads().kthreadAdd(proc, named("slow", () -> {}));
            inHandler.await();
            Kthread other = proc.kthreads().get(0);
            second.release();
            assertTrue(other.join(LIMIT));
            assertEquals(List.of("thread_exit pair"), told);
            leave.open();
            assertTrue(slow.join(LIMIT));
            awaitReaped(proc);
            assertEquals(List.of("thread_exit pair", "thread_exit slow", "process_exit pair"), told);
        }

        @Test
        @DisplayName("run after a stop as well, and are not interrupted by it")
        void afterStop() throws Exception {
            Door running = new Door();
            Door leave = new Door();
            boolean[] interrupted = {true};
            kernel.events()
                    .threadExit()
                    .register(
                            thread -> {
                                running.open();
                                leave.await();
                                interrupted[0] = Thread.currentThread().isInterrupted();
                            },
                            0);
            Proc proc = create("stopped", new Rounds());
            Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(Duration.ofMillis(400)));
            running.await();
            assertEquals(Verdict.TIMED_OUT, stopper.result().verdict());
            leave.open();
            awaitReaped(proc);
            assertFalse(interrupted[0]);
        }
    }

    @Nested
    @DisplayName("join, and the wakeup on the handle")
    class Join {
        @Test
        @DisplayName("of one thread: false when the time is over, EDEADLK for itself, and a sibling may")
        void ofOneThread() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("first", stuck);
            Kthread first = proc.kthreads().get(0);
            assertFalse(first.join(Duration.ZERO));
            AtomicReference<Boolean> joined = new AtomicReference<>();
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", () -> {
                assertErrno(Errno.EDEADLK, () -> CurThread.curthread().join(LIMIT));
                joined.set(first.join(LIMIT));
                CurThread.exit(0);
            }));
            stuck.release();
            assertTrue(second.join(LIMIT));
            assertEquals(true, joined.get());
            assertFalse(first.host.isAlive());
            awaitReaped(proc);
        }

        @Test
        @DisplayName("join joins the host threads themselves: they are not alive after it")
        void joinsHosts() throws Exception {
            for (int i = 0; i < 100; i++) {
                AtomicReference<Thread> host = new AtomicReference<>();
                Proc proc = create("j" + i, () -> host.set(Thread.currentThread()));
                assertTrue(proc.join(LIMIT));
                assertFalse(host.get().isAlive());
            }
        }

        @Test
        @DisplayName("a sleeper on the process is woken when its hosts are joined and it is reaped")
        void wakeAfterTheEnd() throws Exception {
            AtomicReference<Thread> host = new AtomicReference<>();
            Stuck stuck = new Stuck(() -> host.set(Thread.currentThread()));
            Proc proc = create("end", stuck);
            Caller<Boolean> sleeper = Caller.start("sleeper", () -> {
                assertEquals(WakeReason.AWAKENED, kernel.sleepQueues().tsleep(proc, 0, "waitend", LIMIT));
                assertEquals(ProcState.REAPED, proc.state());
                return host.get().isAlive();
            });
            sleeper.awaitWaiting();
            stuck.release();
            assertFalse(sleeper.result());
        }

        @Test
        @DisplayName("join of one's own process is EDEADLK")
        void own() throws Exception {
            onKernelThread(
                    "self",
                    () -> assertErrno(Errno.EDEADLK, () -> CurThread.curproc().join(LIMIT)));
        }

        @Test
        @DisplayName("join is interrupted before, during, and not after: the end wins")
        void interrupted() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("long", stuck);
            assertInstanceOf(
                    InterruptedException.class,
                    Caller.startInterrupted("before", () -> proc.join(LIMIT)).failure());
            Caller<Boolean> during = Caller.start("during", () -> proc.join(LIMIT));
            during.awaitWaiting();
            during.interrupt();
            assertInstanceOf(InterruptedException.class, during.failure());
            stuck.release();
            awaitReaped(proc);
            Caller<Boolean> after = Caller.startInterrupted("after", () -> proc.join(LIMIT));
            assertTrue(after.result());
            assertTrue(after.wasInterrupted());
        }

        @Test
        @DisplayName("a negative time is refused")
        void negative() {
            Proc proc = create("neg", new Rounds());
            assertThrows(IllegalArgumentException.class, () -> proc.join(Duration.ofNanos(-1)));
        }
    }

    @Nested
    @DisplayName("verdict and status agree")
    class Agree {
        @Test
        @DisplayName("who is told EXITED finds the status")
        void statusWithVerdict() throws Exception {
            for (int i = 0; i < 300; i++) {
                Stuck stuck = new Stuck(() -> CurThread.exit(8));
                Proc proc = create("agree", stuck);
                Caller<OptionalInt> suspender = Caller.start("suspender", () -> {
                    SuspendOutcome outcome = proc.suspend(LIMIT);
                    return outcome.verdict() == Verdict.EXITED ? proc.exitStatus() : OptionalInt.empty();
                });
                stuck.release();
                assertEquals(OptionalInt.of(8), suspender.result());
            }
            assertNull(kernel.pfind(99));
        }
    }
}
