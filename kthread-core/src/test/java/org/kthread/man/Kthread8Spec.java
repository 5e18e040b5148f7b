package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.Verdict;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.testing.Caller;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** kthread(9) of FreeBSD 8 and later: threads of a kernel process. The subclasses say on what host threads they run. */
abstract class Kthread8Spec extends KernelTest {
    /** One more thread, at work. */
    Kthread add(Proc proc, String name, Rounds rounds) {
        Kthread thread = kernel.kthreads().kthreadAdd(proc, named(name, rounds));
        rounds.awaitWork();
        return thread;
    }

    @Nested
    @DisplayName("kthread_add")
    class KthreadAdd {
        @Test
        @DisplayName("creates a kernel thread, in the process given")
        void adds() {
            Proc proc = create("bufdaemon", new Rounds());
            Kthread thread = add(proc, "bufspacedaemon-0", new Rounds());
            assertSame(proc, thread.proc());
            assertEquals(2, proc.kthreads().size());
            assertTrue(kernel.ps().toString().contains("[bufdaemon/bufspacedaemon-0]"), () -> "" + kernel.ps());
        }

        @Test
        @DisplayName("without a process it goes to process 0")
        void toProcess0() {
            Kthread thread = add(null, "taskq", new Rounds());
            assertSame(kernel.proc0(), thread.proc());
        }

        @Test
        @DisplayName("it runs in kernel mode only: curthread is the new thread")
        void kernelMode() {
            AtomicReference<Kthread> ran = new AtomicReference<>();
            Kthread thread = kernel.kthreads().kthreadAdd(null, named("kmode", () -> ran.set(CurThread.curthread())));
            eventually(thread::isExited);
            assertSame(thread, ran.get());
        }

        @Test
        @DisplayName("func is called with arg as its only argument")
        void arg() {
            Object arg = new Object();
            AtomicReference<Object> got = new AtomicReference<>();
            Kthread thread = kernel.kthreads()
                    .kthreadAdd(null, host(KthreadSpec.named("arg").main(got::set, arg)));
            eventually(thread::isExited);
            assertSame(arg, got.get());
        }

        @Test
        @DisplayName("newtdp is updated to point to the new thread, before its main runs")
        void newtdp() {
            AtomicReference<Kthread> newtdp = new AtomicReference<>();
            AtomicReference<Kthread> seen = new AtomicReference<>();
            Kthread thread = kernel.kthreads()
                    .kthreadAdd(
                            null, named("newtdp", () -> seen.set(newtdp.get())).threadCell(newtdp));
            eventually(thread::isExited);
            assertSame(thread, newtdp.get());
            assertSame(thread, seen.get());
        }

        @Test
        @DisplayName("RFSTOPPED leaves it stopped; it runs when it is resumed")
        void rfstopped() {
            Proc proc = create("home", new Rounds());
            Rounds rounds = new Rounds();
            Kthread thread =
                    kernel.kthreads().kthreadAdd(proc, named("stopped", rounds).flags(KthreadSpec.RFSTOPPED));
            eventually(() ->
                    rows(proc).stream().anyMatch(row -> row.tid() == thread.tid() && "ktsusp".equals(row.wmesg())));
            assertEquals(0, rounds.done());
            assertEquals(ResumeOutcome.Kind.RUNNING, thread.resume().kind());
            rounds.awaitWork();
        }

        @Test
        @DisplayName("the name is built from the format, and kept as the thread's")
        void name() {
            Kthread thread = kernel.kthreads()
                    .kthreadAdd(
                            null,
                            host(KthreadSpec.named("swi%d: %s", 4, "clock").main(new Rounds())));
            assertEquals("swi4: clock", thread.name());
        }

        @Test
        @DisplayName("ESRCH: the process is ending or has ended")
        void ended() throws Exception {
            Proc proc = create("ended", () -> {});
            assertTrue(proc.join(LIMIT));
            KernelException e =
                    assertErrno(Errno.ESRCH, () -> kernel.kthreads().kthreadAdd(proc, named("late", () -> {})));
            assertTrue(e.getMessage().endsWith("is ending or has ended"), e::getMessage);
        }

        @Test
        @DisplayName("init takes no kernel threads")
        void init() {
            KernelException e = assertErrno(
                    Errno.ESRCH, () -> kernel.kthreads().kthreadAdd(kernel.initproc(), named("intruder", () -> {})));
            assertTrue(e.getMessage().endsWith("takes no kernel threads"), e::getMessage);
        }
    }

    @Nested
    @DisplayName("kproc_kthread_add")
    class KprocKthreadAdd {
        @Test
        @DisplayName("creates the process if there is none yet; its name is literal, and the thread has its own")
        void createsTheProcess() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            Kthread thread = kernel.kthreads()
                    .kprocKthreadAdd(
                            cell, "md%d", host(KthreadSpec.named("md%d", 3).main(new Rounds())));
            assertSame(cell.get(), thread.proc());
            assertEquals("md%d", cell.get().comm());
            assertEquals("md3", thread.name());
        }

