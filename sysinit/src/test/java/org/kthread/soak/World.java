package org.kthread.soak;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.PsRow;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.Caller;

/** One life of a kernel: who lives in it, and what must hold. The first violation is kept, and fails the soak. */
final class World {
    /** How long what must happen may take, on a machine that has much else to do. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    private static final long A_MOMENT = 20_000;
    private static final int LWPS = 200;

    final Kernel kernel;
    final Figures figures;
    final Path directory;
    final int most;

    private final Map<Kthread, Life> lives = new ConcurrentHashMap<>();
    private final Map<Integer, Proc> pids = new ConcurrentHashMap<>();
    private final Set<Lwp> lwps = ConcurrentHashMap.newKeySet();
    private final AtomicInteger procs = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger lines = new AtomicInteger();
    private final AtomicReference<Throwable> violation = new AtomicReference<>();

    World(Figures figures, Path directory, int most, Duration budget) {
        this.figures = figures;
        this.directory = directory;
        this.most = most;
        this.kernel = Kernel.start(KernelConfig.defaults()
                .withConsole(line -> lines.incrementAndGet())
                .withMaxproc(most + most / 4 + 4)
                .withShutdownBudget(budget));
        kernel.events().processCtor().register(this::created, EventList.PRI_FIRST);
        kernel.events().processExit().register(this::ended, EventList.PRI_LAST);
        kernel.events().threadCtor().register(this::born, EventList.PRI_FIRST);
        kernel.events().threadExit().register(this::died, EventList.PRI_LAST);
    }

    /* ---- Who lives. ---- */

    void created(Proc proc) {
        procs.incrementAndGet();
        Proc other = pids.put(proc.pid(), proc);
        if (other != null && other.state() != ProcState.REAPED) {
            violated(new AssertionError("pid " + proc.pid() + " is " + proc + "'s, and still " + other + "'s"));
        }
    }

    private void ended(Proc proc) {
        procs.decrementAndGet();
    }

    private void born(Kthread thread) {
        figures.threads.increment();
        lives.put(thread, new Life(thread, Thread.currentThread()));
        figures.live(lives.size());
    }

    private void died(Kthread thread) {
        lives.remove(thread);
    }

    /** The calling kernel thread's. */
    Life life() {
        return lives.get(CurThread.curthread());
    }

    /** Somebody; null if nobody is there. */
    Life some(Random random) {
        int i = 0;
        int number = random.nextInt(Math.max(1, Math.min(most, lives.size())));
        for (Life life : lives.values()) {
            if (i++ >= number) {
                return life;
            }
        }
        return null;
    }

    int procs() {
        return procs.get();
    }

    /* ---- What is open. ---- */

    /** Something to install: closed once. */
    AutoCloseable descriptor() {
        open.incrementAndGet();
        AtomicInteger closes = new AtomicInteger();
        return () -> {
            open.decrementAndGet();
            if (closes.incrementAndGet() != 1) {
                violated(new AssertionError("a descriptor is closed twice"));
            }
        };
    }

    /** It could not be installed. */
    void notInstalled() {
        open.decrementAndGet();
    }

    /** How many files this JVM has open; 0 where the system does not tell. */
    static long files() throws IOException {
        Path all = Path.of("/proc/self/fd");
        if (!Files.isDirectory(all)) {
            return 0;
        }
        try (Stream<Path> files = Files.list(all)) {
            return files.count();
        }
    }

    /* ---- Lwps. ---- */

    boolean hasRoomForLwps() {
        if (lwps.size() >= LWPS) {
            lwps.removeIf(Lwp::isReleased);
        }
        return lwps.size() < LWPS;
    }

    void track(Lwp lwp) {
        lwps.add(lwp);
    }

    /** One that somebody may run; null if there is none. */
    Lwp someLwp(Random random) {
        return lwps.stream()
                .skip(random.nextInt(Math.max(1, lwps.size())))
                .findFirst()
                .orElse(null);
    }

