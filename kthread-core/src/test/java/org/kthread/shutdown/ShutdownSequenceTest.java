package org.kthread.shutdown;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.event.Worker;
import org.kthread.proc.CurThread;
import org.kthread.proc.Diagnosis;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.ShutdownReport.Run;
import org.kthread.shutdown.ShutdownReport.Unsynced;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

/** What can go wrong in a shutdown, and what it costs. */
@Timeout(60)
class ShutdownSequenceTest {
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final List<String> history = new CopyOnWriteArrayList<>();
    private final List<Stuck> stuck = new ArrayList<>();
    private final ManualClock clock = new ManualClock();
    private KernelConfig config = KernelConfig.defaults().withConsole(history::add);
    private @Nullable Kernel started;

    private Kernel kernel() {
        Kernel kernel = started;
        if (kernel == null) {
            kernel = Kernel.start(config);
            started = kernel;
        }
        return kernel;
    }

    private ShutdownEvents events() {
        return kernel().shutdownEvents();
    }

    private Stuck stuck() {
        Stuck one = new Stuck();
        stuck.add(one);
        return one;
    }

    @AfterEach
    void close() throws InterruptedException {
        if (started != null) {
            started.close();
        }
        for (Stuck one : stuck) {
            one.release();
        }
    }

    private Proc daemon(String name, Runnable each) {
        return kernel().kthreads().kthreadCreate(KthreadSpec.named(name).main(() -> {
            for (; ; ) {
                CurThread.suspendCheck();
                each.run();
                kernel().sleepQueues().pause(SleepPriority.PCATCH, "daemon", Duration.ofMillis(20));
            }
        }));
    }

    /** A daemon that does nothing for anybody. It runs: one that does not yet would park before it does. */
    private Proc deaf(String name) {
        Stuck main = stuck();
        Proc proc = kernel().kthreads().kthreadCreate(KthreadSpec.named(name).main(main));
        main.awaitInside();
        return proc;
    }

    private static List<Run> runs(ShutdownReport report, String phase) {
        return report.phases().stream()
                .filter(each -> each.name().equals(phase))
                .findFirst()
                .orElseThrow()
                .runs();
    }

    private static List<Result> results(ShutdownReport report, String phase) {
        return runs(report, phase).stream().map(Run::result).toList();
    }

    private static Duration took(ShutdownReport report, String phase) {
        return report.phases().stream()
                .filter(each -> each.name().equals(phase))
                .findFirst()
                .orElseThrow()
                .took();
    }

    /** Moves the manual clock to the next time anybody waits for, which has to be this. */
    private void passTo(Duration time) {
        await().until(() -> clock.nextDeadline() == time.toNanos());
        clock.advance(time.minusNanos(clock.nanoTime()));
    }

    @Nested
    class Handlers {
        @Test
        void oneThatNeverReturnsLeavesTheSyncItsStartAt45Percent() throws Exception {
            config = config.withClock(clock);
            Stuck handler = stuck();
            events().preSync().register(howto -> history.add("before"), 1);
            events().preSync().register(handler, 2);
            events().preSync().register(howto -> history.add("behind"), 3);
            events().finalEvent().register(howto -> history.add("final"), 1);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> history.add("sync")));
            AtomicReference<@Nullable ShutdownReport> given = new AtomicReference<>();
            Kernel kernel = kernel();
            Worker caller = Worker.start("caller", () -> given.set(kernel.reboot(Howto.HALT, Duration.ofSeconds(100))));

            handler.awaitInside();
            passTo(Duration.ofSeconds(45));
            caller.join();

