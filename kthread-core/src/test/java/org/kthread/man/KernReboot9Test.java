package org.kthread.man;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.Worker;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.shutdown.ShutdownReport.Result;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.ManualClock;

/** The shutdown: kern_reboot, kproc_shutdown, and their console lines. */
@DisplayName("kern_reboot(9), kproc_shutdown(9)")
@Timeout(60)
class KernReboot9Test {
    private final List<String> history = new CopyOnWriteArrayList<>();
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

    @AfterEach
    void close() {
        if (started != null) {
            started.close();
        }
    }

    /** On what the daemons run: a subclass chooses virtual threads. */
    protected KthreadSpec host(KthreadSpec spec) {
        return spec;
    }

    private KthreadSpec named(String name) {
        return host(KthreadSpec.named(name));
    }

    /** A daemon that checks, and sleeps in between. */
    private Proc daemon(String name) {
        return kernel().kthreads().kthreadCreate(named(name).main(() -> {
            for (; ; ) {
                CurThread.suspendCheck();
                kernel().sleepQueues().pause(SleepPriority.PCATCH, "daemon", Duration.ofMillis(20));
            }
        }));
    }

    /** A daemon that does not check until the shutdown stops it. */
    private Proc deaf(String name) throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(1);
        Proc proc = kernel().kthreads().kthreadCreate(named(name).main(() -> {
            runs.countDown();
            while (!CurThread.shouldStop()) {
                kernel().sleepQueues().pause("deaf", Duration.ofMillis(20));
            }
        }));
        runs.await();
        return proc;
    }

    private void note(String what) {
        kernel().shutdownEvents().preSync().register(howto -> history.add("pre_sync " + what), 1);
        kernel().shutdownEvents().postSync().register(howto -> history.add("post_sync " + what), 1);
        kernel().shutdownEvents().finalEvent().register(howto -> history.add("final " + what), 1);
    }

    private Result result(ShutdownReport report, String phase, int run) {
        return report.phases().stream()
                .filter(each -> each.name().equals(phase))
                .findFirst()
                .orElseThrow()
                .runs()
                .get(run)
                .result();
    }

    @Nested
    @DisplayName("kern_reboot")
    class KernReboot {
        @Test
        @DisplayName("R1: pre_sync, sync, Uptime, post_sync, stop of every kernel thread, final, undos, Rebooting...")
        void order() throws Exception {
            Proc daemon = daemon("daemon");
            note("a");
            kernel().shutdownEvents()
                    .finalEvent()
                    .register(
                            howto -> history.add("threads " + daemon.kthreads().size()), 2);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> history.add("sync")));
            kernel().onUndo("first", () -> history.add("undo first"));
            kernel().onUndo("second", () -> history.add("undo second"));

            ShutdownReport report = kernel().reboot(Howto.AUTOBOOT);

            assertEquals(
                    List.of(
                            "pre_sync a",
                            "sync",
                            "All buffers synced.",
                            "Uptime: 0s",
                            "post_sync a",
                            "final a",
                            "threads 0",
                            "undo second",
                            "undo first",
                            "Rebooting..."),
                    history);
            assertTrue(report.isClean(), report::toString);
            assertEquals(
                    List.of("pre_sync", "sync", "post_sync", "stop", "final", "undo"),
                    report.phases().stream().map(ShutdownReport.Phase::name).toList());
        }

        @Test
        @DisplayName("R2: with NOSYNC there are no sync lines and no sync; all three events run, and are told")
        void nosync() throws Exception {
            AtomicInteger syncs = new AtomicInteger();
            AtomicReference<@Nullable Howto> told = new AtomicReference<>();
            note("a");
            kernel().shutdownEvents().preSync().register(told::set, 2);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 7, syncs::incrementAndGet));

            kernel().reboot(Howto.HALT.nosync());

            assertEquals(
                    List.of("pre_sync a", "Uptime: 0s", "post_sync a", "final a", "The operating system has halted."),
                    history);
            assertEquals(0, syncs.get());
            assertEquals(Howto.HALT.nosync(), told.get());
        }

        @Test
        @DisplayName("R3: decision: reboot from a handler returns the report so far; no handler runs twice, one sync")
        void nested() throws Exception {
            AtomicReference<@Nullable ShutdownReport> soFar = new AtomicReference<>();
            AtomicInteger syncs = new AtomicInteger();
            note("a");
            kernel().shutdownEvents().preSync().register(howto -> soFar.set(kernel().reboot(Howto.AUTOBOOT)), 2);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, syncs::incrementAndGet));

            ShutdownReport report = kernel().reboot(Howto.HALT);

            ShutdownReport part = soFar.get();
            assertNotNull(part);
            assertFalse(part.complete());
            assertEquals(Howto.HALT, part.howto());
            assertEquals(Result.DONE, result(part, "pre_sync", 0));
            assertEquals(Result.RUNNING, result(part, "pre_sync", 1));
            assertEquals(1, syncs.get());
            assertEquals(1, history.stream().filter("pre_sync a"::equals).count());
            assertTrue(report.complete());
            assertEquals(Howto.HALT, report.howto());
        }

        @Test
        @DisplayName("Who calls it twice, or at once, gets the same report")
        void sameReport() throws Exception {
            AtomicReference<@Nullable ShutdownReport> other = new AtomicReference<>();
            Kernel kernel = kernel();
            Worker second = Worker.start("second", () -> other.set(kernel.reboot(Howto.AUTOBOOT)));
            ShutdownReport report = kernel.reboot(Howto.HALT);
            second.join();

            assertSame(report, other.get());
            assertSame(report, kernel.reboot(Howto.HALT));
            assertSame(report, kernel.awaitShutdown());
            assertTrue(kernel.rebooting());
        }

        @Test
        @DisplayName("From a kernel thread it does not return: the thread counts as parked, and is unwound by the stop")
        void fromAKernelThread() throws Exception {
            Kernel kernel = kernel();
            CountDownLatch go = new CountDownLatch(1);
            Proc caller = kernel.kthreads().kthreadCreate(named("caller").main(() -> {
                go.await();
                try {
                    CurThread.suspendCheck();
                    kernel.reboot(Howto.HALT);
                    history.add("returned");
                } finally {
                    history.add("unwound");
                    history.add("flag " + Thread.currentThread().isInterrupted());
                }
            }));
            kernel.shutdownEvents().preSync().register(KprocShutdown.of(caller), 1);
            go.countDown();

            ShutdownReport report = kernel.awaitShutdown();

            assertTrue(history.contains("Waiting (max 27 seconds) for system process `caller' to stop... done"));
            assertTrue(history.indexOf("unwound") > history.indexOf("Uptime: 0s"), history::toString);
            assertFalse(history.contains("returned"));
            assertTrue(history.contains("flag false"), history::toString);
            assertTrue(report.isClean(), report::toString);
        }

        @Test
        @DisplayName("An interrupt does not make it return to a kernel thread either, and is set when that unwinds")
        void fromAnInterruptedKernelThread() throws Exception {
            Kernel kernel = kernel();
            CountDownLatch go = new CountDownLatch(1);
            AtomicReference<@Nullable Thread> host = new AtomicReference<>();
            kernel.kthreads().kthreadCreate(named("caller").main(() -> {
                go.await();
                host.set(Thread.currentThread());
                try {
                    kernel.reboot(Howto.HALT);
                } catch (InterruptedException e) {
                    history.add("returned");
                } finally {
                    history.add("flag " + Thread.currentThread().isInterrupted());
                }
            }));
            kernel.shutdownEvents()
                    .preSync()
                    .register(
                            howto -> {
                                Thread thread = host.get();
                                thread.interrupt();
                                await().until(() -> !thread.isInterrupted());
                            },
                            1);

            go.countDown();
            kernel.awaitShutdown();

            assertFalse(history.contains("returned"));
            assertTrue(history.contains("flag true"), history::toString);
        }

        @Test
        @DisplayName("An interrupted caller stops waiting; the shutdown goes on")
        void interruptedCaller() throws Exception {
            CountDownLatch inside = new CountDownLatch(1);
            CountDownLatch leave = new CountDownLatch(1);
            Kernel kernel = kernel();
            kernel.shutdownEvents()
                    .preSync()
                    .register(
                            howto -> {
                                inside.countDown();
                                leave.await();
                            },
                            1);
            AtomicReference<@Nullable Thread> host = new AtomicReference<>();
            Worker caller = Worker.start("caller", () -> {
                host.set(Thread.currentThread());
                try {
                    kernel.reboot(Howto.HALT);
                } catch (InterruptedException e) {
                    history.add("interrupted");
                }
            });
            inside.await();
            await().until(() -> kernel.isAwaitingShutdown(host.get()));
            caller.interrupt();
            caller.join();
            assertFalse(kernel.isAwaitingShutdown(host.get()));
            leave.countDown();

            assertTrue(kernel.awaitShutdown().isClean());
            assertTrue(history.contains("interrupted"));
        }

        @ParameterizedTest
        @CsvSource({"5, Uptime: 5s", "60, Uptime: 1m0s", "3600, Uptime: 1h0m0s", "93784, Uptime: 1d2h3m4s"})
        @DisplayName("Uptime: [Nd][Nh][Nm]Ns, from the first unit on that is not zero")
        void uptime(long seconds, String line) throws Exception {
            ManualClock clock = new ManualClock();
            config = config.withClock(clock);
            clock.advance(Duration.ofDays(1)); // of which nothing is the kernel's
            kernel();
            clock.advance(Duration.ofSeconds(seconds));

            kernel().reboot(Howto.HALT);

            assertTrue(history.contains(line), history::toString);
        }
    }

    @Nested
    @DisplayName("kproc_shutdown, kthread_shutdown")
    class KprocShutdownPage {
        @Test
        @DisplayName("D1: the line of a daemon that parks ends with done")
        void parks() throws Exception {
            Proc daemon = daemon("bufdaemon");
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(daemon), ShutdownEvents.SHUTDOWN_PRI_LAST);

            ShutdownReport report = kernel().reboot(Howto.HALT);

            assertEquals("Waiting (max 27 seconds) for system process `bufdaemon' to stop... done", history.get(0));
            ShutdownReport.Daemon asked = report.daemons().get(0);
            assertEquals("suspend", asked.how());
            assertNotNull(asked.answered());
            assertTrue(report.isClean(), report::toString);
        }

        @Test
        @DisplayName("D1: the line of one that does not ends with timed out, and the report tells where it is")
        void timesOut() throws Exception {
            Proc daemon = deaf("deaf");
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(daemon), 1);

            ShutdownReport report = kernel().reboot(Howto.HALT, Duration.ofSeconds(2));

            assertEquals("Waiting (max 1 seconds) for system process `deaf' to stop... timed out", history.get(0));
            ShutdownReport.Daemon asked = report.daemons().get(0);
            assertNull(asked.answered());
            assertEquals("deaf", asked.stuck().get(0).thread());
            assertFalse(asked.stuck().get(0).stack().isEmpty());
            assertFalse(report.isClean());
        }

        @Test
        @DisplayName("D1: the line of what is no kernel process ends with done; the report tells the error")
        void noKernelProcess() throws Exception {
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(kernel().initproc()), 1);

            ShutdownReport report = kernel().reboot(Howto.HALT);

            assertEquals("Waiting (max 27 seconds) for system process `init' to stop... done", history.get(0));
            assertEquals(Result.FAILED, result(report, "pre_sync", 0));
        }

        @Test
        @DisplayName("The line of a daemon that has ended ends with done")
        void hasEnded() throws Exception {
            Proc daemon = kernel().kthreads().kthreadCreate(named("short").main(() -> {
                throw CurThread.exit(0);
            }));
            assertTrue(daemon.join(Duration.ofSeconds(10)));
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(daemon), 1);

            kernel().reboot(Howto.HALT);

            assertEquals("Waiting (max 27 seconds) for system process `short' to stop... done", history.get(0));
        }

        @Test
        @DisplayName("For a thread it says system thread, and its name cut to 19 characters")
        void ofAThread() throws Exception {
            Proc daemon = daemon("a daemon with a name that is long");
            kernel().shutdownEvents()
                    .preSync()
                    .register(KprocShutdown.of(daemon.kthreads().get(0)), 1);

            kernel().reboot(Howto.HALT);

            assertEquals(
                    "Waiting (max 27 seconds) for system thread `a daemon with a nam' to stop... done", history.get(0));
        }

        @Test
        @DisplayName("It never resumes anybody, and nobody else can: the daemon is still when the sync runs")
        void neverResumes() throws Exception {
            Proc daemon = daemon("bufdaemon");
            AtomicReference<@Nullable ResumeOutcome> resumed = new AtomicReference<>();
            AtomicReference<@Nullable Verdict> still = new AtomicReference<>();
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(daemon), 1);
            kernel().syncTargets().register(SyncTarget.of("disk", () -> 0, () -> {
                resumed.set(daemon.resume());
                still.set(daemon.suspend(Duration.ofSeconds(5)).verdict());
            }));

            kernel().reboot(Howto.HALT);

            ResumeOutcome outcome = resumed.get();
            assertNotNull(outcome);
            assertEquals(ResumeOutcome.Kind.STILL_HELD, outcome.kind());
            assertEquals(List.of("shutdown"), outcome.owners());
            assertEquals(Verdict.SUSPENDED, still.get());
        }

        @Test
        @DisplayName("D2: with a panic in progress it returns at once and prints nothing")
        void inAPanic() throws Exception {
            Proc daemon = deaf("deaf");
            kernel().shutdownEvents().preSync().register(KprocShutdown.of(daemon), 1);
            note("a");

            kernel().panic("freeing free block");
            ShutdownReport report = kernel().awaitShutdown();

            assertEquals(
                    "panic: freeing free block",
                    history.stream()
                            .filter(line -> line.startsWith("panic"))
                            .findFirst()
                            .orElseThrow());
            assertTrue(history.stream().noneMatch(line -> line.startsWith("Waiting")), history::toString);
            assertTrue(history.containsAll(List.of("pre_sync a", "post_sync a", "final a")));
            assertEquals("freeing free block", report.panic());
            assertTrue(daemon.join(Duration.ofSeconds(10)));
        }
    }
}
