package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Unwind;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** How a thread and its process end. */
class ExitTest extends KernelTest {
    @Nested
    @DisplayName("main")
    class Main {
        @Test
        @DisplayName("throws: status 70, the cause kept, logged once, no console line")
        void failure() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                IOException planted = new IOException("planted");
                Proc proc = create("thrower", () -> {
                    throw planted;
                });
                awaitReaped(proc);
                assertEquals(OptionalInt.of(70), proc.exitStatus());
                assertSame(planted, proc.cause().get());
                assertEquals(List.of(), kernel.console());
                assertEquals(1, log.thrown().size());
                assertSame(planted, log.thrown().get(0));
            }
        }

        @Test
        @DisplayName("throws an error, even a panic: the same, and the kernel goes on")
        void error() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc overflow = create("overflow", () -> {
                    throw new StackOverflowError("planted");
                });
                Proc panic = create("panic", () -> {
                    throw new KernelPanic("planted");
                });
                awaitReaped(overflow);
                awaitReaped(panic);
                assertInstanceOf(StackOverflowError.class, overflow.cause().get());
                assertInstanceOf(KernelPanic.class, panic.cause().get());
                assertEquals(OptionalInt.of(70), panic.exitStatus());
                assertEquals(2, log.thrown().size());
            }
            create("goeson", new Rounds());
        }

        @Test
        @DisplayName("throws the exception of an interrupt that no stop has made: a failure like any other")
        void interrupted() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                InterruptedException planted = new InterruptedException("planted");
                Proc proc = create("interrupted", () -> {
                    throw planted;
                });
                awaitReaped(proc);
                assertEquals(OptionalInt.of(70), proc.exitStatus());
                assertSame(planted, proc.cause().get());
                assertEquals(List.of(planted), log.thrown());
            }
        }

        @Test
        @DisplayName("returns: the console line has the name cut, and the pid; status 0; no cause")
        void returns() throws Exception {
            Proc proc = create("a-name-of-more-than-nineteen", () -> {});
            awaitReaped(proc);
            assertEquals(
                    List.of("Kernel thread \"a-name-of-more-than\" (pid " + proc.pid() + ") exited prematurely."),
                    kernel.console());
            assertEquals(OptionalInt.of(0), proc.exitStatus());
            assertTrue(proc.cause().isEmpty());
        }

        @Test
        @DisplayName(
                "returns in a second thread of a process: the line has that thread's name, and the process goes on")
        void secondReturns() {
            Rounds rounds = new Rounds();
            Proc proc = create("home", rounds);
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", () -> {}));
            eventually(second::isExited);
            assertEquals(
                    List.of("Kernel thread \"second\" (pid " + proc.pid() + ") exited prematurely."), kernel.console());
            rounds.awaitWork();
        }

        @Test
        @DisplayName("status and cause are not told before the end")
        void notBefore() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("alive", stuck);
            assertTrue(proc.exitStatus().isEmpty());
            assertTrue(proc.cause().isEmpty());
            assertFalse(proc.join(Duration.ZERO));
            stuck.release();
            awaitReaped(proc);
            assertTrue(proc.exitStatus().isPresent());
        }
    }

    @Nested
    @DisplayName("the unwinding")
    class TheUnwinding {
        @Test
        @DisplayName("is an Error without stack, marked Unwind, that takes no suppressed failure; finally blocks run")
        void shape() throws Exception {
            AtomicReference<Throwable> seen = new AtomicReference<>();
            boolean[] finallyRan = {false};
            Proc proc = create("shape", () -> {
                try {
                    CurThread.exit(1);
                } catch (Throwable t) {
                    t.addSuppressed(new IOException("planted"));
                    seen.set(t);
                    throw t;
                } finally {
                    finallyRan[0] = true;
                }
            });
            assertTrue(proc.join(LIMIT));
            assertInstanceOf(Error.class, seen.get());
            assertInstanceOf(Unwind.class, seen.get());
            assertEquals(0, seen.get().getStackTrace().length);
            assertEquals(0, seen.get().getSuppressed().length);
            assertTrue(finallyRan[0]);
            assertTrue(proc.cause().isEmpty());
        }

        @Test
        @DisplayName("caught by a body that catches everything: the status stands, and the next check unwinds again")
        void nextCheck() throws Exception {
            int[] catches = {0};
            boolean[] passed = {false};
            Proc proc = create("catcher", () -> {
                try {
                    CurThread.exit(6);
                } catch (Throwable t) {
                    catches[0]++;
                }
                try {
                    CurThread.suspendCheck();
                    passed[0] = true;
                } catch (Throwable t) {
                    catches[0]++;
                }
                try {
                    CurThread.exit(7);
                } catch (Throwable t) {
                    catches[0]++;
                }
                assertTrue(CurThread.shouldStop());
            });
            awaitReaped(proc);
            assertEquals(3, catches[0]);
            assertFalse(passed[0]);
            assertEquals(OptionalInt.of(6), proc.exitStatus());
            assertEquals(List.of(), kernel.console());
        }

        @Test
        @DisplayName("caught by a body that then throws something else: the status stands, what it threw is logged")
        void thenThrows() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("catcher", () -> {
                    try {
                        CurThread.exit(6);
                    } catch (Throwable t) {
                        throw new IOException("planted");
                    }
                });
                awaitReaped(proc);
                assertEquals(OptionalInt.of(6), proc.exitStatus());
                assertEquals(1, log.thrown().size());
            }
        }

        @Test
        @DisplayName("exitProc, caught by a body that then throws something else: likewise, and it has not failed")
        void exitProcThenThrows() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Proc proc = create("catcher", () -> {
                    try {
                        CurThread.exitProc(6);
                    } catch (Throwable t) {
                        throw new IOException("planted");
                    }
                });
                awaitReaped(proc);
                assertEquals(OptionalInt.of(6), proc.exitStatus());
                assertTrue(proc.cause().isEmpty());
                assertEquals(1, log.thrown().size());
            }
        }

        @Test
        @DisplayName("an exit is not answered SUSPENDED any more: who asks waits for the end, and gets EXITED")
        void asksAfterExit() throws Exception {
            Door unwinding = new Door();
            Door leave = new Door();
            Proc proc = create("slow", () -> {
                try {
                    CurThread.exit(0);
                } finally {
                    unwinding.open();
                    leave.await();
                }
            });
            unwinding.await();
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
            Caller<SuspendOutcome> suspender = Caller.start("suspender", () -> proc.suspend(LIMIT));
            suspender.awaitWaiting();
            leave.open();
            assertEquals(Verdict.EXITED, suspender.result().verdict());
        }
    }

    @Nested
    @DisplayName("the status of a process")
    class Status {
        @Test
        @DisplayName("is the first of its threads' that is not 0")
        void firstNonZero() throws Exception {
            Stuck first = new Stuck(() -> CurThread.exit(0));
            Proc proc = create("three", first);
            Stuck second = new Stuck(() -> CurThread.exit(5));
            Stuck third = new Stuck(() -> CurThread.exit(6));
            Kthread thread2 = kernel.kthreads().kthreadAdd(proc, named("2", second));
            kernel.kthreads().kthreadAdd(proc, named("3", third));
            Kthread thread1 = proc.kthreads().get(0);
            first.release();
            eventually(thread1::isExited);
            second.release();
            eventually(thread2::isExited);
            assertTrue(proc.exitStatus().isEmpty());
            third.release();
            awaitReaped(proc);
            assertEquals(OptionalInt.of(5), proc.exitStatus());
        }

        @Test
        @DisplayName("exitProc: the siblings are told to stop, the status is the one given; nobody is added any more")
        void exitProc() throws Exception {
            Rounds sibling = new Rounds();
            Proc proc = create("group", sibling);
            Door asleep = new Door();
            AtomicReference<WakeReason> why = new AtomicReference<>();
            kernel.kthreads().kthreadAdd(proc, named("sleeper", () -> {
                asleep.open();
                why.set(kernel.sleepQueues().tsleep(CurThread.curthread(), 0, "plain", LIMIT));
            }));
            asleep.await();
            Door leave = new Door();
            Door leaving = new Door();
            kernel.kthreads().kthreadAdd(proc, named("ender", () -> {
                try {
                    CurThread.exitProc(9);
                } finally {
                    leaving.open();
                    leave.await();
                }
            }));
            leaving.await();
            assertErrno(Errno.ESRCH, () -> kernel.kthreads().kthreadAdd(proc, named("late", () -> {})));
            leave.open();
            awaitReaped(proc);
            assertEquals(OptionalInt.of(9), proc.exitStatus());
            assertEquals(WakeReason.STOPPING, why.get());
            assertEquals(List.of(), kernel.console());
        }

        @Test
        @DisplayName(
                "exitProc: its status is the first, also if a sibling fails on its way out before the caller has ended")
        void exitProcIsFirst() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Rounds rounds = new Rounds();
                Proc proc = create("group", () -> {
                    try {
                        rounds.run();
                    } catch (Error unwinding) {
                        throw new IllegalStateException("planted", unwinding);
                    }
                });
                rounds.awaitWork();
                kernel.kthreads().kthreadAdd(proc, named("ender", () -> {
                    try {
                        CurThread.exitProc(9);
                    } finally {
                        eventually(() -> proc.kthreads().size() == 1);
                    }
                }));
                awaitReaped(proc);
                assertEquals(OptionalInt.of(9), proc.exitStatus());
                assertEquals(1, log.thrown().size());
            }
        }

        @Test
        @DisplayName("exitProc with one thread is exit")
        void exitProcAlone() throws Exception {
            Proc proc = create("alone", () -> CurThread.exitProc(3));
            awaitReaped(proc);
            assertEquals(OptionalInt.of(3), proc.exitStatus());
        }

        @Test
        @DisplayName("exitProc in process 0 is a panic, thrown at that thread; nothing else changes")
        void process0() {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            Kthread thread = kernel.kthreads().kthreadAdd(null, named("rogue", () -> {
                thrown.set(assertThrows(KernelPanic.class, () -> CurThread.exitProc(1)));
                CurThread.exit(0);
            }));
            eventually(thread::isExited);
            assertInstanceOf(KernelPanic.class, thrown.get());
            assertEquals(ProcState.RUNNING, kernel.proc0().state());
        }
    }
}
