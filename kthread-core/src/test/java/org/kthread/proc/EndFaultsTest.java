package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.event.EventList;
import org.kthread.shutdown.Howto;
import org.kthread.testing.BrokenLog;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** Whatever is broken around it, a thread comes to its end, and all that is due then is done. */
class EndFaultsTest extends KernelTest {
    private final IllegalStateException planted = new IllegalStateException("planted");
    private final AtomicInteger open = new AtomicInteger();

    private int install() {
        open.incrementAndGet();
        return kernel.kernel().syscalls().install(open::decrementAndGet);
    }

    @Nested
    @DisplayName("a logger that throws")
    class BrokenLogger {
        @Test
        @DisplayName("does not keep a thread that dies from its end")
        void mainThrows() throws Exception {
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                AtomicInteger exits = new AtomicInteger();
                kernel.events().processExit().register(proc -> exits.incrementAndGet(), EventList.PRI_ANY);
                Proc proc = create("thrower", () -> {
                    install();
                    throw planted;
                });
                awaitReaped(proc);
                assertEquals(OptionalInt.of(70), proc.exitStatus());
                assertSame(planted, proc.cause().orElseThrow());
                assertEquals(1, exits.get());
                assertEquals(0, open.get());
                assertTrue(log.lines() > 0);
            }
        }

