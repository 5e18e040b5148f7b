package org.kthread.sysinit;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.RefusedHost;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;

@ExtendWith(NoThreadLeft.class)
@DisplayName("a step that waits for its daemon")
class ReadinessTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    private static Sysinit daemon(Action main) {
        return KprocStart.sysinit(2, 0, new KprocDesc("daemon", main));
    }

    @Test
    @DisplayName("is complete when the daemon says that it is ready")
    void ready() throws Exception {
        boot.add(
                        daemon(() -> {
                                    history.add("opening");
                                    CurThread.ready();
                                    CurThread.quiescent("idle", () -> new CountDownLatch(1).await());
                                })
                                .awaitReady(KernelClock.FOREVER),
                        machine.noted("next", 3, 0))
                .run();
        assertEquals(List.of("opening", "next"), history);
    }

    @Test
    @DisplayName("is complete also if the daemon is ready and ends at once")
    void readyAndGone() throws Exception {
        boot.add(daemon(CurThread::ready).awaitReady(KernelClock.FOREVER)).run();
    }

    @Test
    @DisplayName("fails at once when the daemon dies first, with what it died of")
    void dies() {
        IOException disk = new IOException("no disk");
        boot.add(
                machine.noted("before", 1, 0),
                daemon(() -> {
                            throw disk;
                        })
                        .awaitReady(KernelClock.FOREVER));
        BootException e = assertThrows(BootException.class, boot::run);
        assertTrue(
                e.getCause().getMessage().matches("process daemon\\[\\d+] ended with status 70 before it was ready"));
        assertSame(disk, e.getCause().getCause());
        assertEquals(List.of("before", "exit daemon", "undo before"), history);
    }

    @Test
    @DisplayName("fails when the daemon exits quietly first")
    void exits() {
        boot.add(daemon(() -> {
                    throw CurThread.exit(0);
                })
                .awaitReady(KernelClock.FOREVER));
        BootException e = assertThrows(BootException.class, boot::run);
        assertTrue(e.getCause().getMessage().endsWith("ended with status 0 before it was ready"));
    }

    @Test
    @DisplayName(
            "does not wait for a process whose host thread the JVM has refused, and stands with the one created instead")
    void refused() throws Exception {
        boot.add(
                Sysinit.of("either", 2, 0, () -> {
                            RefusedHost.next(machine.kernel.kthreads());
                            KernelException e = assertThrows(KernelException.class, () -> machine.daemon("large"));
                            assertEquals(Errno.EAGAIN, e.errno());
                            machine.daemon("small");
                        })
                        .awaitReady(KernelClock.FOREVER),
                machine.noted("next", 3, 0));
        List<String> processes = boot.run().steps().get(0).processes();
        assertTrue(processes.size() == 1 && processes.get(0).startsWith("small["), processes::toString);
        assertEquals(List.of("exit large", "next"), history);
    }

    @Test
    @DisplayName("has for all its daemons one deadline, and for each what is left to it: nothing when it has passed")
    void left() {
        ManualClock clock = new ManualClock();
        clock.advance(Duration.ofMinutes(2));
        long deadline = Duration.ofMinutes(5).toNanos();
        assertEquals(Duration.ofMinutes(3), StepRun.left(clock, deadline));
        clock.advance(Duration.ofMinutes(4));
        assertEquals(Duration.ZERO, StepRun.left(clock, deadline));
        assertEquals(KernelClock.FOREVER, StepRun.left(clock, KernelClock.NEVER));
    }

    @Test
    @DisplayName("fails when the time is over, and says where the daemon is")
    void timesOut() throws Exception {
        ManualClock clock = new ManualClock();
        try (Machine manual = new Machine(KernelConfig.defaults().withClock(clock))) {
            CountDownLatch asleep = new CountDownLatch(1);
            Boot slow = Boot.of(manual.kernel)
                    .add(KprocStart.sysinit(1, 0, new KprocDesc("slow", () -> {
                                asleep.countDown();
                                CurThread.quiescent("replaying", () -> new CountDownLatch(1).await());
                            }))
                            .awaitReady(Duration.ofMinutes(5)));
            Thread hand = new Thread(() -> {
                await().until(() -> asleep.getCount() == 0
                        && clock.nextDeadline() == Duration.ofMinutes(5).toNanos());
                clock.advance(Duration.ofMinutes(5));
            });
            hand.start();
            BootException e = assertThrows(BootException.class, slow::run);
            hand.join();
            String text = e.getCause().getMessage();
            assertTrue(
                    text.matches("(?s)process slow\\[\\d+] was not ready after PT5M\nslow \\(pid \\d+, tid \\d+\\)"
                            + " sleeping on \"replaying\"\n    at .*"),
                    text);
            assertEquals(List.of(), manual.processes());
        }
    }

    @Test
    @DisplayName("fails when any of its daemons dies, also while it waits for one that waits for that one")
    void anotherDies() throws Exception {
        ManualClock clock = new ManualClock();
        try (Machine manual = new Machine(KernelConfig.defaults().withClock(clock))) {
            Boot both = Boot.of(manual.kernel)
                    .add(Sysinit.of("both", 1, 0, () -> {
                                manual.kernel
                                        .kthreads()
                                        .kthreadCreate(
                                                KthreadSpec.named("first").main(ReadinessTest::silent));
                                manual.kernel
                                        .kthreads()
                                        .kthreadCreate(
                                                KthreadSpec.named("second").main(() -> {
                                                    throw new IOException("no disk");
                                                }));
                            })
                            .awaitReady(KernelClock.FOREVER));
            Caller<BootReport> run = Caller.start("booter", both::run);
            eventually(() -> {
                clock.advance(Duration.ofMillis(100));
                return !run.isAlive();
            });
            String text = run.failure().getCause().getMessage();
            assertTrue(text.matches("process second\\[\\d+] ended with status 70 before it was ready"), text);
            assertEquals(List.of(), manual.processes());
        }
    }

    @Test
    @DisplayName("has one deadline, to the moment, for several daemons that are silent, and names the first")
    void severalTimeOut() throws Exception {
        ManualClock clock = new ManualClock();
        try (Machine manual = new Machine(KernelConfig.defaults().withClock(clock))) {
            Boot both = Boot.of(manual.kernel)
                    .add(Sysinit.of("both", 1, 0, () -> {
                                for (String name : List.of("first", "second")) {
                                    manual.kernel
                                            .kthreads()
                                            .kthreadCreate(KthreadSpec.named("%s", name)
                                                    .main(ReadinessTest::silent));
                                }
                            })
                            .awaitReady(Duration.ofMillis(150)));
            Caller<BootReport> run = Caller.start("booter", both::run);
            eventually(() -> clock.nextDeadline() == Duration.ofMillis(100).toNanos());
            clock.advance(Duration.ofMillis(100));
            eventually(() -> clock.nextDeadline() == Duration.ofMillis(150).toNanos());
            clock.advance(Duration.ofMillis(50));
            String text = run.failure().getCause().getMessage();
            assertTrue(text.startsWith("process first["), text);
            assertTrue(text.contains("was not ready after PT0.15S"), text);
        }
    }

    private static void silent() throws Exception {
        CurThread.quiescent("silent", () -> new CountDownLatch(1).await());
    }
}
