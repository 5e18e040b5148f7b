package org.kthread.lwp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Monitors;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/**
 * Host threads and kernel threads hammer switch, newlwp, rfork and release, every invariant checked, and in the end nothing
 * is left. For {@code -Dorg.kthread.lwp.hammer} seconds.
 */
@DisplayName("The invariants of lwps hold under")
class HammerTest extends LwpTest {
    private static final long SECONDS = Long.getLong("org.kthread.lwp.hammer", 5);
    private static final int MOST = 200;

    @TempDir
    private Path dir;

    /** Whoever runs an lwp is noted here: invariant 1. */
    private final Map<Lwp, Thread> running = new ConcurrentHashMap<>();

    /** The process of each lwp, noted at its birth: invariant 2. */
    private final Map<Lwp, Proc> born = new ConcurrentHashMap<>();

    /** Lwps that nobody runs, or so it was a moment ago. */
    private final ConcurrentLinkedQueue<Lwp> idle = new ConcurrentLinkedQueue<>();

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong panics = new AtomicLong();

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    @DisplayName("host threads, with a kernel thread among them")
    @Timeout(600)
    void hammer(int threads) throws Exception {
        int before = kernel.ps().rows().size();
        int inInit = Monitors.nlwps(kernel.initproc());
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        List<HostThread> hosts = new ArrayList<>();
        List<Future<?>> work = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int seed = i;
            HostThread host = new HostThread("hammer-" + i);
            hosts.add(host);
            work.add(host.start(() -> {
                new Hammerer(new Random(seed), null).run(end);
                return null;
            }));
        }
        Proc daemon = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("hammer").main(() -> {
                    new Hammerer(new Random(threads), lwps.curLwp()).run(end);
                }));
        for (Future<?> each : work) {
            each.get();
        }
        hosts.forEach(HostThread::close);
        assertTrue(daemon.join(LIMIT));
        assertTrue(daemon.cause().isEmpty(), () -> daemon.cause().toString());

        for (Lwp lwp = idle.poll(); lwp != null; lwp = idle.poll()) {
            if (!lwp.isReleased()) {
                lwps.switchTo(lwp);
                lwps.releaseLwp();
                assertTrue(lwp.isReleased());
            }
        }
        for (Lwp lwp : born.keySet()) {
            assertTrue(lwp.isReleased(), () -> lwp + " was lost");
            assertTrue(lwp.proc() == kernel.initproc() || lwp.proc().state() == ProcState.REAPED);
        }
        await().until(() -> kernel.ps().rows().size() == before);
        assertEquals(inInit, Monitors.nlwps(kernel.initproc()));
        assertEquals(0, open.get(), "files are left open");
        assertTrue(steps.get() > 0);
        assertTrue(panics.get() > 0, "no lwp was ever found running: this hammer is too soft");
    }

    /** One thread of the hammer. */
    private final class Hammerer {
        private final Random random;
        private final Lwp home;

        Hammerer(Random random, Lwp home) {
            this.random = random;
            this.home = home;
        }

        void run(long end) {
            while (System.nanoTime() < end) {
                for (int i = 0; i < 64; i++) {
                    step();
                    check();
                    steps.incrementAndGet();
                }
            }
            switchAway();
            check();
        }

        private Lwp here() {
            Lwp lwp = lwps.curLwp();
            return lwp == home ? null : lwp;
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 45) {
                switchToSome();
            } else if (dice < 55) {
                switchAway();
            } else if (dice < 65 && idle.size() < MOST) {
                newLwp();
            } else if (dice < 75 && idle.size() < MOST) {
                // what shares the table of init would never be closed
                int flags = here() == null || sys.getpid() == 1 ? 1 + random.nextInt(2) : random.nextInt(3);
                leaving(() -> lwps.rfork(flags));
                note();
            } else if (dice < 80 && here() != null && sys.getpid() != 1) {
                install();
            } else if (dice < 90) {
                sys.getuid();
            } else {
                release();
            }
        }

        /** A call that may take us elsewhere: until it fails, what we run is nobody's in our books. */
        private void leaving(Runnable call) {
            Lwp old = here();
            if (old != null) {
                assertSame(Thread.currentThread(), running.remove(old));
            }
            try {
                call.run();
                if (old != null) {
                    idle.add(old);
                }
            } catch (KernelException | KernelPanic e) {
                assertSame(old, here(), "4: a failing call never changes curlwp");
                if (old != null) {
                    running.put(old, Thread.currentThread());
                }
                throw e;
            }
        }

        /** We run a new one. */
        private void note() {
            Lwp lwp = here();
            assertNull(running.put(lwp, Thread.currentThread()), "1: two run one lwp");
            assertNull(born.put(lwp, lwp.proc()), "5: a success gives a new lwp");
        }

        /** To one that nobody runs, or, one time in four, to one that somebody ran just now: then most times a panic. */
        private void switchToSome() {
            Lwp next = random.nextInt(4) > 0
                    ? idle.poll()
                    : running.keySet().stream()
                            .skip(random.nextInt(3))
                            .findFirst()
                            .orElse(null);
            if (next == null) {
                return;
            }
            try {
                leaving(() -> lwps.switchTo(next));
                assertSame(next, here());
                assertNull(running.put(next, Thread.currentThread()), "1: two run one lwp");
            } catch (KernelPanic e) {
                // who runs it tells of it again when it leaves
                panics.incrementAndGet();
                assertTrue(next.isReleased() || e.getMessage().contains("already running"), e::getMessage);
            }
        }

        private void switchAway() {
            if (here() != null) {
                leaving(() -> lwps.switchTo(null));
            }
            assertNull(here());
        }

        private void newLwp() {
            List<Lwp> some = new ArrayList<>(born.keySet().stream().limit(4).toList());
            int pid = some.isEmpty()
                    ? 1
                    : some.get(random.nextInt(some.size())).proc().pid();
            try {
                leaving(() -> lwps.newLwp(pid));
                note();
                assertEquals(pid, sys.getpid());
            } catch (KernelException e) {
                assertTrue(e.errno() == Errno.ESRCH || e.errno() == Errno.EBUSY, e::toString);
            }
        }

        private void install() {
            open.incrementAndGet();
            int fd = orFull(() -> sys.install(open::decrementAndGet));
            if (fd < 0) {
                open.decrementAndGet();
            } else if (random.nextBoolean()) {
                sys.close(fd);
                int file = orFull(() -> sys.open(dir.resolve("f").toString(), Syscalls.O_RDWR | Syscalls.O_CREAT));
                if (file >= 0) {
                    assertEquals(1, sys.pwrite(file, ByteBuffer.allocate(1), 0));
                    sys.close(file);
                }
            }
        }

        private int orFull(IntSupplier call) {
            try {
                return call.getAsInt();
            } catch (KernelException e) {
                assertEquals(Errno.EMFILE, e.errno(), e::toString);
                return -1;
            }
        }

        private void release() {
            Lwp lwp = here();
            if (lwp == null) {
                try {
                    lwps.releaseLwp();
                    throw new AssertionError("released what is not there");
                } catch (KernelPanic e) {
                    return;
                }
            }
            assertSame(Thread.currentThread(), running.remove(lwp));
            lwps.releaseLwp();
            assertTrue(lwp.isReleased());
            assertNull(here());
        }

        private void check() {
            Lwp lwp = here();
            if (lwp == null) {
                if (home == null) {
                    assertEquals(1, sys.getpid(), "7: implicit is pid 1");
                    assertEquals(0, sys.getuid(), "7: with uid 0");
                }
                return;
            }
            assertSame(Thread.currentThread(), running.get(lwp), "1: two run one lwp");
            assertSame(born.get(lwp), lwp.proc(), "2: it belongs to one process for life");
            assertEquals(lwp.proc().pid(), sys.getpid());
            assertTrue(lwp.isRunning());
            assertFalse(lwp.isReleased());
            assertSame(lwp.proc(), kernel.pfind(lwp.proc().pid()).orElseThrow(), "3: it has an lwp, so it lives");
            assertEquals(ProcState.RUNNING, lwp.proc().state());
        }
    }
}
