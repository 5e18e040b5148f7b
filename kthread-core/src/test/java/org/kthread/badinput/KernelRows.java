package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.fails;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.unwinds;
import static org.kthread.testing.badinput.Expected.waits;

import java.time.Duration;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.Proc;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Errno;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread}. */
final class KernelRows {
    private KernelRows() {}

    static void in(Table table) {
        config(table);
        Rows made = table.of(Kernel.class);
        made.call("start()").when(Kind.INTERRUPTED, gives("kernel@"), world -> {
            try (Kernel kernel = Kernel.start()) {
                return kernel;
            }
        });
        made.call("start(KernelConfig config)");
        Rows kernel = table.of(Kernel.class, World::kernel).demand(Kind.STATE, Kind.CLOSED, Kind.SHUTDOWN, Kind.THREAD);
        kernel.reads(
                "kthreads()",
                "lwps()",
                "syscalls()",
                "sleepQueues()",
                "events()",
                "shutdownEvents()",
                "syncTargets()",
                "clock()",
                "config()",
                "proc0()",
                "initproc()",
                "ps()",
                "rebooting()",
                "toString()");
        looks(kernel);
        quiesce(kernel);
        ends(kernel);
    }

    private static void config(Table table) {
        table.of(KernelConfig.class).value().reads("defaults()");
        Rows config =
                table.of(KernelConfig.class, world -> KernelConfig.defaults()).value();
        config.reads("maxproc()", "pidMax()", "shutdownBudget()");
        config.call("withClock(KernelClock clock)");
        config.call("withMaxproc(int maxproc)")
                .with(Kind.ZERO, "maxproc", refuses("maxproc 0 is not between 4 and 536870912"))
                .with(Kind.NEGATIVE, "maxproc", refuses("is not between 4"))
                .with(Kind.OVERFLOW, "maxproc", refuses("is not between 4"));
        config.call("withConsole(Consumer console)");
        config.call("withShutdownBudget(Duration budget)")
                .with(Kind.ZERO, "budget", refuses("shutdown budget PT0S is not more than zero"))
                .with(Kind.NEGATIVE, "budget", refuses("is not more than zero"))
                .with(Kind.OVERFLOW, "budget", returns());
        config.call("withJvmHook(Howto howto)");
        config.call("withSyncOnPanic(boolean syncOnPanic)");
    }