        @Test
        @DisplayName("does not keep what the process holds held")
        void holdEnds() throws Exception {
            Rounds rounds = new Rounds();
            Proc held = create("held", rounds);
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                Proc holder = create("holder", () -> {
                    held.hold("one", LIMIT);
                    held.hold("two", LIMIT);
                    throw planted;
                });
                awaitReaped(holder);
                assertTrue(log.lines() > 0);
            }
            rounds.awaitWork();
        }

        @Test
        @DisplayName("does not keep a process open, after handlers that throw too")
        void handlersThrow() throws Exception {
            kernel.events().threadExit().register(thread -> assertEquals("", "planted"), EventList.PRI_ANY);
            kernel.events().processExit().register(proc -> assertEquals("", "planted"), EventList.PRI_ANY);
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                Proc proc = create("handled", () -> install());
                awaitReaped(proc);
                assertEquals(0, open.get());
                assertTrue(log.lines() > 0);
            }
        }

        @Test
        @DisplayName("and a handler that throws do not fail the creation of a process")
        void creation() throws Exception {
            kernel.events().processCtor().register(proc -> assertEquals("", "planted"), EventList.PRI_ANY);
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                awaitReaped(create("created", () -> {}));
                assertTrue(log.lines() > 0);
            }
        }
    }

    @Nested
    @DisplayName("a failure that cannot be told, for its toString throws,")
    class Untellable {
        private final class Evil extends RuntimeException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw planted;
            }
        }

        @Test
        @DisplayName("of a handler, does not fail the creation of a process")
        void ofHandler() throws Exception {
            kernel.events()
                    .processCtor()
                    .register(
                            proc -> {
                                throw new Evil();
                            },
                            EventList.PRI_ANY);
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                awaitReaped(create("created", () -> {}));
                assertTrue(log.lines() > 0);
            }
        }

        @Test
        @DisplayName("of a handler, does not keep a thread that exits in another one from its exit, nor does the log")
        void ofHandlerBesideAnExit() throws Exception {
            AtomicBoolean began = new AtomicBoolean();
            kernel.events()
                    .threadCtor()
                    .register(
                            thread -> {
                                throw new Evil();
                            },
                            EventList.PRI_FIRST);
            kernel.events()
                    .threadCtor()
                    .register(
                            thread -> {
                                throw CurThread.exit(0);
                            },
                            EventList.PRI_LAST);
            try (BrokenLog log = BrokenLog.of("org.kthread.event")) {
                awaitReaped(create("exits", () -> began.set(true)));
                assertEquals(1, log.lines());
            }
            assertFalse(began.get());
        }
    }

    @Nested
    @DisplayName("what is open, and cannot tell its name,")
    class Nameless {
        private final class Endless implements AutoCloseable {
            @Override
            public void close() {
                open.decrementAndGet();
            }

            @Override
            public String toString() {
                return "again " + this;
            }
        }

        private void installEndless() {
            open.incrementAndGet();
            kernel.kernel().syscalls().install(new Endless());
        }

        @Test
        @DisplayName("is closed when its process ends")
        void isClosed() throws Exception {
            try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
                Proc proc = create("owner", this::installEndless);
                awaitReaped(proc);
                assertEquals(0, open.get());
                assertTrue(log.lines() > 0);
            }
        }

        @Test
        @DisplayName("does not make a hold that is refused stay")
        void refusedHold() throws Exception {
            Rounds rounds = new Rounds();
            Proc other = create("other", rounds);
            Stuck stuck = new Stuck();
            Proc deaf = create("deaf", () -> {
                installEndless();
                stuck.run();
            });
            stuck.awaitInside();
            assertThrows(SuspendRefusedException.class, () -> kernel.quiesceAll("snapshot", Duration.ofMillis(1)));
            rounds.awaitWork();
            stuck.release();
            awaitReaped(deaf);
            assertFalse(other.join(Duration.ZERO));
        }
    }

    @Nested
    @DisplayName("what is open, and could tell its name only when a call that hangs is over,")
    class Busy {
        private final Stuck stuck = new Stuck();
        private final Door written = new Door();

        private final class Journal implements AutoCloseable {
            synchronized void write() throws Exception {
                try {
                    stuck.run();
                } finally {
                    written.open();
                }
            }

            @Override
            public void close() {}

            @Override
            public synchronized String toString() {
                return "journal";
            }
        }

        private Proc createWriter() {
            Journal journal = new Journal();
            Proc proc = create("writer", () -> {
                kernel.kernel().syscalls().install(journal);
                journal.write();
            });
            stuck.awaitInside();
            return proc;
        }

        @Test
        @DisplayName("does not make a hold that is refused stay")
        void refusedHold() throws Exception {
            Rounds rounds = new Rounds();
            create("other", rounds);
            Proc writer = createWriter();
            SuspendRefusedException e = assertThrows(
                    SuspendRefusedException.class, () -> kernel.quiesceAll("snapshot", Duration.ofMillis(1)));
            rounds.awaitWork();
            assertFalse(written.isOpen());
            assertTrue(e.getMessage().contains("0 journal"), e::getMessage);
            stuck.release();
            awaitReaped(writer);
        }

        @Test
        @DisplayName("does not keep a shutdown beyond its budget")
        void shutdown() throws Exception {
            Proc writer = createWriter();
            String report =
                    kernel.kernel().reboot(Howto.HALT, Duration.ofMillis(500)).toString();
            assertFalse(written.isOpen());
            assertTrue(report.contains("0 journal"), report);
            stuck.release();
            awaitReaped(writer);
        }
    }

    @Nested
    @DisplayName("a closer, when its process ends,")
    class Closer {
        private List<Throwable> loggedAtEnd(AutoCloseable closer) throws Exception {
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                awaitReaped(create("owner", () -> kernel.kernel().syscalls().install(closer)));
                return log.thrown();
            }
        }

        @Test
        @DisplayName("may fail: that is logged, once")
        void fails() throws Exception {
            List<Throwable> logged = loggedAtEnd(() -> {
                throw planted;
            });
            assertEquals(1, logged.size());
            assertSame(planted, logged.get(0).getCause());
        }

        @Test
        @DisplayName("may exit: that is no failure")
        void exits() throws Exception {
            assertEquals(List.of(), loggedAtEnd(() -> CurThread.exit(3)));
        }
    }

    @Test
    @DisplayName("A hold that a closer takes ends with the process too")
    void holdOfCloser() throws Exception {
        Rounds rounds = new Rounds();
        Proc held = create("held", rounds);
        try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
            Proc holder = create("holder", () -> {
                kernel.kernel().syscalls().install(() -> held.hold("closer", LIMIT));
            });
            awaitReaped(holder);
            assertTrue(log.lines() > 0);
        }
        rounds.awaitWork();
    }

    @Test
    @DisplayName(
            "A hold that a closer takes ends with the process too, when the closers run on a thread that began its end early")
    void holdOfCloserOnEarlierThread() throws Exception {
        Rounds rounds = new Rounds();
        Proc held = create("held", rounds);
        Stuck main = new Stuck();
        Stuck added = new Stuck();
        Proc proc = create("pair", main);
        proc.container.install(() -> held.hold("closer", LIMIT));
        Kthread first = proc.kthreads().get(0);
        Kthread visitor = kernel.kthreads().kthreadAdd(proc, named("visitor", added));
        added.awaitInside();
        kernel.events()
                .threadExit()
                .register(
                        thread -> {
                            if (thread == visitor) {
                                proc.table.lwproc().rfork(Lwproc.RUMP_RFCFDG);
                            }
                        },
                        EventList.PRI_ANY);
        Door inside = new Door();
        Door leave = new Door();
        try (LogLines log = LogLines.of("org.kthread.proc", message -> {
            if (message.contains("has ended while it visited")) {
                inside.open();
                leave.await();
            }
        })) {
            added.release();
            inside.await(); // its end has begun, and its lwp is still there
            main.release();
            eventually(first::isExited);
            leave.open();
            awaitReaped(proc);
            assertTrue(log.messages().size() > 1, () -> log.messages().toString());
        }
        rounds.awaitWork();
    }

    @Test
    @DisplayName("exitProc in a region that counts as parked waits for resume before it ends the siblings")
    void exitProcWhileSuspended() throws Exception {
        Door leave = new Door();
        Door unwound = new Door();
        Rounds rounds = new Rounds();
        Proc proc = create("pair", () -> {
            try {
                rounds.run();
            } finally {
                unwound.open();
            }
        });
        rounds.awaitWork();
        Kthread exiting = kernel.kthreads()
                .kthreadAdd(
                        proc,
                        named(
                                "exiting",
                                () -> CurThread.quiescent("region", () -> {
                                    leave.await();
                                    throw CurThread.exitProc(3);
                                })));
        Suspension quiet = proc.hold("quiet", LIMIT);
        leave.open();
        eventually(() -> kernel.ps().rows().stream()
                .anyMatch(row -> row.tid() == exiting.tid() && "kpsusp".equals(row.wmesg())));
        assertEquals(0, sibling(proc).gate.pending & SuspendGate.STOPPED);
        assertFalse(unwound.isOpen());
        quiet.close();
        awaitReaped(proc);
        assertTrue(unwound.isOpen());
        assertEquals(OptionalInt.of(3), proc.exitStatus());
    }

    private static Kthread sibling(Proc proc) {
        return proc.kthreads().stream()
                .filter(thread -> thread.name().equals("pair"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @DisplayName("A handler of thread_exit that reboots keeps the status of the main that failed")
    void rebootInThreadExit() throws Exception {
        kernel.events().threadExit().register(thread -> kernel.kernel().reboot(Howto.HALT), EventList.PRI_ANY);
        try (BrokenLog log = BrokenLog.of("org.kthread.proc")) {
            Door begun = new Door();
            Proc proc = create("thrower", () -> {
                begun.open(); // one that is stopped before it has begun throws nothing
                throw planted;
            });
            begun.await();
            kernel.shutdown();
            assertEquals(OptionalInt.of(70), proc.exitStatus());
            assertSame(planted, proc.cause().orElseThrow());
            assertTrue(log.lines() > 0);
        }
    }
}
