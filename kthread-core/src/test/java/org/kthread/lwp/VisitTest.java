package org.kthread.lwp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.Kernel;
import org.kthread.proc.CurThread;
import org.kthread.proc.Diagnosis;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.StopOutcome;
import org.kthread.proc.SuspendOutcome;
import org.kthread.proc.Verdict;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelPanic;

@DisplayName("A kernel thread")
class VisitTest extends LwpTest {
    private final AtomicReference<Lwp> cell = new AtomicReference<>();
    private final List<String> history = Collections.synchronizedList(new ArrayList<>());

    @Test
    @DisplayName("is bound to an lwp of its process from its birth on: its home")
    void home() {
        onKernelThread("daemon", () -> {
            Lwp home = curLwp();
            assertSame(home, curLwp());
            assertSame(CurThread.curproc(), home.proc());
            assertEquals(CurThread.curthread().tid(), home.lid());
            assertEquals(home.proc().pid(), sys.getpid());
            assertEquals(0, sys.getppid());
            assertTrue(home.isRunning());
            cell.set(home);
        });
        assertTrue(cell.get().isReleased());
        assertPanic("is released", () -> lwps.switchTo(cell.get()));
    }

    @Test
    @DisplayName("cannot release its home, nor switch to it when it is there")
    void homeStays() {
        onKernelThread("daemon", () -> {
            Lwp home = curLwp();
            assertPanic("releasing non-pertinent lwp", lwps::releaseLwp);
            assertPanic("already running", () -> lwps.switchTo(home));
            lwps.switchTo(null);
            assertSame(home, curLwp());
        });
    }

    @Test
    @DisplayName("visits, and comes home by null, by release, or by name; its home runs meanwhile")
    void visits() {
        onKernelThread("daemon", () -> {
            Lwp home = curLwp();
            int pid = sys.getpid();
            Lwp visited = fork(Lwps.RUMP_RFCFDG);
            sys.setuid(5);
            assertEquals(pid, sys.getppid());
            assertTrue(home.isRunning());
            HostThread.runAndEnd("other", () -> assertPanic("already running", () -> lwps.switchTo(home)));

            lwps.switchTo(null);
            assertSame(home, curLwp());
            assertEquals(pid, sys.getpid());
            assertEquals(0, sys.getuid());
            assertFalse(visited.isRunning());

            lwps.switchTo(visited);
            assertEquals(5, sys.getuid());
            lwps.switchTo(home);
            assertSame(home, curLwp());

            lwps.switchTo(visited);
            lwps.releaseLwp();
            assertSame(home, curLwp());
            assertPanic("releasing non-pertinent lwp", lwps::releaseLwp);
        });
    }

    @Test
    @DisplayName("is suspended, resumed, named and stopped wherever it is; what it visited can be run again")
    void suspendFollowsTheThread() throws InterruptedException {
        AtomicInteger rounds = new AtomicInteger();
        AtomicReference<Kthread> self = new AtomicReference<>();
        Proc daemon = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("visitor").main(() -> {
                    cell.set(fork(Lwps.RUMP_RFCFDG));
                    self.set(CurThread.curthread());
                    for (; ; ) {
                        CurThread.suspendCheck();
                        assertSame(cell.get(), lwps.curLwp());
                        rounds.incrementAndGet();
                        kernel.sleepQueues().pause("visiting", Duration.ofMillis(1));
                    }
                }));
        await().until(() -> rounds.get() > 1);
        assertEquals("visitor", self.get().name());
        assertSame(daemon, self.get().proc());

        SuspendOutcome outcome = daemon.suspend(LIMIT);
        assertEquals(Verdict.SUSPENDED, outcome.verdict());
        assertEquals(
                List.of(daemon.pid()),
                kernel.ps().rows().stream()
                        .filter(row -> row.state() == 'T')
                        .map(row -> row.pid())
                        .toList());
        int now = rounds.get();
        daemon.resume();
        await().until(() -> rounds.get() > now);