    private static void looks(Rows kernel) {
        kernel.call("pfind(int pid)")
                .with(Kind.ZERO, "pid", gives("kernel (pid 0)"))
                .with(Kind.NEGATIVE, "pid", gives("Optional.empty"))
                .with(Kind.OVERFLOW, "pid", gives("Optional.empty"))
                .when(Kind.STATE, gives("Optional.empty"), world -> {
                    int pid = world.ended().pid();
                    Caller.eventually(() -> world.kernel().pfind(pid).isEmpty());
                    return world.kernel().pfind(pid);
                })
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN, Kind.THREAD);
        kernel.call("console(String line)")
                .with(Kind.ZERO, "line", returns())
                .when(Kind.STATE, gives("left alone"), world -> {
                    Kernel deaf = Kernel.start(KernelConfig.defaults().withConsole(line -> {
                        throw new IllegalStateException("planted");
                    }));
                    try (deaf) {
                        deaf.console("lost");
                        return "left alone";
                    }
                })
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN, Kind.THREAD);
        kernel.call("isAwaitingShutdown(Thread thread)")
                .when(Kind.STATE, gives(false), world -> {
                    Thread unborn = new Thread(() -> {}, "unborn");
                    return world.kernel().isAwaitingShutdown(unborn);
                })
                .when(Kind.CLOSED, gives(false))
                .when(Kind.SHUTDOWN, gives(false))
                .when(Kind.THREAD, gives(false));
        kernel.call("onUndo(String name, Action undo)")
                .with(Kind.ZERO, "name", returns())
                .returnsWhen(Kind.STATE, Kind.SHUTDOWN, Kind.THREAD)
                .when(Kind.CLOSED, errno(Errno.ESHUTDOWN, "undo \"good\" comes too late"))
                .when(Kind.REENTRANT, gives("ESHUTDOWN"), world -> {
                    Kernel mine = world.kernel();
                    mine.onUndo("outer", () -> mine.onUndo("inner", () -> {}));
                    return mine.reboot(Howto.HALT);
                });
    }

    private static void quiesce(Rows kernel) {
        kernel.call("quiesce(String owner, Predicate which, Duration timo)")
                .sample("which", world -> Kernel.ALL)
                .with(Kind.ZERO, "owner", refuses("owner"))
                .with(Kind.ZERO, "timo", fails(SuspendRefusedException.class, "deaf (pid 2"), world -> {
                    world.deaf();
                    return world.kernel().quiesce("good", Kernel.ALL, Duration.ZERO);
                })
                .with(Kind.OVERFLOW, "timo", gives("hold of good"))
                .when(Kind.STATE, gives("hold of two"), world -> {
                    world.kernel().quiesce("one", Kernel.ALL, Caller.LIMIT);
                    return world.kernel().quiesce("two", Kernel.ALL, Caller.LIMIT);
                })
                .when(
                        Kind.THREAD,
                        errno(Errno.EDEADLK, "by a thread of its own"),
                        world -> world.kernel().quiesce("own", proc -> proc == world.daemon(), Caller.LIMIT))
                .when(Kind.CLOSED, gives("hold of good"))
                .when(Kind.SHUTDOWN, gives("hold of good"))
                .when(Kind.INTERRUPTED, interrupted(), world -> {
                    Proc deaf = world.deaf();
                    return world.kernel().quiesce("good", proc -> proc == deaf, Caller.LIMIT);
                })
                .when(Kind.REENTRANT, gives("hold of outer"), world -> {
                    world.daemon();
                    return world.kernel()
                            .quiesce("outer", proc -> isHeld(world.kernel(), proc.pid() == 2), Caller.LIMIT);
                });
    }

    /** From inside the choice of a quiesce: another one. */
    private static boolean isHeld(Kernel kernel, boolean chosen) {
        try {
            kernel.quiesce("inner", Kernel.ALL, Caller.LIMIT).close();
            return chosen;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void ends(Rows kernel) {
        kernel.call("reboot(Howto howto)")
                .when(Kind.STATE, gives("clean"))
                .when(Kind.THREAD, unwinds())
                .when(Kind.CLOSED, gives("clean"))
                .when(Kind.SHUTDOWN, waits())
                .when(Kind.INTERRUPTED, interrupted());
        kernel.call("reboot(Howto howto, Duration budget)")
                .with(Kind.ZERO, "budget", gives("0.000s"))
                .with(Kind.OVERFLOW, "budget", gives("no limit"))
                .when(Kind.STATE, gives("clean"))
                .when(Kind.THREAD, unwinds())
                .when(Kind.CLOSED, gives("clean"))
                .when(Kind.SHUTDOWN, waits())
                .when(Kind.INTERRUPTED, interrupted());
        kernel.call("awaitShutdown()")
                .when(Kind.STATE, waits())
                .when(Kind.THREAD, unwinds(), world -> {
                    world.reboot();
                    return world.kernel().awaitShutdown();
                })
                .when(Kind.CLOSED, gives("clean"))
                .when(Kind.SHUTDOWN, waits())
                .when(Kind.INTERRUPTED, interrupted());
        kernel.call("panic(String text)")
                .with(Kind.ZERO, "text", returns())
                .when(Kind.STATE, gives("panic: first"), world -> {
                    world.kernel().panic("first");
                    world.kernel().panic("second");
                    return world.kernel().awaitShutdown();
                })
                .when(Kind.THREAD, unwinds())
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN);
        kernel.call("close()")
                .when(Kind.STATE, returns(), world -> {
                    world.kernel().close();
                    world.kernel().close();
                    return null;
                })
                .when(Kind.THREAD, unwinds())
                .returnsWhen(Kind.CLOSED, Kind.INTERRUPTED)
                .when(Kind.SHUTDOWN, gives("so far"), world -> {
                    StringBuilder told = new StringBuilder();
                    world.kernel()
                            .shutdownEvents()
                            .preSync()
                            .register(
                                    howto -> {
                                        world.kernel().close();
                                        told.append(world.kernel().awaitShutdown());
                                    },
                                    0);
                    world.kernel().reboot(Howto.HALT, Duration.ofSeconds(60));
                    return told;
                });
    }
}
