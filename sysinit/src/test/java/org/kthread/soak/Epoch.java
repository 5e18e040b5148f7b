package org.kthread.soak;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.kthread.Kernel;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Suspension;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;
import org.kthread.testing.Caller;

/** One life of a kernel, from its boot, which may fail or be stopped, through a crowded time, to a shutdown of any kind. */
final class Epoch {
    private static final int STEPS = 4;
    private static final int FIRST = 20; // the rest comes later: a roll-back stops one after another
    private static final Duration BUDGET = Duration.ofSeconds(60);

    private final World world;
    private final Kernel kernel;
    private final Random random;
    private final Actor.Stage stage;
    private final Figures figures;
    private int standing; // steps that are not undone; the booting thread's, then the shutdown's

    Epoch(Figures figures, Path directory, long seed, int most, boolean virtual) {
        this.figures = figures;
        this.random = new Random(seed);
        this.world = new World(figures, directory, most, BUDGET);
        this.kernel = world.kernel;
        this.stage = new Actor.Stage(world, seed, virtual);
    }

    /** Lives for so long, or until something is wrong; then ends. */
    void run(long nanos) throws Exception {
        long end = System.nanoTime() + nanos;
        figures.boots.incrementAndGet();
        boolean booted = boot();
        figures.note(booted ? "booted" : "the boot failed, or was stopped");
        if (booted) {
            live(end);
        } else {
            figures.failedBoots.incrementAndGet();
        }
        end();
        synchronized (this) {
            if (standing != 0) {
                throw new AssertionError(standing + " boot steps were not undone");
            }
        }
    }

    private boolean boot() throws Exception {
        int bad = random.nextInt(6) == 0 ? random.nextInt(STEPS) : -1;
        Caller<?> stopper = null;
        if (random.nextInt(6) == 0) {
            long late = random.nextInt(30);
            stopper = Caller.run("soak-stopper", () -> {
                LockSupport.parkNanos(late * 1_000_000L);
                kernel.reboot(Howto.HALT);
            });
        }
        Boot boot = Boot.of(kernel);
        for (int i = 0; i < STEPS; i++) {
            int step = i;
            boot.add(Sysinit.of("step" + i, Subsystem.SI_SUB_KTHREAD_IDLE, i, () -> step(step == bad))
                    .undo(this::undo));
        }
        try {
            boot.run();
            return true;
        } catch (BootException e) {
            if (bad < 0 && stopper == null) {
                throw e;
            }
            return false;
        } finally {
            if (stopper != null) {
                stopper.result();
            }
        }
    }

    private void step(boolean bad) {
        synchronized (this) {
            standing++;
        }
        for (int i = 0; i < FIRST; i++) {
            createOne();
        }
        if (bad) {
            synchronized (this) {
                standing--; // its own undo does not run
            }
            throw new Actor.Planned();
        }
    }

    private synchronized void undo() {
        standing--;
    }

    private void createOne() {
        try {
            kernel.kthreads().kthreadCreate(stage.next());
        } catch (KernelException e) {
            if (e.errno() != Errno.ESHUTDOWN && e.errno() != Errno.EAGAIN) {
                throw e;
            }
        }
    }

    /** Keeps the world full. */
    private void live(long end) throws Exception {
        kernel.syncTargets().register(SyncTarget.of("soak", () -> 0L, () -> {}));
        Object lock = new Object();
        while (System.nanoTime() < end && !world.isViolated() && !kernel.rebooting()) {
            while (world.procs() < world.most / 2 && !kernel.rebooting()) {
                createOne();
            }
            synchronized (lock) {
                lock.wait(20);
            }
        }
        if (random.nextBoolean()) {
            quiesceAll();
        }
    }

    /** All are still, for a while: this must succeed, however long it takes. */
    private void quiesceAll() throws InterruptedException {
        try (Suspension quiet = kernel.quiesce("soak", Kernel.ALL, World.LIMIT)) {
            figures.quiesces.increment();
            figures.note("all quiet");
            for (int i = 0; i < 10; i++) {
                world.requireStill(world.everybodyBut(null), quiet.owner());
            }
        }
    }

    private void end() throws Exception {
        int how = random.nextInt(4);
        figures.note("the end begins, kind " + how);
        switch (how) {
            case 0 -> kernel.panic("soak");
            case 1 -> rebootFromInside();
            case 2 ->
                kernel.shutdownEvents()
                        .preSync()
                        .register(KprocShutdown.of(kernel.proc0()), ShutdownEvents.SHUTDOWN_PRI_FIRST);
            default -> {}
        }
        world.end(Howto.HALT);
        figures.note("ended");
    }

    private void rebootFromInside() {
        try {
            kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("rebooter").main(() -> kernel.reboot(Howto.HALT.nosync())));
        } catch (KernelException e) {
            figures.note("the rebooter was refused: " + e.errno());
        }
    }
}
