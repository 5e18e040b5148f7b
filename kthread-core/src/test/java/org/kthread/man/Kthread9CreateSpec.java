package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sleep.WakeReason;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;

/** kthread(9), sentence by sentence: how threads come and go. */
abstract class Kthread9CreateSpec extends KernelTest {
    @Nested
    @DisplayName("kthread_create")
    class KthreadCreate {
        @Test
        @DisplayName("is used to create a kernel thread")
        void creates() {
            Rounds rounds = new Rounds();
            Proc proc = create("syncer", rounds);
            assertEquals(1, proc.kthreads().size());
            assertSame(proc, kernel.pfind(proc.pid()));
        }

        @Test
        @DisplayName("the new thread shares its address space with process 0: it sees what its creator sees")
        void sharesMemory() throws Exception {
            int[] shared = {1};
            Proc proc = create("sharer", () -> shared[0]++);
            assertTrue(proc.join(LIMIT));
            assertEquals(2, shared[0]);
        }

        @Test
        @DisplayName("it is a child of process 0, whoever creates it")
        void childOfTheKernel() throws Exception {
            AtomicReference<Proc> child = new AtomicReference<>();
            Rounds rounds = new Rounds();
            Proc creator = create("creator", () -> child.set(create("child", rounds)));
            assertTrue(creator.join(LIMIT));
            assertEquals(0, child.get().ppid());
        }

        @Test
        @DisplayName("it runs in kernel mode only: from first to last it is a kernel thread")
        void kernelMode() throws Exception {
            boolean[] kernelThread = {false};
            Proc proc = create("kmode", () -> kernelThread[0] = CurThread.isKernelThread());
            assertTrue(proc.join(LIMIT));
            assertTrue(kernelThread[0]);
            assertFalse(CurThread.isKernelThread());
        }

        @Test
        @DisplayName("func is what the thread executes")
        void func() throws Exception {
            AtomicReference<Proc> ran = new AtomicReference<>();
            Proc proc = create("func", () -> ran.set(CurThread.curproc()));
            assertTrue(proc.join(LIMIT));
            assertSame(proc, ran.get());
        }

        @Test
        @DisplayName("arg is passed to func, as its only argument, when the new process calls it")
        void arg() throws Exception {
            Object arg = new Object();
            AtomicReference<Object> got = new AtomicReference<>();
            Proc proc = kernel.kthreads()
                    .kthreadCreate(host(KthreadSpec.named("arg").main(got::set, arg)));
            assertTrue(proc.join(LIMIT));
            assertSame(arg, got.get());
        }

        @Test
        @DisplayName("newpp is updated to point to the new process")
        void newpp() {
            AtomicReference<Proc> newpp = new AtomicReference<>();
            Proc proc =
                    kernel.kthreads().kthreadCreate(named("newpp", new Rounds()).cell(newpp));
            assertSame(proc, newpp.get());
        }

        @Test
        @DisplayName("without newpp it is ignored")
        void withoutNewpp() {
            assertNotNull(create("nocell", new Rounds()));
        }

        @Test
        @DisplayName(
                "flags are those of rfork(2): RFSTOPPED leaves it stopped, RFHIGHPID chooses its pid, RFNOWAIT its parent")
        void flags() {
            Rounds rounds = new Rounds();
            int flags = KthreadSpec.RFSTOPPED | KthreadSpec.RFHIGHPID | KthreadSpec.RFNOWAIT;
            Proc proc = kernel.kthreads().kthreadCreate(named("flags", rounds).flags(flags));
            assertTrue(proc.pid() >= 10, () -> "pid " + proc.pid());
            assertEquals(1, proc.ppid());
            eventually(() -> row(proc).state() == 'T');
            assertEquals(0, rounds.done());
            proc.resume();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("pages is the size of the stack, in pages, and 0 is the default size")
        void pages() throws Exception {
            for (int pages : new int[] {0, 1, 64, 256}) {
                Proc proc = kernel.kthreads()
                        .kthreadCreate(named("pages" + pages, () -> {}).pages(pages));
                assertTrue(proc.join(LIMIT));
                assertTrue(proc.cause().isEmpty());
            }
        }

        @Test
        @DisplayName("the rest forms a printf list that builds the name, kept in p_comm")
        void name() {
            Proc proc = kernel.kthreads()
                    .kthreadCreate(
                            host(KthreadSpec.named("bufspace-%d/%s", 7, "x").main(new Rounds())));
            assertEquals("bufspace-7/x", proc.comm());
            assertEquals("bufspace-7/x", row(proc).comm());
        }
    }

    @Nested
    @DisplayName("kthread_exit")
    class KthreadExit {
        @Test
        @DisplayName("is used to terminate kernel threads: what comes after it does not run")
        void terminates() throws Exception {
            boolean[] after = {false};
            Proc proc = create("exit", () -> {
                CurThread.exit(0);
                after[0] = true;
            });
            awaitReaped(proc);
            assertFalse(after[0]);
            assertNull(kernel.pfind(proc.pid()));
        }

        @Test
        @DisplayName("main should call it rather than return: then the console has nothing to say")
        void ratherThanReturn() throws Exception {
            Proc exits = create("exits", () -> CurThread.exit(0));
            assertTrue(exits.join(LIMIT));
            assertEquals(List.of(), kernel.console());
            Proc returns = create("returns", () -> {});
            assertTrue(returns.join(LIMIT));
            assertEquals(
                    List.of("Kernel thread \"returns\" (pid " + returns.pid() + ") exited prematurely."),
                    kernel.console());
        }

        @Test
        @DisplayName("ecode is the exit status")
        void ecode() throws Exception {
            Proc proc = create("ecode", () -> CurThread.exit(42));
            assertTrue(proc.join(LIMIT));
            assertEquals(OptionalInt.of(42), proc.exitStatus());
        }

        @Test
        @DisplayName("while exiting, a wakeup is done on the thread handle")
        void wakesTheHandle() throws Exception {
            Door leave = new Door();
            Proc proc = create("handle", () -> {
                leave.await();
                CurThread.exit(0);
            });
            Caller<WakeReason> sleeper =
                    Caller.start("sleeper", () -> kernel.sleepQueues().tsleep(proc, 0, "aldslp", LIMIT));
            sleeper.awaitWaiting();
            leave.open();
            assertEquals(WakeReason.AWAKENED, sleeper.result());
        }
    }
}
