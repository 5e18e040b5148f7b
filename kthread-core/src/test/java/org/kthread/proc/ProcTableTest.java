package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Creation, and who is there. */
class ProcTableTest extends KernelTest {
    @Nested
    @DisplayName("the table")
    class Table {
        @Test
        @DisplayName("processes 0 and 1 are there from the start: kernel, and init, which is no kernel process")
        void first() {
            assertEquals("kernel", kernel.proc0().comm());
            assertEquals("init", kernel.initproc().comm());
            assertSame(kernel.proc0(), kernel.pfind(0));
            assertSame(kernel.initproc(), kernel.pfind(1));
            assertEquals(ProcState.RUNNING, kernel.proc0().state());
            assertEquals(ProcState.RUNNING, kernel.initproc().state());
        }

        @Test
        @DisplayName("process 0 survives its threads: the last one leaves, it stays, and takes new ones")
        void process0Stays() {
            Kthread first = kernel.kthreads().kthreadAdd(null, named("first", () -> CurThread.exit(9)));
            eventually(first::isExited);
            assertEquals(ProcState.RUNNING, kernel.proc0().state());
            assertTrue(kernel.proc0().exitStatus().isEmpty());
            Rounds rounds = new Rounds();
            kernel.kthreads().kthreadAdd(null, named("second", rounds));
            rounds.awaitWork();
        }

        @Test
        @DisplayName("no zombie stays: what has ended is reaped, its pid free, its handle readable")
        void noZombies() throws Exception {
            List<Proc> procs = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                int code = i;
                procs.add(create("brief" + i, () -> CurThread.exit(code)));
            }
            for (Proc proc : procs) {
                awaitReaped(proc);
                assertNull(kernel.pfind(proc.pid()));
                assertEquals(1, proc.ppid());
            }
            assertEquals(2, kernel.ps().rows().size());
            assertEquals(77, procs.get(77).exitStatus().getAsInt());
        }

        @Test
        @DisplayName("pids wrap at their limit to 2, and the room of who ended is used again")
        void wrap() throws Exception {
            ProcTable table = new ProcTable(clock(), kernel.sleepQueues(), new KernelEvents(), line -> {}, 6, 12);
            table.start();
            Set<Integer> seen = new HashSet<>();
            Stuck stuck = new Stuck();
            Proc old = table.kthreads().kthreadCreate(named("old", stuck));
            for (int i = 0; i < 30; i++) {
                Proc proc = table.kthreads().kthreadCreate(named("brief", () -> CurThread.exit(0)));
                assertTrue(proc.pid() >= 2 && proc.pid() <= 12 && proc.pid() != old.pid(), () -> "" + proc);
                seen.add(proc.pid());
                awaitReaped(proc);
            }
            assertEquals(10, seen.size());
            stuck.release();
            awaitReaped(old);
            assertEquals(List.of(), table.close(KernelClock.NEVER));
        }

        @Test
        @DisplayName("thread ids are above every pid")
        void tids() {
            Proc proc = create("tids", new Rounds());
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", new Rounds()));
            assertTrue(proc.kthreads().get(0).tid() > 99_999);
            assertTrue(second.tid() > proc.kthreads().get(0).tid());
        }

