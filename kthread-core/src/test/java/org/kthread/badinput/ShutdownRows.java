package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.returns;

import org.kthread.Kernel;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.KprocShutdown;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.SyncTarget;
import org.kthread.shutdown.SyncTargets;
import org.kthread.sys.Errno;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

/** The package {@code org.kthread.shutdown}. */
final class ShutdownRows {
    private ShutdownRows() {}

    static void in(Table table) {
        table.of(ShutdownEvents.class).call("new ShutdownEvents()");
        table.of(ShutdownEvents.class, world -> world.kernel().shutdownEvents())
                .demand(Kind.CLOSED)
                .reads("preSync()", "postSync()", "finalEvent()");
        table.of(SyncTarget.class)
                .value()
                .call("of(String name, LongSupplier remaining, Action sync)")
                .with(Kind.ZERO, "name", returns());
        targets(table);
        handler(table);
    }

    private static void targets(Table table) {
        table.of(SyncTargets.class).call("new SyncTargets()");
        Rows targets = table.of(SyncTargets.class, world -> world.kernel().syncTargets())
                .demand(Kind.STATE, Kind.CLOSED, Kind.SHUTDOWN);
        targets.call("register(SyncTarget target)")
                .when(Kind.STATE, gives("sync same"), world -> {
                    SyncTarget same = SyncTarget.of("same", () -> 0, () -> {});
                    world.kernel().syncTargets().register(same);
                    world.kernel().syncTargets().register(same); // twice: it is synced twice
                    return world.kernel().reboot(Howto.HALT);
                })
                .when(Kind.STATE, gives("NOT SYNCED: org.kthread.badinput.ShutdownRows$Bad: 1 remaining"), world -> {
                    world.kernel().syncTargets().register(new Bad());
                    return world.kernel().reboot(Howto.HALT);
                })
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN)
                .when(Kind.REENTRANT, gives("clean"), world -> {
                    Kernel kernel = world.kernel();
                    kernel.syncTargets()
                            .register(SyncTarget.of(
                                    "outer",
                                    () -> 0,
                                    () -> kernel.syncTargets().register(SyncTarget.of("inner", () -> 0, () -> {}))));
                    return kernel.reboot(Howto.HALT); // what comes during the sync is not part of it
                });
        targets.call("deregister(SyncTarget target)")
                .returnsWhen(Kind.STATE, Kind.CLOSED, Kind.SHUTDOWN)
                .when(Kind.REENTRANT, gives("clean"), world -> {
                    Kernel kernel = world.kernel();
                    SyncTarget[] self = new SyncTarget[1];
                    self[0] = SyncTarget.of(
                            "self", () -> 0, () -> kernel.syncTargets().deregister(self[0]));
                    kernel.syncTargets().register(self[0]);
                    return kernel.reboot(Howto.HALT);
                });
    }

    private static void handler(Table table) {
        Rows made = table.of(KprocShutdown.class).value();
        made.call("of(Proc proc)");
        made.call("of(Kthread thread)");
        Rows handler = table.of(KprocShutdown.class, world -> KprocShutdown.of(world.daemon()))
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN);
        handler.reads("toString()");
        handler.call("handle(Howto howto)")
                .when(Kind.STATE, errno(Errno.EINVAL, "init (pid 1), which is no kernel process"), world -> {
                    KprocShutdown.of(world.kernel().initproc()).handle(Howto.HALT);
                    return null;
                })
                .when(Kind.STATE, gives("twice"), world -> {
                    KprocShutdown same = KprocShutdown.of(world.ended());
                    same.handle(Howto.HALT);
                    same.handle(Howto.HALT);
                    return "twice";
                })
                .when(Kind.THREAD, errno(Errno.EDEADLK, "by a thread of its own"))
                .returnsWhen(Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN)
                .when(Kind.INTERRUPTED, interrupted(), world -> {
                    KprocShutdown.of(world.deaf()).handle(Howto.HALT);
                    return Caller.LIMIT;
                });
    }

    /** A target that breaks every promise. */
    private static final class Bad implements SyncTarget {
        @Override
        public String name() {
            return null;
        }

        @Override
        public long remaining() {
            throw new IllegalStateException("planted");
        }

        @Override
        public void sync() {
            throw new IllegalStateException("planted");
        }
    }
}