            ShutdownReport report = given.get();
            assertNotNull(report);
            assertEquals(
                    List.of(
                            "before",
                            "sync",
                            "All buffers synced.",
                            "Uptime: 45s",
                            "final",
                            "The operating system has halted."),
                    history);
            assertEquals(List.of(Result.DONE, Result.ABANDONED, Result.NOT_RUN), results(report, "pre_sync"));
            Run abandoned = runs(report, "pre_sync").get(1);
            assertEquals("stuck", abandoned.name());
            assertTrue(abandoned.stack().stream()
                    .anyMatch(frame -> frame.getMethodName().equals("run")));
            assertTrue(handler.wasInterrupted());
            assertEquals(1, report.leftThreads().size());
            assertEquals(Duration.ofSeconds(45), report.took());
            assertFalse(report.isClean());
        }

        @Test
        void oneThatThrowsStopsNobodyAndIsTold() throws Exception {
            Exception first = new Exception("first");
            Error second = new AssertionError("second");
            events().preSync()
                    .register(
                            howto -> {
                                throw first;
                            },
                            1);
            events().preSync()
                    .register(
                            howto -> {
                                throw second;
                            },
                            2);
            events().preSync().register(howto -> history.add("behind"), 3);

            ShutdownReport report = kernel().reboot(Howto.HALT);

            assertEquals(List.of(Result.FAILED, Result.FAILED, Result.DONE), results(report, "pre_sync"));
            assertEquals(first, runs(report, "pre_sync").get(0).failure());
            assertEquals(second, runs(report, "pre_sync").get(1).failure());
            assertEquals("behind", history.get(0));
            assertTrue(report.leftThreads().isEmpty());
        }

        @Test
        void oneThatLeavesAnInterruptBehindDoesNotDisturbTheNext() throws Exception {
            events().preSync().register(howto -> Thread.currentThread().interrupt(), 1);
            events().preSync().register(howto -> history.add("flag " + Thread.interrupted()), 2);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals("flag false", history.get(0));
        }

        @Test
        void oneThatDeregistersItselfAndRegistersAnother() throws Exception {
            AtomicReference<@Nullable EventTag<Howto>> self = new AtomicReference<>();
            self.set(events().preSync()
                    .register(
                            howto -> {
                                self.get().deregister();
                                events().preSync().register(again -> history.add("added"), 5);
                            },
                            1));

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals("added", history.get(0));
        }

        @Test
        void whatAHandlerCallsItselfIsNotAskedOfItByTheCoordinator() throws Exception {
            Stuck name = stuck();
            EventHandler<Howto> handler = new EventHandler<>() {
                @Override
                public void handle(Howto howto) {
                    history.add("handler");
                }

                @Override
                public String toString() {
                    name.run();
                    return "never";
                }
            };
            EventHandler<Howto> fails = new EventHandler<>() {
                @Override
                public void handle(Howto howto) {
                    history.add("fails");
                }

                @Override
                public String toString() {
                    throw new IllegalStateException("no name");
                }
            };
            events().preSync().register(fails, 1);
            events().preSync().register(handler, 2);
            events().finalEvent().register(howto -> history.add("final"), 1);

            ShutdownReport report = kernel().reboot(Howto.HALT, SHORT);

            assertEquals(List.of(Result.DONE, Result.ABANDONED), results(report, "pre_sync"));
            assertTrue(history.containsAll(List.of("fails", "final")));
        }

        @Test
        void awaitShutdownInOneReturnsTheReportSoFar() throws Exception {
            AtomicReference<@Nullable ShutdownReport> soFar = new AtomicReference<>();
            events().preSync().register(howto -> soFar.set(kernel().awaitShutdown()), 1);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            ShutdownReport part = soFar.get();
            assertNotNull(part);
            assertFalse(part.complete());
            assertTrue(part.toString().contains("so far"), part::toString);
        }
    }

    @Nested
    class Daemons {
        @Test
        void manyStuckOnesCostOneTimeout() throws Exception {
            for (int i = 0; i < 8; i++) {
                events().preSync().register(KprocShutdown.of(deaf("deaf" + i)), 1);
            }

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ofSeconds(4));

            assertEquals(
                    8,
                    history.stream().filter(line -> line.endsWith("timed out")).count());
            Duration took = took(report, "pre_sync");
            assertTrue(took.compareTo(Duration.ofMillis(1_800)) >= 0, took::toString);
            assertTrue(took.compareTo(Duration.ofMillis(3_600)) < 0, took::toString);
        }

        @Test
        void stuckOnesLeaveTimeForThoseOfALaterPriority() throws Exception {
            events().preSync().register(KprocShutdown.of(deaf("deaf")), 1);
            events().preSync().register(KprocShutdown.of(daemon("good", () -> {})), 2);

            kernel().reboot(Howto.HALT, SHORT);

            assertTrue(history.get(0).endsWith("`deaf' to stop... timed out"), history::toString);
            assertTrue(history.get(1).endsWith("`good' to stop... done"), history::toString);
        }

        @Test
        void thoseBehindAHandlerThatNeverReturnsAreAskedAllTheSame() throws Exception {
            AtomicInteger work = new AtomicInteger();
            Proc good = daemon("good", work::incrementAndGet);
            events().preSync().register(stuck(), 1);
            events().preSync().register(KprocShutdown.of(good), 2);
            AtomicInteger before = new AtomicInteger();
            AtomicInteger after = new AtomicInteger();
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> {
                good.suspend(Duration.ofSeconds(5));
                before.set(work.get());
                good.resume();
            }));
            events().postSync().register(howto -> after.set(work.get()), 1);

            kernel().reboot(Howto.HALT, Duration.ofSeconds(2));

            assertEquals(before.get(), after.get(), "the daemon has worked during the sync");
        }

        @Test
        void allOfAPriorityAreAskedWhenTheFirstIsReached() throws Exception {
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch run = new CountDownLatch(2);
            Proc slow = kernel().kthreads()
                    .kthreadCreate(KthreadSpec.named("slow").main(() -> {
                        run.countDown();
                        asked.await();
                        CurThread.suspendCheck();
                    }));
            Proc last = kernel().kthreads()
                    .kthreadCreate(KthreadSpec.named("last").main(() -> {
                        run.countDown();
                        kernel().sleepQueues().pause(SleepPriority.PCATCH, "last", Duration.ofDays(1));
                        asked.countDown();
                        CurThread.suspendCheck();
                    }));
            run.await();
            events().preSync().register(KprocShutdown.of(slow), 1);
            events().preSync().register(KprocShutdown.of(last), 1);

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ofSeconds(20));

            assertTrue(history.get(0).endsWith("`slow' to stop... done"), history::toString);
            assertTrue(history.get(1).endsWith("`last' to stop... done"), history::toString);
            assertTrue(report.isClean(), report::toString);
        }

        @Test
        void tenStuckOfAThousandEndWithinTheBudgetAndAreNamed() throws Exception {
            List<String> names = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                String name = "d" + i;
                boolean bad = i % 100 == 7;
                Proc proc = bad ? deaf(name) : daemon(name, () -> {});
                if (bad) {
                    names.add(name);
                }
                events().preSync().register(KprocShutdown.of(proc), 1);
            }

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ofSeconds(5));

            assertTrue(
                    report.took().compareTo(Duration.ofMillis(5_500)) < 0,
                    () -> report.took().toString());
            List<String> left = report.daemons().stream()
                    .filter(daemon -> daemon.how().equals("stop"))
                    .filter(daemon -> daemon.answered() == null)
                    .map(ShutdownReport.Daemon::name)
                    .toList();
            assertEquals(names, left);
            assertEquals(10, report.leftThreads().size());
            Diagnosis where = report.daemons().stream()
                    .filter(daemon -> daemon.answered() == null)
                    .findFirst()
                    .orElseThrow()
                    .stuck()
                    .get(0);
            assertFalse(where.stack().isEmpty());
        }

        @Test
        void onesThatAreSuspendedAlreadyOrMeetTwiceAreDone() throws Exception {
            Proc proc = daemon("twice", () -> {});
            assertTrue(proc.suspend(Duration.ofSeconds(10)).isQuiet());
            KprocShutdown handler = KprocShutdown.of(proc);
            events().preSync().register(handler, 1);
            events().preSync().register(handler, 1);
            events().postSync().register(KprocShutdown.of(proc), 1);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals(
                    3, history.stream().filter(line -> line.endsWith("done")).count());
        }
    }

    @Nested
    class Sync {
        @Test
        void oneThatNeverReturnsDoesNotKeepTheOthersFromTheDisk() throws Exception {
            AtomicInteger dirty = new AtomicInteger(3);
            kernel().syncTargets().register(SyncTarget.of("hung", () -> 2, stuck()));
            kernel().syncTargets()
                    .register(SyncTarget.of("disk", dirty::get, () -> dirty.updateAndGet(n -> Math.max(0, n - 1))));
            events().finalEvent().register(howto -> history.add("final"), 1);

            ShutdownReport report = kernel().reboot(Howto.HALT, SHORT);

            assertEquals(0, dirty.get());
            assertEquals(List.of(new Unsynced("hung", 1)), report.unsynced());
            assertEquals(List.of(Result.ABANDONED, Result.DONE), results(report, "sync"));
            assertTrue(history.contains("Giving up on 1 buffers"), history::toString);
            assertTrue(history.contains("final"));
        }

        @Test
        void oneThatIsSlowButReturnsIsWaitedForAsLongAsThePhaseLasts() throws Exception {
            AtomicInteger dirty = new AtomicInteger(1);
            CountDownLatch others = new CountDownLatch(1);
            kernel().syncTargets().register(SyncTarget.of("slow", dirty::get, () -> {
                others.await();
                dirty.set(0);
            }));
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, others::countDown));

            ShutdownReport report = kernel().reboot(Howto.HALT, SHORT);

            assertEquals(0, dirty.get());
            assertTrue(report.isClean(), report::toString);
            // The second line if the slow one was still at it when the first count was taken.
            assertTrue(
                    history.contains("All buffers synced.") || history.contains("Final sync complete"),
                    history::toString);
        }

        @Test
        void oneThatThrowsIsAskedAgainAndTold() throws Exception {
            AtomicInteger calls = new AtomicInteger();
            AtomicInteger dirty = new AtomicInteger(5);
            kernel().syncTargets().register(SyncTarget.of("shaky", dirty::get, () -> {
                if (calls.incrementAndGet() == 1) {
                    throw new AssertionError("shaky");
                }
                dirty.set(0);
            }));

            ShutdownReport report = kernel().reboot(Howto.HALT);

            assertEquals(0, dirty.get());
            assertEquals(List.of(), report.unsynced());
            assertEquals(List.of(Result.FAILED), results(report, "sync"));
            assertTrue(history.contains("Syncing disks, buffers remaining... 5 "), history::toString);
            assertTrue(history.contains("Final sync complete"), history::toString);
        }

        @Test
        void oneThatCannotTellHasSomethingLeft() throws Exception {
            kernel().syncTargets()
                    .register(SyncTarget.of(
                            "dumb",
                            () -> {
                                throw new IllegalStateException("no idea");
                            },
                            () -> {}));

            ShutdownReport report = kernel().reboot(Howto.HALT, SHORT);

            assertEquals(List.of(new Unsynced("dumb", 1)), report.unsynced());
            assertTrue(history.contains("Giving up on 1 buffers"), history::toString);
        }

        @Test
        void oneThatWasTakenOutIsNotSynced() throws Exception {
            SyncTarget target = SyncTarget.of("gone", () -> 1, () -> history.add("sync"));
            kernel().syncTargets().register(target);
            kernel().syncTargets().deregister(target);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertFalse(history.contains("sync"));
        }
    }

    @Nested
    class Console {
        @Test
        void oneThatBlocksDoesNotHoldUpTheShutdown() throws Exception {
            Stuck console = stuck();
            config = config.withConsole(line -> console.run());
            Proc proc = daemon("daemon", () -> {});
            events().preSync().register(KprocShutdown.of(proc), 1);
            events().preSync().register(howto -> history.add("pre_sync"), 2);
            events().postSync().register(howto -> history.add("post_sync"), 1);
            events().finalEvent().register(howto -> history.add("final"), 1);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> history.add("sync")));
            kernel().onUndo("undo", () -> history.add("undo"));

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ofSeconds(5));

            assertEquals(List.of("pre_sync", "sync", "post_sync", "final", "undo"), history);
            assertEquals(List.of("shutdown-console"), report.leftThreads());
            assertTrue(report.took().compareTo(Duration.ofSeconds(1)) < 0, report::toString);
        }

        @Test
        void oneThatBlocksDoesNotHoldUpAPanicEither() throws Exception {
            Stuck console = stuck();
            config = config.withConsole(line -> console.run());

            kernel().panic("no console");

            assertEquals("no console", kernel().awaitShutdown().panic());
        }

        @Test
        void oneThatThrowsCostsItsLineOnly() throws Exception {
            config = config.withClock(clock).withConsole(line -> {
                throw new IllegalStateException("no console");
            });
            events().finalEvent().register(howto -> history.add("final"), 1);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals(List.of("final"), history);
        }

        @Test
        void oneThatCallsRebootGetsTheReportSoFar() throws Exception {
            AtomicReference<@Nullable Kernel> kernel = new AtomicReference<>();
            AtomicInteger parts = new AtomicInteger();
            config = config.withConsole(line -> {
                try {
                    parts.addAndGet(kernel.get().reboot(Howto.HALT).complete() ? 100 : 1);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            });
            kernel.set(kernel());

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals(3, parts.get());
        }
    }

    @Nested
    class Panicking {
        @Test
        void endsTheWaitForADaemon() throws Exception {
            config = config.withClock(clock);
            Proc proc = deaf("deaf");
            events().preSync().register(KprocShutdown.of(proc), 1);
            events().preSync()
                    .register(
                            howto ->
                                    history.add("flag " + Thread.currentThread().isInterrupted()),
                            2);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 1, () -> history.add("sync")));
            Kernel kernel = kernel();
            AtomicReference<@Nullable ShutdownReport> given = new AtomicReference<>();
            Worker caller = Worker.start("caller", () -> given.set(kernel.reboot(Howto.HALT)));
            await().until(() ->
                    clock.waiters() == 2); // the runner waits for the daemon, the coordinator for the runner

            kernel.panic("first");
            kernel.panic("second");
            caller.join();

            ShutdownReport report = given.get();
            assertNotNull(report);
            assertEquals("first", report.panic());
            assertEquals(List.of(Result.DONE, Result.DONE), results(report, "pre_sync"));
            assertEquals(Duration.ZERO, report.took());
            assertTrue(history.contains("flag false"), history::toString);
            assertFalse(history.contains("sync"));
            assertTrue(history.stream().noneMatch(line -> line.startsWith("Waiting")), history::toString);
        }

        @Test
        void endsTheWaitForTheStop() throws Exception {
            config = config.withClock(clock);
            deaf("deaf");
            CountDownLatch begun = new CountDownLatch(1);
            events().postSync().register(howto -> begun.countDown(), 1);
            events().finalEvent().register(howto -> history.add("final"), 1);
            Kernel kernel = kernel();
            Worker caller = Worker.start("caller", () -> kernel.reboot(Howto.HALT));
            begun.await();
            await().until(() -> clock.waiters() == 1 && clock.nextDeadline() < KernelClock.NEVER);

            kernel.panic("enough");
            caller.join();

            assertTrue(history.contains("final"));
            assertEquals(0, clock.nanoTime());
        }

        @Test
        void endsTheWaitForTheStopAndNoOther() throws Exception {
            Door console = new Door();
            config = config.withClock(clock).withConsole(line -> {
                if (line.equals("The operating system has halted.")) {
                    console.await();
                }
            });
            deaf("deaf");
            Kernel kernel = kernel();
            Caller<ShutdownReport> caller =
                    Caller.start("caller", () -> kernel.reboot(Howto.HALT, Duration.ofSeconds(100)));
            Duration grace = Duration.ofSeconds(10);
            await().until(() -> clock.nextDeadline() == grace.toNanos());

            kernel.panic("enough");
            Duration patience = Duration.ofMillis(100);
            await().until(() -> clock.nextDeadline() == patience.toNanos()); // for the last line
            console.open();

            assertEquals(List.of("deaf"), caller.result().leftThreads());
        }

        @Test
        void syncsIfTheConfigurationWantsIt() throws Exception {
            config = config.withSyncOnPanic(true);
            AtomicReference<@Nullable Howto> told = new AtomicReference<>();
            events().preSync().register(told::set, 1);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> history.add("sync")));

            kernel().panic("sync me");
            kernel().awaitShutdown();

            assertTrue(history.contains("sync"));
            assertEquals(Howto.HALT, told.get());
        }

        @Test
        void tellsTheHandlersThatThereIsNoSync() throws Exception {
            AtomicReference<@Nullable Howto> told = new AtomicReference<>();
            events().preSync().register(told::set, 1);

            kernel().panic("no sync");
            kernel().awaitShutdown();

            assertEquals(Howto.HALT.nosync(), told.get());
        }

        @Test
        void afterTheEndStillPrints() throws Exception {
            kernel().reboot(Howto.HALT);

            kernel().panic("too late");

            assertEquals("panic: too late", history.get(history.size() - 1));
        }
    }

    @Nested
    class Undos {
        @Test
        void oneThatFailsStopsNobody() throws Exception {
            kernel().onUndo("first", () -> history.add("first"));
            kernel().onUndo("broken", () -> {
                throw new Exception("broken");
            });

            ShutdownReport report = kernel().reboot(Howto.HALT);

            assertTrue(history.contains("first"));
            assertEquals(
                    List.of("broken", "first"),
                    runs(report, "undo").stream().map(Run::name).toList());
            assertEquals(List.of(Result.FAILED, Result.DONE), results(report, "undo"));
        }

        @Test
        void oneThatNeverReturnsIsLeftBehindAndLeavesTimeToThoseBehindIt() throws Exception {
            kernel().onUndo("behind", () -> history.add("behind"));
            kernel().onUndo("stuck", stuck());

            ShutdownReport report = kernel().reboot(Howto.HALT, SHORT);

            assertEquals(List.of(Result.ABANDONED, Result.DONE), results(report, "undo"));
            assertTrue(report.took().compareTo(Duration.ofMillis(1_300)) < 0, report::toString);
            assertEquals("The operating system has halted.", history.get(history.size() - 1));
        }

        @Test
        void theLastHasAllTheTimeThatIsLeftAndThoseBeforeItHalfOfIt() throws Exception {
            config = config.withClock(clock);
            clock.advance(Duration.ofSeconds(10));
            kernel().onUndo("last", stuck());
            kernel().onUndo("first", stuck());
            Kernel kernel = kernel();
            Worker caller = Worker.start("caller", () -> kernel.reboot(Howto.HALT, Duration.ofSeconds(100)));

            passTo(Duration.ofSeconds(60));
            passTo(Duration.ofSeconds(110));
            caller.join();
        }

        @Test
        void areToldAtAnyMomentThatWhoBeganItWaits() throws Exception {
            for (int i = 0; i < 200; i++) {
                try (Kernel kernel = Kernel.start(config)) {
                    Door asked = new Door();
                    kernel.onUndo("undo", asked::await);
                    Caller<ShutdownReport> caller = Caller.start("caller", () -> kernel.reboot(Howto.HALT));
                    while (!kernel.rebooting()) {
                        Thread.onSpinWait();
                    }
                    boolean waits = kernel.isAwaitingShutdown(caller.thread());
                    asked.open();
                    caller.result();
                    assertTrue(waits, "in round " + i);
                }
            }
        }

        @Test
        void tooLateIsAnError() throws Exception {
            kernel().reboot(Howto.HALT);

            KernelException e = assertThrows(KernelException.class, () -> kernel().onUndo("late", () -> {}));
            assertEquals(Errno.ESHUTDOWN, e.errno());
        }
    }

    @Nested
    class Limits {
        @Test
        void withoutAnyTimeItTellsThatNothingWasDone() throws Exception {
            Proc proc = daemon("daemon", () -> {});
            events().preSync().register(howto -> history.add("pre_sync"), 1);
            events().preSync().register(KprocShutdown.of(proc), 2);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> {}));

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ZERO);

            assertFalse(report.isClean());
            assertFalse(history.contains("pre_sync"));
            assertEquals(1, report.unsynced().size());
            assertTrue(proc.join(Duration.ofSeconds(10)), "it was told to stop");
        }

        @Test
        void withoutALimitItIsFine() throws Exception {
            Proc proc = daemon("daemon", () -> {});
            events().preSync().register(KprocShutdown.of(proc), 1);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> {}));

            ShutdownReport report = kernel().reboot(Howto.HALT, KernelClock.FOREVER);

            assertTrue(report.isClean(), report::toString);
        }

        @Test
        void aNegativeOneIsRefusedAndBeginsNothing() {
            assertThrows(IllegalArgumentException.class, () -> kernel().reboot(Howto.HALT, Duration.ofNanos(-1)));
            assertFalse(kernel().rebooting());
        }

        @Test
        void noThreadCanBeCreatedFromTheStopOn() throws Exception {
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            events().finalEvent()
                    .register(
                            howto -> thrown.set(assertThrows(KernelException.class, () -> daemon("late", () -> {}))),
                            1);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            assertEquals(Errno.ESHUTDOWN, ((KernelException) thrown.get()).errno());
        }

        @Test
        void noThreadOfOursIsLeft() throws Exception {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            daemon("daemon", () -> {});
            events().preSync().register(howto -> {}, 1);

            assertTrue(kernel().reboot(Howto.HALT).isClean());

            Set<Thread> left = Thread.getAllStackTraces().keySet();
            left.removeAll(before); // of other tests, which have failed
            List<String> names = left.stream()
                    .map(Thread::getName)
                    .filter(name -> name.startsWith("shutdown") || name.equals("init") || name.equals("daemon"))
                    .toList();
            assertEquals(List.of(), names);
        }
    }
}