        try (LogLines log = new LogLines()) {
            assertEquals(Verdict.EXITED, daemon.stop(LIMIT).verdict());
            assertEquals(1, log.with("has ended while it visited").size());
        }
        assertFalse(cell.get().isRunning());
        release(cell.get());
    }

    @Test
    @DisplayName("exits wherever it is; its handlers run at home")
    void exitsWhileVisiting() throws InterruptedException {
        kernel.events().threadExit().register(thread -> history.add(sys.getpid() + " " + (lwps.curLwp() != null)), 0);
        Proc daemon;
        try (LogLines log = new LogLines()) {
            daemon = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("visitor").main(() -> {
                        cell.set(fork(0));
                        throw CurThread.exit(3);
                    }));
            assertTrue(daemon.join(LIMIT));
            assertEquals(1, log.with("has ended while it visited").size());
        }
        assertEquals(3, daemon.exitStatus().orElseThrow());
        assertEquals(List.of(daemon.pid() + " true"), history);
        release(cell.get());
    }

    @Test
    @DisplayName("that ends where it visits has left that lwp: who runs it next takes nothing over")
    void leavesWhatItVisits() {
        try (LogLines log = new LogLines()) {
            onKernelThread("visitor", () -> cell.set(fork(0)));
            release(cell.get());
            assertEquals(1, log.with("has ended while it visited").size());
            assertEquals(List.of(), log.with("takes it over"));
        }
    }

    @Test
    @DisplayName("that ends leaves nothing open: it is closed last first, after the handlers, and named in the log")
    void leftovers() throws InterruptedException {
        kernel.events().threadExit().register(thread -> history.add("thread_exit"), 0);
        kernel.events().processExit().register(proc -> history.add("process_exit"), 0);
        try (LogLines log = new LogLines()) {
            Proc daemon = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("sloppy").main(() -> {
                        sys.install(closer("first"));
                        sys.install(closer("second"));
                        throw CurThread.exit(0);
                    }));
            assertTrue(daemon.join(LIMIT));
            assertEquals(List.of("thread_exit", "process_exit", "second", "first"), history);
            assertEquals(
                    List.of("WARNING sloppy (pid 2) has ended and left open: 0 first, 1 second; it is closed"),
                    log.with("left open"));
        }
    }

    private AutoCloseable closer(String name) {
        return new AutoCloseable() {
            @Override
            public void close() {
                history.add(name);
            }

            @Override
            public String toString() {
                return name;
            }
        };
    }

    @Test
    @DisplayName("whose closer fails: the rest is closed, the failure logged, the status kept")
    void failingCloser() throws InterruptedException {
        try (LogLines log = new LogLines()) {
            Proc daemon = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("sloppy").main(() -> {
                        sys.install(closer("first"));
                        sys.install(() -> {
                            throw new IllegalStateException("cannot");
                        });
                        sys.install(() -> {
                            throw CurThread.exit(9);
                        });
                        throw CurThread.exit(4);
                    }));
            assertTrue(daemon.join(LIMIT));
            assertEquals(List.of("first"), history);
            assertEquals(4, daemon.exitStatus().orElseThrow());
            assertEquals(1, log.with("closing what it had open failed").size());
            await().until(() -> daemon.state() == ProcState.REAPED);
        }
    }

    @Test
    @DisplayName("that exits in a closer, as it releases what it visits: all is closed, then it exits")
    void exitInACloser() throws InterruptedException {
        Proc daemon = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("closer").main(() -> {
                    lwps.rfork(Lwps.RUMP_RFCFDG);
                    sys.install(closer("first"));
                    sys.install(() -> {
                        throw CurThread.exit(9);
                    });
                    lwps.releaseLwp();
                    history.add("came back");
                }));
        assertTrue(daemon.join(LIMIT));
        assertEquals(List.of("first"), history);
        assertEquals(9, daemon.exitStatus().orElseThrow());
    }

    @Test
    @DisplayName("opens nothing more from its closers on: what they open nobody would close")
    void closersOpenNothing() throws InterruptedException {
        Proc daemon = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("closer").main(() -> {
                    sys.install(() -> {
                        assertErrno(Errno.ESRCH, () -> sys.install(closer("late")));
                        assertErrno(Errno.ESRCH, () -> lwps.rfork(0));
                        assertErrno(Errno.ESRCH, () -> lwps.rfork(Lwps.RUMP_RFFDG));
                        assertErrno(Errno.EBUSY, () -> lwps.newLwp(sys.getpid()));
                        assertErrno(Errno.EBADF, () -> sys.close(0));
                        lwps.rfork(Lwps.RUMP_RFCFDG); // elsewhere it may
                        sys.install(closer("elsewhere"));
                        lwps.releaseLwp();
                        history.add("done");
                    });
                    throw CurThread.exit(0);
                }));
        assertTrue(daemon.join(LIMIT));
        assertEquals(List.of("elsewhere", "done"), history);
    }

    @Test
    @DisplayName("of several: the descriptors go with the last of its process, also when that is a guest")
    void lastOfAnyKind() throws InterruptedException {
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Proc daemon = kernel.kthreads().kthreadCreate(KthreadSpec.named("host").main(() -> {
            sys.install(closer("file"));
            opened.countDown();
            end.await();
            throw CurThread.exit(0);
        }));
        opened.await();
        Kthread second = kernel.kthreads()
                .kthreadAdd(daemon, KthreadSpec.named("second").main(() -> {
                    throw CurThread.exit(0);
                }));
        await().until(second::isExited);
        assertEquals(List.of(), history);

        Lwp guest = newLwp(daemon.pid());
        end.countDown();
        assertTrue(daemon.join(LIMIT));
        assertEquals(0, daemon.exitStatus().orElseThrow(), "status concerns kernel threads only");
        assertEquals(List.of(), history);
        assertEquals(List.of("0 file"), daemon.descriptors());
        lwps.releaseLwp();
        assertEquals(List.of("file"), history);
        assertTrue(guest.isReleased());
        await().until(() -> daemon.state() == ProcState.REAPED);
    }

    @Test
    @DisplayName("inherits a copy of what process 0 has open")
    void copyOfProcessZero() {
        Lwp zero = newLwp(0);
        int fd = sys.install(closer("shared"));
        onKernelThread("daemon", () -> {
            assertNotNull(sys.fget(fd, AutoCloseable.class));
            sys.close(fd);
        });
        sys.close(fd);
        assertEquals(List.of("shared"), history);
        assertSame(zero, lwps.curLwp());
        lwps.releaseLwp();
    }

    @Test
    @DisplayName("that is stuck: the diagnosis and the shutdown report name what its process has open")
    void stuckNamesWhatIsOpen() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Proc daemon = kernel.kthreads().kthreadCreate(KthreadSpec.named("stuck").main(() -> {
            sys.install(closer("journal"));
            opened.countDown();
            boolean ended = false;
            while (!ended) {
                try {
                    end.await();
                    ended = true;
                } catch (InterruptedException e) {
                    // deaf
                }
            }
        }));
        opened.await();
        StopOutcome outcome = daemon.stop(Duration.ofMillis(1));
        assertEquals(Verdict.TIMED_OUT, outcome.verdict());
        Diagnosis diagnosis = outcome.stuck().get(0);
        assertEquals(List.of("0 journal"), diagnosis.open());
        assertTrue(diagnosis.toString().contains("0 journal"), diagnosis::toString);

        ShutdownReport report = kernel.reboot(Howto.HALT, Duration.ofMillis(500));
        assertTrue(report.toString().contains("0 journal"), report::toString);
        end.countDown();
        join(daemon);
    }

    @Test
    @DisplayName("sleeps and is woken as itself while it visits")
    void sleepsWhileVisiting() {
        onKernelThread("sleeper", () -> {
            lwps.rfork(0);
            assertEquals(
                    "TIMED_OUT",
                    kernel.sleepQueues()
                            .pause(SleepPriority.SUSPENDABLE, "nap", Duration.ofMillis(1))
                            .toString());
            lwps.releaseLwp();
        });
    }

    @Test
    @DisplayName("cannot visit in another kernel")
    void anotherKernel() {
        try (Kernel second = Kernel.start(config())) {
            onKernelThread("daemon", () -> {
                assertPanic(second.toString(), () -> second.lwps().rfork(0));
                assertPanic(kernel.toString(), () -> second.lwps().switchTo(null));
                assertNull(second.lwps().curLwp());
                assertEquals(1, second.syscalls().getpid());
            });
        }
    }

    @Test
    @DisplayName("a panic is for the caller alone: the daemon dies, the kernel goes on")
    void panicIsTheCallers() throws InterruptedException {
        try (LogLines log = new LogLines()) {
            Proc daemon =
                    kernel.kthreads().kthreadCreate(KthreadSpec.named("fool").main(() -> lwps.releaseLwp()));
            assertTrue(daemon.join(LIMIT));
            assertTrue(daemon.cause().orElseThrow() instanceof KernelPanic);
            assertEquals(1, log.with("died").size());
        }
        lwps.rfork(0);
        lwps.releaseLwp();
    }
}