        @Test
        @DisplayName("else it is as kthread_add, and the name of the process means nothing")
        void addsToIt() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            kernel.kthreads().kprocKthreadAdd(cell, "usb", named("usbus0", new Rounds()));
            Proc first = cell.get();
            Kthread second = kernel.kthreads().kprocKthreadAdd(cell, "ignored", named("usbus1", new Rounds()));
            assertSame(first, cell.get());
            assertSame(first, second.proc());
            assertEquals("usb", first.comm());
        }

        @Test
        @DisplayName("both handles are there before main runs, also when it returns at once")
        void handlesFirst() throws Exception {
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Kthread> threadCell = new AtomicReference<>();
            boolean[] seen = {false};
            Kthread thread = kernel.kthreads()
                    .kprocKthreadAdd(
                            cell,
                            "quick",
                            named("quick/0", () -> seen[0] = cell.get() != null && threadCell.get() != null)
                                    .threadCell(threadCell));
            assertTrue(thread.proc().join(LIMIT));
            assertTrue(seen[0]);
            assertNotNull(cell.get());
        }

        @Test
        @DisplayName("fills the cell of the specification as well, before main runs")
        void bothCells() throws Exception {
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Proc> own = new AtomicReference<>();
            List<Proc> seen = new ArrayList<>();
            KthreadSpec spec = named("both/0", () -> seen.addAll(List.of(cell.get(), own.get())))
                    .cell(own);
            Proc proc = kernel.kthreads().kprocKthreadAdd(cell, "both", spec).proc();
            assertTrue(proc.join(LIMIT));
            assertEquals(List.of(proc, proc), seen);
        }
    }

    @Nested
    @DisplayName("kthread_exit")
    class KthreadExit {
        @Test
        @DisplayName("ends the calling thread only; the process goes on with the others")
        void onlyTheCaller() {
            Rounds rounds = new Rounds();
            Proc proc = create("pair", rounds);
            Kthread thread = kernel.kthreads().kthreadAdd(proc, named("short", () -> CurThread.exit(0)));
            eventually(thread::isExited);
            rounds.awaitWork();
            assertTrue(proc.exitStatus().isEmpty());
        }

        @Test
        @DisplayName("of the last thread, it ends the process")
        void ofTheLast() throws Exception {
            Proc proc = create("last", () -> CurThread.exit(0));
            awaitReaped(proc);
            assertEquals(OptionalInt.of(0), proc.exitStatus());
            assertNull(kernel.pfind(proc.pid()));
        }

        @Test
        @DisplayName("wakes who sleeps on the thread's handle")
        void wakes() throws Exception {
            create("pair", new Rounds());
            Stuck stuck = new Stuck();
            Kthread thread = kernel.kthreads().kthreadAdd(null, named("leaver", stuck));
            Caller<WakeReason> sleeper =
                    Caller.start("sleeper", () -> kernel.sleepQueues().tsleep(thread, 0, "kthxit", LIMIT));
            sleeper.awaitWaiting();
            stuck.release();
            assertEquals(WakeReason.AWAKENED, sleeper.result());
            assertTrue(thread.isExited());
        }

        @Test
        @DisplayName("kproc_exit ends the whole process")
        void exitProc() throws Exception {
            Rounds sibling = new Rounds();
            Proc proc = create("whole", sibling);
            kernel.kthreads().kthreadAdd(proc, named("ender", () -> CurThread.exitProc(7)));
            awaitReaped(proc);
            assertEquals(OptionalInt.of(7), proc.exitStatus());
        }
    }

    @Nested
    @DisplayName("kthread_suspend, kthread_resume, kthread_suspend_check of one thread")
    class Suspend {
        @Test
        @DisplayName("suspend one thread of a process, and leave the others alone")
        void one() throws Exception {
            Rounds first = new Rounds();
            Rounds second = new Rounds();
            Proc proc = create("pair", first);
            Kthread thread = add(proc, "second", second);
            assertEquals(Verdict.SUSPENDED, thread.suspend(LIMIT).verdict());
            long done = second.done();
            first.awaitWork();
            assertEquals(done, second.done());
            assertEquals(ResumeOutcome.Kind.RUNNING, thread.resume().kind());
            second.awaitWork();
        }

        @Test
        @DisplayName("the suspended thread sleeps on ktsusp")
        void ktsusp() throws Exception {
            Proc proc = create("pair", new Rounds());
            Kthread thread = add(proc, "second", new Rounds());
            assertTrue(thread.suspend(LIMIT).isQuiet());
            eventually(() -> rows(proc).stream()
                    .anyMatch(row -> row.tid() == thread.tid() && "ktsusp".equals(row.wmesg()) && row.state() == 'T'));
        }

        @Test
        @DisplayName("resume of a thread withdraws what was asked of the thread, not what was asked of its process")
        void resumeOfOne() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("both", rounds);
            Kthread thread = proc.kthreads().get(0);
            assertTrue(proc.suspend(LIMIT).isQuiet());
            assertTrue(thread.suspend(LIMIT).isQuiet());
            assertEquals(ResumeOutcome.Kind.STILL_HELD, thread.resume().kind());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
            rounds.awaitWork();
        }

        @Test
        @DisplayName("a suspended process: each of its threads has answered")
        void all() throws Exception {
            Rounds first = new Rounds();
            Rounds second = new Rounds();
            Proc proc = create("all", first);
            add(proc, "second", second);
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            List<Long> done = List.of(first.done(), second.done());
            eventually(() -> rows(proc).stream().allMatch(row -> row.state() == 'T'));
            assertEquals(done, List.of(first.done(), second.done()));
        }
    }
}
