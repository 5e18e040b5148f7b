package org.kthread.examples.bufdaemon;

import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_FIRST;
import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_LAST;
import static org.kthread.sysinit.Order.SI_ORDER_ANY;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Order.SI_ORDER_SECOND;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_BUF;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_IDLE;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_UPDATE;
import static org.kthread.sysinit.Subsystem.SI_SUB_VFS;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.event.EventHandler;
import org.kthread.event.EventTag;
import org.kthread.examples.bufdaemon.Iolog.TracedFile;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sys.Action;
import org.kthread.sys.Unwind;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.Sysinit;

/**
 * Puts the parts together: what is booted in which order, and what the shutdown does to each.
 *
 * <p>Shutdown, pre_sync: replayers are parked first, then vnlru; syncer drains itself and parks; bufdaemon, whom syncer gives
 * work, comes last. Then the sync writes what is left, all threads are stopped, and the undos close the files.
 */
final class Machine {
    /** Open files at most. */
    static final int DESIRED_VNODES = 64;

    private static final Duration READY = Duration.ofSeconds(30);

    /** Replayers are what user processes are to the kernel: gone before its own daemons are asked. */
    private static final int BEFORE_THE_KERNEL = SHUTDOWN_PRI_FIRST - 100;

    /** What to run. */
    record Config(
            Iolog iolog,
            Path dir,
            @Nullable Path journal,
            int buffers,
            int blockSize,
            boolean atItsPace,
            long loop,
            boolean virtual) {}

    private final Kernel kernel;
    private final Config config;
    private final Outcome outcome;
    private final Replayer.Progress progress;
    private final AtomicReference<@Nullable Proc> vnlruproc = new AtomicReference<>();
    private final FileTable files;
    private final Journal journal;
    private final BufferCache cache;
    private final Syncer syncer;

    Machine(Kernel kernel, Config config, Outcome outcome) {
        this.kernel = kernel;
        this.config = config;
        this.outcome = outcome;
        progress = new Replayer.Progress(config.iolog().files().size());
        files = new FileTable(DESIRED_VNODES, this::wakeVnlru);
        journal = new Journal();
        syncer = new Syncer(this::syncAndLook, kernel.sleepQueues(), kernel.clock(), kernel::console);
        cache = new BufferCache(kernel.sleepQueues(), config.buffers(), config.blockSize(), syncer::add);
    }

    Replayer.Progress progress() {
        return progress;
    }

    CacheStats stats() {
        return cache.stats();
    }

    int mostOpenFiles() {
        return files.mostOpenFiles();
    }

    /** Files of which not everything that was written is on disk. */
    List<Vnode> unsynced() {
        return files.vnodes().stream().filter(this::needsSync).toList();
    }

    List<Summary.Durable> durable() {
        return cache.durable(files.vnodes());
    }

    /** The boot: files, then those who serve them, then those who use them. The undos run at the end of the shutdown. */
    Boot boot() {
        Boot boot = Boot.of(kernel)
                .add(
                        Sysinit.of("journal", SI_SUB_VFS, SI_ORDER_FIRST, () -> journal.open(config.journal()))
                                .undo(journal::close),
                        Sysinit.of("files", SI_SUB_VFS, SI_ORDER_SECOND, this::createFiles)
                                .undo(files::close),
                        Sysinit.of("sync", SI_SUB_VFS, SI_ORDER_ANY, this::registerSync),
                        daemon("bufdaemon", SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, this::bufdaemon),
                        daemon("vnlru", SI_SUB_KTHREAD_UPDATE, SI_ORDER_FIRST, this::vnlru),
                        daemon("syncer", SI_SUB_KTHREAD_UPDATE, SI_ORDER_FIRST, this::syncer));
        List<Sysinit> replayers = new ArrayList<>();
        for (int i = 0; i < config.iolog().files().size(); i++) {
            int index = i;
            String name = "replay " + config.iolog().files().get(i).name();
            replayers.add(daemon(name, SI_SUB_KTHREAD_IDLE, SI_ORDER_ANY, () -> replay(index)));
        }
        return boot.add(replayers);
    }

