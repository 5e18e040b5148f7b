package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.panics;
import static org.kthread.testing.badinput.Expected.returns;

import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.kthread.lwp.Lwps;
import org.kthread.proc.Lwp;
import org.kthread.sys.Errno;
import org.kthread.testing.badinput.Expected;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread.lwp}: the calls that change the context. */
final class LwpRows {
    private static final String BOUND = "it has to leave the first before";

    private LwpRows() {}

    static void in(Table table) {
        table.of(Lwps.class).call("new Lwps(ProcTable table)");
        Rows lwps = table.of(Lwps.class, world -> world.kernel().lwps())
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
        lwps.reads("curLwp()");
        rfork(lwps);
        newLwp(lwps);
        switchTo(lwps);
        Row release = lwps.call("releaseLwp()")
                .when(Kind.STATE, panics("the caller is in the implicit context"))
                .when(Kind.THREAD, panics("is at home, and its own lwp goes when it ends"))
                .when(
                        Kind.CLOSED,
                        gives("released"),
                        world -> forked(world, () -> {
                            world.shutDownWholly();
                            world.kernel().lwps().releaseLwp();
                            return "released";
                        }))
                .when(Kind.SHUTDOWN, panics("the caller is in the implicit context"))
                .when(
                        Kind.INTERRUPTED,
                        gives("released"),
                        world -> forked(world, () -> {
                            world.kernel().lwps().releaseLwp();
                            return "released";
                        }));
        foreign(release, panics("releasing non-pertinent lwp"), lwpsOf -> lwpsOf.releaseLwp());
    }

    private static void rfork(Rows lwps) {
        Row row = lwps.call("rfork(int flags)")
                .sample("flags", world -> Lwps.RUMP_RFCFDG)
                .with(Kind.ZERO, "flags", returns(), world -> forked(world, () -> "forked"))
                .with(Kind.NEGATIVE, "flags", errno(Errno.EINVAL, "the flags are 0, RUMP_RFFDG or RUMP_RFCFDG"))
                .with(Kind.OVERFLOW, "flags", errno(Errno.EINVAL, "rfork(0x7fffffff)"))
                .when(Kind.STATE, errno(Errno.EINVAL, "rfork(0x3)"), world -> {
                    world.kernel().lwps().rfork(Lwps.RUMP_RFFDG | Lwps.RUMP_RFCFDG);
                    return null;
                })
                .when(Kind.THREAD, returns(), world -> forked(world, () -> "visits"))
                .when(Kind.CLOSED, errno(Errno.ESHUTDOWN, "the kernel is shutting down"))
                .when(Kind.SHUTDOWN, returns(), world -> {
                    world.shutDown();
                    return forked(world, () -> "forked");
                })
                .when(Kind.INTERRUPTED, returns(), world -> forked(world, () -> "forked"));
        foreign(row, panics(BOUND), lwpsOf -> lwpsOf.rfork(0));
    }

    private static void newLwp(Rows lwps) {
        Row row = lwps.call("newLwp(int pid)")
                .with(Kind.ZERO, "pid", returns(), world -> entered(world, 0))
                .with(Kind.NEGATIVE, "pid", errno(Errno.ESRCH, "there is no such process"))
                .with(Kind.OVERFLOW, "pid", errno(Errno.ESRCH, "newlwp(2147483647): there is no such process"))
                .when(Kind.STATE, errno(Errno.EBUSY, "its files are closing"), LwpRows::enterClosing)
                .when(Kind.STATE, errno(Errno.ESRCH, "there is no such process"), world -> {
                    int pid = forked(world, () -> world.kernel().syscalls().getpid());
                    return entered(world, pid);
                })
                .when(Kind.THREAD, returns(), world -> entered(world, 1))
                .when(Kind.CLOSED, returns(), world -> {
                    world.shutDownWholly();
                    return entered(world, 1); // init never ends
                })
                .when(Kind.SHUTDOWN, returns(), world -> {
                    world.shutDown();
                    return entered(world, 1);
                })
                .when(Kind.INTERRUPTED, returns(), world -> entered(world, 1));
        foreign(row, panics(BOUND), lwpsOf -> lwpsOf.newLwp(1));
    }

    private static Object enterClosing(World world) throws Exception {
        Throwable[] thrown = new Throwable[1];
        forked(world, () -> {
            int pid = world.kernel().syscalls().getpid();
            return world.kernel().syscalls().install(() -> {
                try {
                    world.kernel().lwps().newLwp(pid);
                } catch (RuntimeException e) {
                    thrown[0] = e;
                }
            });
        });
        throw (Exception) thrown[0];
    }

    private static void switchTo(Rows lwps) {
        Row row = lwps.call("switchTo(Lwp lwp)")
                .with(Kind.NULL, "lwp", returns())
                .when(Kind.STATE, panics("is released; a released lwp is of no use any more"), world -> {
                    Lwp gone = forked(world, () -> world.kernel().lwps().curLwp());
                    world.kernel().lwps().switchTo(gone);
                    return null;
                })
                .when(
                        Kind.STATE,
                        panics("already running: it is the caller's own"),
                        world -> forked(world, () -> {
                            world.kernel().lwps().switchTo(world.kernel().lwps().curLwp());
                            return null;
                        }))
                .when(Kind.KERNEL, panics("and was given to kernel@"))
                .when(Kind.THREAD, returns(), world -> inAndOut(world, () -> {}))
                .when(Kind.CLOSED, returns(), world -> inAndOut(world, world::shutDownWholly))
                .when(Kind.SHUTDOWN, returns(), world -> inAndOut(world, world::shutDown))
                .when(Kind.INTERRUPTED, returns(), world -> inAndOut(world, () -> {}));
        foreign(row, panics(BOUND), lwpsOf -> lwpsOf.switchTo(null));
    }

    /** Out of an lwp, and in again when something has happened. */
    private static Object inAndOut(World world, Runnable happening) throws Exception {
        return forked(world, () -> {
            Lwp lwp = world.kernel().lwps().curLwp();
            world.kernel().lwps().switchTo(null);
            happening.run();
            world.kernel().lwps().switchTo(lwp);
            return lwp;
        });
    }

    /** From a thread that is bound in another kernel. */
    private static void foreign(Row row, Expected expected, Consumer<Lwps> call) {
        row.when(Kind.KERNEL, expected, world -> {
            world.other().kernel().lwps().rfork(0);
            try {
                call.accept(world.kernel().lwps());
                return null;
            } finally {
                world.other().kernel().lwps().releaseLwp();
            }
        });
    }

    /** In a process of its own, which is gone when this returns; unless the call has left it. */
    private static <T> T forked(World world, Callable<T> call) throws Exception {
        Lwps lwps = world.kernel().lwps();
        lwps.rfork(Lwps.RUMP_RFCFDG);
        Lwp mine = lwps.curLwp();
        try {
            return call.call();
        } finally {
            if (!mine.isReleased()) {
                lwps.releaseLwp();
            }
        }
    }

    private static Object entered(World world, int pid) {
        world.kernel().lwps().newLwp(pid);
        world.kernel().lwps().releaseLwp();
        return pid;
    }
}