        @Test
        @DisplayName("thread ids past the highest number go on in the middle of all numbers")
        void tidsWrap() throws Exception {
            int pidMax = Integer.MAX_VALUE - 3;
            ProcTable table = new ProcTable(clock(), kernel.sleepQueues(), new KernelEvents(), line -> {}, 6, pidMax);
            table.start();
            List<Integer> tids = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Proc proc = table.kthreads()
                        .kthreadCreate(named(
                                "brief", () -> tids.add(CurThread.curthread().tid())));
                awaitReaped(proc);
            }
            assertEquals(List.of(Integer.MAX_VALUE - 1, Integer.MAX_VALUE, 1 << 30, (1 << 30) + 1), tids);
            assertEquals(List.of(), table.close(KernelClock.NEVER));
        }

        @Test
        @DisplayName("when creation is refused every way of it is ESHUTDOWN, and the message says why")
        void refused() {
            Proc proc = create("before", new Rounds());
            kernel.proc0().table.refuseCreation("the kernel is shutting down");
            List<KernelException> all = List.of(
                    assertErrno(Errno.ESHUTDOWN, () -> create("after", () -> {})),
                    assertErrno(Errno.ESHUTDOWN, () -> kernel.kthreads().kthreadAdd(proc, named("after", () -> {}))));
            all.forEach(e -> assertTrue(e.getMessage().contains("the kernel is shutting down"), e::getMessage));
            KernelPanic panic = assertThrows(
                    KernelPanic.class, () -> kernel.kthreads().kprocStart(new KprocDesc("after", () -> {})));
            assertEquals("kproc_start: after: error 58", panic.getMessage());
        }
    }

    @Nested
    @DisplayName("the host thread")
    class Host {
        @Test
        @DisplayName("is a daemon thread of the JVM, of normal priority, with the full name")
        void properties() throws Exception {
            AtomicReference<Thread> host = new AtomicReference<>();
            String name = "a name of more than nineteen characters";
            Proc proc = create(name, () -> host.set(Thread.currentThread()));
            assertTrue(proc.join(LIMIT));
            assertTrue(host.get().isDaemon());
            assertEquals(Thread.NORM_PRIORITY, host.get().getPriority());
            assertEquals(name, host.get().getName());
            assertEquals(name, proc.name());
        }

        @Test
        @DisplayName("inherits no inheritable thread-local, and no context class loader")
        void inheritsNothing() throws Exception {
            InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
            AtomicReference<ClassLoader> loader = new AtomicReference<>();
            AtomicReference<String> inherited = new AtomicReference<>("unset");
            ClassLoader before = Thread.currentThread().getContextClassLoader();
            ClassLoader mine = new ClassLoader(before) {};
            local.set("of the creator");
            Thread.currentThread().setContextClassLoader(mine);
            try {
                Proc proc = create("heir", () -> {
                    loader.set(Thread.currentThread().getContextClassLoader());
                    inherited.set(local.get());
                });
                assertTrue(proc.join(LIMIT));
            } finally {
                Thread.currentThread().setContextClassLoader(before);
                local.remove();
            }
            assertNull(inherited.get());
            assertSame(ClassLoader.getSystemClassLoader(), loader.get());
        }

        @Test
        @DisplayName(
                "refused by the JVM: EAGAIN; the pid is free, the cells are as before, nobody was born, exit was told")
        void refused() {
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().processCtor().register(proc -> told.add("ctor " + proc.comm()), 0);
            kernel.events().processExit().register(proc -> told.add("exit " + proc.comm()), 0);
            kernel.events().threadCtor().register(thread -> told.add("thread_ctor"), 0);
            kernel.events().threadExit().register(thread -> told.add("thread_exit"), 0);
            AtomicReference<Proc> cell = new AtomicReference<>(kernel.proc0());
            AtomicReference<Kthread> threadCell = new AtomicReference<>();
            kernel.kthreads().starter = host -> {
                throw new OutOfMemoryError("planted");
            };
            KthreadSpec spec = named("refused", () -> {}).cell(cell).threadCell(threadCell);
            KernelException e =
                    assertErrno(Errno.EAGAIN, () -> kernel.kthreads().kthreadCreate(spec));
            assertTrue(e.getCause() instanceof OutOfMemoryError);
            assertSame(kernel.proc0(), cell.get());
            assertNull(threadCell.get());
            assertEquals(List.of("ctor refused", "exit refused"), told);
            assertEquals(2, kernel.ps().rows().size());
            kernel.kthreads().starter = Thread::start;
            Rounds rounds = new Rounds();
            create("next", rounds);
        }

        @Test
        @DisplayName("refused, and running all the same: it is started, and nothing of its end is done twice")
        void refusedAndRuns() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().processExit().register(proc -> told.add("exit " + proc.comm()), 0);
            AtomicReference<Proc> cell = new AtomicReference<>();
            Stuck stuck = new Stuck();
            kernel.kthreads().starter = host -> {
                host.start();
                stuck.awaitInside();
                throw new OutOfMemoryError("planted");
            };
            Proc proc = kernel.kthreads().kthreadCreate(named("runs", stuck).cell(cell));
            assertSame(proc, cell.get());
            assertEquals(1, proc.kthreads().size());
            assertEquals(List.of(), told);
            stuck.release();
            awaitReaped(proc);
            assertEquals(List.of("exit runs"), told);
        }

        @Test
        @DisplayName("refused, and run later: EAGAIN, and nothing of it is run")
        void refusedAndRunsLater() throws Exception {
            AtomicReference<Thread> queued = new AtomicReference<>();
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().processExit().register(proc -> told.add("exit " + proc.comm()), 0);
            kernel.events().threadCtor().register(thread -> told.add("thread_ctor"), 0);
            kernel.kthreads().starter = host -> {
                queued.set(host);
                throw new OutOfMemoryError("planted");
            };
            assertErrno(Errno.EAGAIN, () -> create("late", () -> told.add("main")));
            queued.get().start();
            queued.get().join();
            assertEquals(List.of("exit late"), told);
        }

        @Test
        @DisplayName(
                "refused to a process to which a handler of process_ctor has added a thread: that one is told to stop")
        void refusedWithAnother() throws Exception {
            AtomicReference<Proc> made = new AtomicReference<>();
            kernel.events()
                    .processCtor()
                    .register(
                            proc -> {
                                made.set(proc);
                                kernel.kthreads().kthreadAdd(proc, named("watchdog", new Rounds()));
                            },
                            0);
            kernel.kthreads().starter = host -> {
                if (host.getName().equals("refused")) {
                    throw new OutOfMemoryError("planted");
                }
                host.start();
            };
            assertErrno(Errno.EAGAIN, () -> create("refused", () -> {}));
            awaitReaped(made.get());
            assertEquals(2, kernel.ps().rows().size());
        }

        @Test
        @DisplayName("refused to kproc_kthread_add: its cell and that of the specification are as before")
        void refusedWithTwoCells() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Proc> own = new AtomicReference<>(kernel.proc0());
            List<Proc> seen = new ArrayList<>();
            kernel.kthreads().starter = host -> {
                seen.addAll(List.of(cell.get(), own.get()));
                throw new OutOfMemoryError("planted");
            };
            KthreadSpec spec = named("refused", () -> {}).cell(own);
            assertErrno(Errno.EAGAIN, () -> kernel.kthreads().kprocKthreadAdd(cell, "both", spec));
            assertSame(seen.get(0), seen.get(1));
            assertNull(cell.get());
            assertSame(kernel.proc0(), own.get());
        }

        @Test
        @DisplayName("refused while a thread is added: the process goes on as before, and can be joined")
        void refusedAdd() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("home", stuck);
            kernel.kthreads().starter = host -> {
                throw new OutOfMemoryError("planted");
            };
            assertErrno(Errno.EAGAIN, () -> kernel.kthreads().kthreadAdd(proc, named("refused", () -> {})));
            assertEquals(1, proc.kthreads().size());
            assertEquals(ProcState.RUNNING, proc.state());
            stuck.release();
            awaitReaped(proc);
        }

        @Test
        @DisplayName("refused while the last other thread leaves: the process ends as any other; its holds end with it")
        void refusedAsTheLast() throws Exception {
            List<String> told = new CopyOnWriteArrayList<>();
            kernel.events().processExit().register(proc -> told.add("exit " + proc.comm()), 0);
            Rounds rounds = new Rounds();
            Proc held = create("held", rounds);
            Door leave = new Door();
            Door holding = new Door();
            Proc holder = create("holder", () -> {
                held.hold("holder", LIMIT);
                holding.open();
                leave.await();
                CurThread.exit(0);
            });
            holding.await();
            Kthread first = holder.kthreads().get(0);
            kernel.kthreads().starter = host -> {
                leave.open();
                eventually(first::isExited);
                throw new OutOfMemoryError("planted");
            };
            assertErrno(Errno.EAGAIN, () -> kernel.kthreads().kthreadAdd(holder, named("refused", () -> {})));
            awaitReaped(holder);
            assertEquals(List.of("exit holder"), told);
            rounds.awaitWork();
        }

        @Test
        @DisplayName("refused with a stopped process and under a hold of all: the hold is none the worse")
        void refusedUnderHold() throws Exception {
            Rounds rounds = new Rounds();
            Proc proc = create("held", rounds);
            try (Suspension all = kernel.quiesceAll("snapshot", LIMIT)) {
                assertEquals("snapshot", all.owner());
                kernel.kthreads().starter = host -> {
                    throw new OutOfMemoryError("planted");
                };
                assertErrno(
                        Errno.EAGAIN,
                        () -> kernel.kthreads()
                                .kthreadCreate(named("refused", () -> {}).flags(KthreadSpec.RFSTOPPED)));
                kernel.kthreads().starter = Thread::start;
            }
            rounds.awaitWork();
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
        }
    }

    @Nested
    @DisplayName("the events")
    class Events {
        private final List<String> told = new CopyOnWriteArrayList<>();

        private void listen() {
            kernel.events()
                    .processCtor()
                    .register(
                            proc -> told.add("process_ctor " + (CurThread.isKernelThread() ? "daemon" : "creator")), 0);
            kernel.events().threadCtor().register(thread -> told.add("thread_ctor " + who(thread)), 0);
            kernel.events().threadExit().register(thread -> told.add("thread_exit " + who(thread)), 0);
            kernel.events().processExit().register(proc -> told.add("process_exit " + proc.comm()), 0);
        }

        private String who(Kthread thread) {
            return CurThread.curthread() == thread ? "itself" : "another";
        }

        @Test
        @DisplayName(
                "come in order: process_ctor on the creator, then on the thread: thread_ctor, main, thread_exit, process_exit")
        void order() throws Exception {
            listen();
            Proc proc = create("life", () -> told.add("main"));
            assertTrue(proc.join(LIMIT));
            assertEquals(
                    List.of(
                            "process_ctor creator",
                            "thread_ctor itself",
                            "main",
                            "thread_exit itself",
                            "process_exit life"),
                    told);
        }

        @Test
        @DisplayName("process_ctor sees the process with its thread, before it runs; it can hold it there")
        void ctorSees() throws Exception {
            List<SuspendRequest> asked = new ArrayList<>();
            kernel.events().processCtor().register(proc -> asked.add(proc.ask("ctor")), 0);
            Rounds rounds = new Rounds();
            Proc proc = kernel.kthreads().kthreadCreate(named("held", rounds));
            assertEquals(Verdict.SUSPENDED, asked.get(0).verdict());
            eventually(() -> row(proc).wmesg() != null);
            assertEquals(0, rounds.done());
            asked.get(0).withdraw();
            rounds.awaitWork();
        }

        @Test
        @DisplayName("a second thread has its thread_ctor and thread_exit, and no process_exit")
        void secondThread() {
            Rounds rounds = new Rounds();
            Proc proc = create("home", rounds);
            listen();
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", () -> told.add("main")));
            eventually(second::isExited);
            assertEquals(List.of("thread_ctor itself", "main", "thread_exit itself"), told);
        }

        @Test
        @DisplayName("handlers that throw stop neither the others nor the thread, which lives and ends as ever")
        void throwing() throws Exception {
            for (int i = 0; i < 2; i++) {
                kernel.events().processCtor().register(proc -> fail("process_ctor"), i);
                kernel.events().threadCtor().register(thread -> fail("thread_ctor"), i);
                kernel.events().threadExit().register(thread -> fail("thread_exit"), i);
                kernel.events().processExit().register(proc -> fail("process_exit"), i);
            }
            Proc proc = create("robust", () -> {
                told.add("main");
                CurThread.exit(5);
            });
            awaitReaped(proc);
            assertEquals(
                    List.of(
                            "process_ctor",
                            "process_ctor",
                            "thread_ctor",
                            "thread_ctor",
                            "main",
                            "thread_exit",
                            "thread_exit",
                            "process_exit",
                            "process_exit"),
                    told);
            assertEquals(5, proc.exitStatus().getAsInt());
            assertTrue(proc.cause().isEmpty());
        }

        private void fail(String what) throws java.io.IOException {
            told.add(what);
            throw new java.io.IOException("planted in " + what);
        }

        @Test
        @DisplayName("a thread_ctor handler that calls exit: main does not run, the rest of the handlers do")
        void ctorExits() throws Exception {
            kernel.events().threadCtor().register(thread -> CurThread.exit(4), 0);
            kernel.events().threadCtor().register(thread -> told.add("later"), 1);
            Proc proc = create("stillborn", () -> told.add("main"));
            awaitReaped(proc);
            assertEquals(List.of("later"), told);
            assertEquals(4, proc.exitStatus().getAsInt());
        }

        @Test
        @DisplayName("kproc_hung tells once of each thread that did not answer in time, on the thread of who asked")
        void hung() throws Exception {
            kernel.events()
                    .kprocHung()
                    .register(
                            diagnosis -> told.add(diagnosis.thread() + " "
                                    + Thread.currentThread().getName()),
                            0);
            Stuck stuck = new Stuck();
            Proc proc = create("hung", stuck);
            String me = Thread.currentThread().getName();
            assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ofMillis(10)).verdict());
            assertEquals(List.of("hung " + me), told);
            assertEquals(Verdict.TIMED_OUT, proc.stop(Duration.ofMillis(10)).verdict());
            assertEquals(List.of("hung " + me, "hung " + me), told);
            stuck.release();
            assertTrue(proc.join(LIMIT));
        }
    }
}