    /** A step that starts a kernel process and waits until it is ready. */
    private Sysinit daemon(String name, int subsystem, int order, Action main) {
        KthreadSpec spec = KthreadSpec.named("%s", name).main(tellingDeath(main));
        KthreadSpec hosted = config.virtual() ? spec.virtual() : spec;
        return Sysinit.of(name, subsystem, order, () -> kernel.kthreads().kthreadCreate(hosted))
                .awaitReady(READY);
    }

    /** The library logs who died of what; that nobody waits for the dead for ever is for us to see to. */
    private Action tellingDeath(Action main) {
        return () -> {
            try {
                main.run();
            } catch (Throwable t) {
                if (!(t instanceof Unwind)) {
                    outcome.died(t);
                }
                throw t;
            }
        };
    }

    private void createFiles() throws IOException {
        files.create(
                config.dir(),
                config.iolog().files().stream().map(TracedFile::name).toList());
    }

    // The mains: each registers what the shutdown shall do to it, as the kernel's do, and says that it is ready.

    private void bufdaemon() {
        onShutdown(SHUTDOWN_PRI_LAST + 100);
        new Flusher(cache, outcome).main();
    }

    private void vnlru() {
        vnlruproc.set(CurThread.curproc());
        onShutdown(SHUTDOWN_PRI_FIRST);
        new Vnlru(files, kernel.sleepQueues(), outcome).main();
    }

    private void syncer() {
        // Of equal priority, so in this order: it parks only when drained.
        kernel.shutdownEvents()
                .preSync()
                .register(EventHandler.named("syncer begins to drain", syncer::shutdown), SHUTDOWN_PRI_LAST);
        onShutdown(SHUTDOWN_PRI_LAST);
        syncer.main();
    }

    private void replay(int index) {
        EventTag<Howto> tag = onShutdown(BEFORE_THE_KERNEL);
        try {
            TracedFile file = config.iolog().files().get(index);
            Replayer.Passes passes = new Replayer.Passes(
                    config.loop(), config.iolog().writes(), config.iolog().micros());
            new Replayer(
                            file,
                            files.vnodes().get(index),
                            new Replayer.Context(
                                    cache,
                                    kernel.sleepQueues(),
                                    kernel.clock(),
                                    journal,
                                    outcome,
                                    progress,
                                    config.atItsPace(),
                                    passes))
                    .main();
        } finally {
            tag.deregisterNowait(); // nowait: the handler may be waiting for this very process
        }
    }

    private EventTag<Howto> onShutdown(int priority) {
        return kernel.shutdownEvents().preSync().register(KprocShutdown.of(CurThread.curproc()), priority);
    }

    private void wakeVnlru() {
        Proc vnlru = vnlruproc.get();
        if (vnlru != null) {
            kernel.sleepQueues().wakeup(vnlru);
        }
    }

    // Sync: what syncer does to one file, and what the shutdown does to all.

    private void registerSync() {
        kernel.shutdownEvents()
                .preSync()
                .register(EventHandler.named("main learns of it", howto -> outcome.end()), BEFORE_THE_KERNEL);
        kernel.syncTargets().register(SyncTarget.of("buffers", this::remaining, this::syncAll));
    }

    private boolean needsSync(Vnode vnode) {
        return cache.isDirty(vnode) || vnode.isUnforced();
    }

    /** Syncs a file; whether it got dirty again meanwhile. */
    private boolean syncAndLook(Vnode vnode) throws IOException {
        sync(vnode);
        return needsSync(vnode);
    }

    private void sync(Vnode vnode) throws IOException {
        try {
            journal.durable(vnode.name, cache.fsync(vnode));
        } catch (IOException e) {
            outcome.ioFailed(e);
            throw e;
        }
    }

    private long remaining() {
        return Math.max(cache.stats().dirty(), unsynced().size());
    }

    private void syncAll() throws IOException {
        IOException failure = null;
        for (Vnode vnode : unsynced()) {
            try {
                sync(vnode);
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