    /** Releases what is left. Nobody runs any. */
    private void drainLwps() {
        for (Lwp lwp : lwps) {
            if (!lwp.isReleased()) {
                try {
                    kernel.lwps().switchTo(lwp);
                    kernel.lwps().releaseLwp();
                } catch (KernelPanic e) {
                    violated(e);
                }
            }
        }
    }

    /* ---- What must hold. ---- */

    void violated(Throwable what) {
        if (violation.compareAndSet(null, what)) {
            figures.note("VIOLATION " + what);
        }
    }

    boolean isViolated() {
        return violation.get() != null;
    }

    void check() {
        Throwable what = violation.get();
        if (what != null) {
            throw new AssertionError("an invariant is broken: " + what, what);
        }
    }

    /** These are held: none of them works. */
    void requireStill(List<Kthread> held, String owner) {
        Map<Life, Long> before = new HashMap<>();
        for (Kthread thread : held) {
            Life life = lives.get(thread);
            if (life != null) {
                before.put(life, life.worked());
            }
        }
        LockSupport.parkNanos(A_MOMENT);
        before.forEach((life, worked) -> {
            long now = life.worked();
            if (worked < 0 || now != worked) {
                violated(new AssertionError(
                        life.thread + " works while " + owner + " holds it: " + worked + ", " + now));
            }
        });
    }

    /** Everybody but one process. */
    List<Kthread> everybodyBut(Proc own) {
        List<Kthread> all = new ArrayList<>();
        for (Life life : lives.values()) {
            if (life.thread.proc() != own) {
                all.add(life.thread);
            }
        }
        return all;
    }

    /* ---- The end. ---- */

    /** Shuts down, whoever began it, and requires that nothing is left. */
    ShutdownReport end(Howto howto) throws Exception {
        ShutdownReport report = within("soak-closer", LIMIT, () -> kernel.reboot(howto));
        require(report.complete(), "the report is not complete:\n" + report);
        if (report.panic() == null) {
            require(report.leftThreads().isEmpty(), "threads are left:\n" + report);
        } else {
            awaitTheRest(); // nobody waits for daemons after a panic; they were told to stop all the same
        }
        drainLwps();
        awaitReaped();
        require(procs.get() == 0, procs + " processes are left by the count");
        require(lives.isEmpty(), () -> "kernel threads are left by the count: " + lives.keySet());
        List<PsRow> rows = kernel.ps().rows();
        require(rows.size() == 2, "processes are left:\n" + kernel.ps());
        require(open.get() == 0, open + " descriptors are left open");
        check();
        return report;
    }

    private void awaitTheRest() {
        await().atMost(LIMIT).until(() -> lives.isEmpty() && procs.get() == 0);
    }

    /** Who is not waited for is reaped by its own thread, in its last steps. */
    private void awaitReaped() {
        if (violation.get() == null) {
            await().atMost(LIMIT)
                    .until(() -> pids.values().stream().allMatch(proc -> proc.state() == ProcState.REAPED));
        }
    }

    /** Does something that has to end. */
    static <T> T within(String name, Duration limit, Callable<T> call) throws Exception {
        Caller<T> caller = Caller.start(name, call);
        long deadline = System.nanoTime() + limit.toNanos();
        while (caller.isAlive() && System.nanoTime() < deadline) {
            caller.awaitEnd(1000);
        }
        if (caller.isAlive()) {
            throw new AssertionError(name + " does not end:\n" + stacks());
        }
        return caller.result();
    }

    private void require(boolean holds, String what) {
        require(holds, () -> what);
    }

    private void require(boolean holds, java.util.function.Supplier<String> what) {
        if (!holds) {
            violated(new AssertionError(what.get()));
        }
    }

    private static String stacks() {
        StringBuilder text = new StringBuilder();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            text.append(thread).append(' ').append(thread.getState()).append('\n');
            for (StackTraceElement frame : stack) {
                text.append("    at ").append(frame).append('\n');
            }
        });
        return text.toString();
    }
}
