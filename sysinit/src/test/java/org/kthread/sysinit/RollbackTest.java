package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.LogLines;

@ExtendWith(NoThreadLeft.class)
class RollbackTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    @Nested
    @DisplayName("a boot of n steps that fails at step k")
    class EveryStep {

        private static final int N = 5;

        @TempDir
        Path dir;

        private final List<RandomAccessFile> files = Collections.synchronizedList(new ArrayList<>());

        static Stream<Arguments> failures() {
            return IntStream.rangeClosed(1, N)
                    .boxed()
                    .flatMap(k -> Stream.of("exception", "error", "panic", "daemon", "constraint", "interrupt")
                            .map(how -> Arguments.of(k, how)));
        }

        /** Opens a file, and starts two daemons that use it. */
        private Sysinit step(int i, int k, String how) {
            AtomicReference<@Nullable RandomAccessFile> file = new AtomicReference<>();
            return Sysinit.of("s" + i, i + 1, 0, () -> {
                        machine.daemon("d" + i + "a");
                        if (i == k) {
                            fail(how);
                        }
                        file.set(new RandomAccessFile(dir.resolve("f" + i).toFile(), "rw"));
                        files.add(file.get());
                        machine.daemon("d" + i + "b");
                        history.add("s" + i);
                    })
                    .undo(() -> {
                        history.add("undo s" + i);
                        file.get().close();
                    })
                    .awaitReady(Machine.SOON);
        }

        private void fail(String how) throws Exception {
            switch (how) {
                case "exception" -> throw new IOException("no disk");
                case "error" -> throw new StackOverflowError("deep");
                case "panic" -> throw new KernelPanic("protocol");
                case "daemon" ->
                    machine.kernel
                            .kthreads()
                            .kthreadCreate(KthreadSpec.named("dies").main(() -> {
                                throw new IOException("no disk");
                            }));
                case "constraint" -> boot.add(machine.noted("x", 1, 0).requires("nobody"));
                default -> Thread.currentThread().interrupt();
            }
        }

        @ParameterizedTest(name = "k = {0}, by {1}")
        @MethodSource("failures")
        @DisplayName("undoes exactly what was done, in reverse, and leaves no process and no open file")
        void leavesNothing(int k, String how) throws Exception {
            for (int i = N; i >= 1; i--) {
                boot.add(step(i, k, how));
            }
            boolean acted = List.of("daemon", "constraint", "interrupt").contains(how);
            BootException e;
            if (how.equals("interrupt")) {
                InterruptedException interrupt = assertThrows(InterruptedException.class, boot::run);
                e = assertInstanceOf(BootException.class, interrupt.getCause());
            } else {
                e = assertThrows(BootException.class, boot::run);
            }
            assertFalse(Thread.interrupted());
            assertEquals("s" + k, e.step());
            assertEquals(new Key(k + 1, 0), e.key());
            assertEquals(k, e.position());
            assertEquals(N, e.report().known());
            assertEquals(List.of(), Machine.messages(e));

            List<String> expected = new ArrayList<>();
            for (int i = 1; i < k || (i == k && acted); i++) {
                expected.add("s" + i);
            }
            for (int i = k; i >= 1; i--) {
                if (i < k || acted) {
                    expected.addAll(List.of("exit d" + i + "b", "exit d" + i + "a", "undo s" + i));
                } else {
                    expected.add("exit d" + i + "a");
                }
            }
            history.remove("exit dies");
            assertEquals(expected, history);
            assertEquals(List.of(), machine.processes());
            for (RandomAccessFile file : files) {
                assertFalse(file.getChannel().isOpen());
            }
            List<BootReport.Result> results =
                    e.report().steps().stream().map(BootReport.Step::result).toList();
            List<BootReport.Result> wanted = new ArrayList<>(Collections.nCopies(k - 1, BootReport.Result.UNDONE));
            wanted.add(BootReport.Result.FAILED);
            assertEquals(wanted, results);
        }
    }

    @Nested
    @DisplayName("the extent of a step")
    class Extent {

        @Test
        @DisplayName("is what the booting thread creates while it runs, not what others create meanwhile")
        void others() {
            AtomicReference<@Nullable Proc> other = new AtomicReference<>();
            boot.add(
                    Sysinit.of("a", 1, 0, () -> {
                        Thread thread = new Thread(() -> other.set(machine.daemon("other")));
                        thread.start();
                        thread.join();
                        machine.daemon("mine");
                    }),
                    Machine.failing("b", 2, new IOException("b")));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(List.of("other"), machine.processes());
            assertEquals(1, e.report().steps().get(0).processes().size());
        }
    }

    @Nested
    @DisplayName("before anything runs")
    class Refused {

        @Test
        @DisplayName("a cycle, a missing name, a shared name are refused; then more steps may make it good")
        void refused() throws Exception {
            boot.add(machine.noted("a", 1, 0).requires("b"));
            assertThrows(IllegalArgumentException.class, boot::run);
            assertEquals(List.of(), history);
            boot.add(machine.noted("b", 2, 0)).run();
            assertEquals(List.of("b", "a"), history);
        }
    }

    @Nested
    @DisplayName("failures while undoing")
    class Suppressed {

        @Test
        @DisplayName("are suppressed in the one exception, each with its step, and stop nothing")
        void suppressed() {
            IOException disk = new IOException("disk");
            boot.add(
                    machine.noted("a", 1, 0),
                    machine.noted("b", 2, 0).undo(() -> {
                        throw disk;
                    }),
                    machine.noted("c", 3, 0).undo(() -> {
                        throw new AssertionError("c");
                    }),
                    Machine.failing("d", 4, new IOException("d")));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals("java.io.IOException: d", String.valueOf(e.getCause()));
            assertEquals(
                    List.of(
                            "undoing boot step \"c\" (0x3/FIRST): java.lang.AssertionError: c",
                            "undoing boot step \"b\" (0x2/FIRST): java.io.IOException: disk"),
                    Machine.messages(e));
            assertSame(disk, e.getSuppressed()[1].getCause());
            assertEquals(List.of("a", "b", "c", "undo a"), history);
            assertEquals(
                    List.of(
                            BootReport.Result.UNDONE,
                            BootReport.Result.UNDO_FAILED,
                            BootReport.Result.UNDO_FAILED,
                            BootReport.Result.FAILED),
                    e.report().steps().stream().map(BootReport.Step::result).toList());
            assertTrue(e.report().toString().contains("undo failed"), e.report()::toString);
        }

        @Test
        @DisplayName(
                "a process that does not stop costs half of the time left, is named with its stack, and the rest goes on")
        void stuck() throws Exception {
            CountDownLatch release = new CountDownLatch(1);
            AtomicReference<@Nullable Proc> stuck = new AtomicReference<>();
            boot.add(
                            Sysinit.of("good", 1, 0, () -> machine.daemon("good"))
                                    .undo(() -> history.add("undo good")),
                            KprocStart.sysinit(
                                            2,
                                            0,
                                            new KprocDesc(
                                                    "stuck",
                                                    () -> {
                                                        CurThread.ready();
                                                        Uninterruptibles.awaitUninterruptibly(release);
                                                    },
                                                    stuck))
                                    .awaitReady(Machine.SOON),
                            Machine.failing("last", 3, new IOException("x")))
                    .budget(Duration.ofSeconds(2));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(1, e.getSuppressed().length);
            String text = e.getSuppressed()[0].getMessage();
            assertTrue(
                    text.startsWith("stopping process stuck[" + stuck.get().pid() + "] of boot step \"stuck\""), text);
            assertTrue(text.contains("awaitUninterruptibly"), text);
            assertEquals(List.of("exit good", "undo good"), history);
            release.countDown();
            assertTrue(stuck.get().join(Machine.SOON));
        }
    }

    @Nested
    @DisplayName("on a kernel thread")
    class OnKernelThread {

        private Proc boots(Action before) {
            return machine.kernel
                    .kthreads()
                    .kthreadCreate(KthreadSpec.named("booter").main(before));
        }

        @Test
        @DisplayName("a step that exits its thread is no failure: all is undone, then the exit goes on")
        void exits() throws Exception {
            AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
            Proc booter = boots(() -> {
                try {
                    boot.add(machine.noted("a", 1, 0), Sysinit.of("b", 2, 0, () -> {
                                machine.daemon("d");
                                throw CurThread.exit(3);
                            }))
                            .run();
                } catch (BootException e) {
                    seen.set(e);
                }
            });
            assertTrue(booter.join(Machine.SOON));
            assertNull(seen.get());
            assertEquals(3, booter.exitStatus().orElseThrow());
            assertEquals(List.of("a", "exit d", "undo a", "exit booter"), history);
        }

        @Test
        @DisplayName("such an exit is not logged, unless an undo failed on the way: nobody else is told of that")
        void exitsInTheLog() throws Exception {
            try (LogLines log = LogLines.of("org.kthread.sysinit")) {
                Boot quiet = Boot.of(machine.kernel).add(Sysinit.of("a", 1, 0, () -> {
                    throw CurThread.exit(3);
                }));
                assertTrue(boots(() -> quiet.run()).join(Machine.SOON));
                assertEquals(List.of(), log.messages());
                boot.add(
                        machine.noted("a", 1, 0).undo(() -> {
                            throw new IOException("planted");
                        }),
                        Sysinit.of("b", 2, 0, () -> {
                            throw CurThread.exit(3);
                        }));
                assertTrue(boots(boot::run).join(Machine.SOON));
                assertEquals(1, log.thrown().size());
                assertEquals(1, log.thrown().get(0).getSuppressed().length, "that of the undo");
            }
        }
    }

    @Nested
    @DisplayName("the undo of a step that the shutdown comes for")
    class Unordered {

        @Test
        @DisplayName(
                "before those of all steps are registered, does not run, nor do those behind it: \"boot\" does all in order")
        void refused() throws Exception {
            Rollback rollback = new Rollback(machine.kernel, 2);
            List<StepRun> runs = List.of(ran(machine.noted("a", 1, 0)), ran(machine.noted("b", 2, 0)));
            runs.forEach(rollback::began);
            rollback.undo(runs.get(0));
            rollback.complete(true, Duration.ZERO);
            rollback.undo(runs.get(1));
            assertEquals(List.of("a", "b"), history);
            rollback.atShutdown();
            assertEquals(List.of("a", "b", "undo b", "undo a"), history);
        }

        @Test
        @DisplayName("is not undone for the trace when another thread still undoes it")
        void takenByAnother() throws Exception {
            Rollback rollback = new Rollback(machine.kernel, 2);
            StepRun none = ran(Sysinit.of("none", 1, 0, () -> {}));
            StepRun taken = ran(machine.noted("taken", 2, 0));
            List.of(none, taken).forEach(rollback::began);
            taken.take();
            rollback.complete(true, Duration.ZERO);
            rollback.atShutdown();
            assertEquals(
                    BootReport.Result.UNDONE,
                    none.report(0, Duration.ZERO, false).result());
            assertEquals(
                    BootReport.Result.DONE,
                    taken.report(0, Duration.ZERO, false).result());
        }

        private StepRun ran(Sysinit step) throws Exception {
            StepRun run = new StepRun(step, 0);
            run.run(boot);
            run.end(0, null);
            return run;
        }
    }
}
