package org.kthread.sysinit.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.fails;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;

import java.time.Duration;
import org.kthread.shutdown.Howto;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.Sysinit;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The boot itself. */
final class BootRows {
    private static final String TOO_LATE = "boot steps are added before the boot runs, or by one of its steps";

    private BootRows() {}

    static void in(Table table) {
        table.of(Boot.class).call("of(Kernel kernel)");
        table.of(BootException.class, BootRows::failure)
                .report()
                .reads("step()", "key()", "position()", "report()", "isStoppedByShutdown()");
        Rows boot = table.of(Boot.class, BootRows::boot)
                .demand(Kind.STATE, Kind.CLOSED, Kind.SHUTDOWN, Kind.REENTRANT, Kind.INTERRUPTED);
        boot.reads("kernel()");
        adds(boot.call("add(Sysinit[] more)"));
        adds(boot.call("add(Collection more)"));
        adds(boot.call("discover()"));
        boot.call("budget(Duration time)")
                .with(Kind.ZERO, "time", returns())
                .with(Kind.OVERFLOW, "time", returns())
                .when(Kind.STATE, gives("time is over"), world -> {
                    try {
                        return boot(world).budget(Duration.ZERO).add(failing()).run();
                    } catch (BootException e) {
                        return "time is over";
                    }
                })
                .never(Kind.REENTRANT, "it calls nothing")
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
        boot.call("withoutUndoAtShutdown()")
                .never(Kind.REENTRANT, "it calls nothing")
                .returnsWhen(Kind.STATE, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
        runs(boot);
        ends(boot);
    }

    private static Boot boot(World world) {
        return Boot.of(world.kernel());
    }

    private static Sysinit failing() {
        return Sysinit.of("failing", 1, 1, () -> {
            throw new IllegalStateException("planted");
        });
    }

    private static Sysinit step(String name) {
        return Sysinit.of(name, 1, 1, () -> {});
    }

    private static BootException failure(World world) throws InterruptedException {
        try {
            boot(world).add(failing()).run();
        } catch (BootException e) {
            return e;
        }
        throw new AssertionError("a failure was swallowed");
    }

    private static void adds(Row row) {
        row.when(Kind.STATE, fails(IllegalStateException.class, TOO_LATE), world -> {
                    Boot over = boot(world);
                    over.run();
                    return over.add(step("late"));
                })
                .when(Kind.STATE, fails(IllegalStateException.class, TOO_LATE), world -> {
                    Boot running = boot(world);
                    Throwable[] thrown = new Throwable[1];
                    Sysinit asks = Sysinit.of(
                            "asks",
                            1,
                            1,
                            () -> thrown[0] = Caller.start("other", () -> running.add(step("late")))
                                    .failure());
                    running.add(asks).run();
                    throw (IllegalStateException) thrown[0];
                })
                .when(Kind.REENTRANT, gives("2 of 2 steps"), world -> {
                    Boot running = boot(world);
                    return running.add(Sysinit.of("adds", 1, 1, () -> running.add(step("added"))))
                            .run();
                })
                .returnsWhen(Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
    }

    private static void runs(Rows boot) {
        boot.call("run()")
                .when(Kind.STATE, fails(IllegalStateException.class, "a boot runs once"), world -> {
                    Boot twice = boot(world);
                    twice.run();
                    return twice.run();
                })
                .when(
                        Kind.STATE,
                        refuses("no step has that name"),
                        world -> boot(world)
                                .add(step("needy").requires("nobody"))
                                .run())
                .when(
                        Kind.STATE,
                        refuses("boot steps wait for each other"),
                        world -> boot(world).add(step("self").requires("self")).run())
                .when(Kind.REENTRANT, fails(BootException.class, "a boot runs once"), world -> {
                    Boot own = boot(world);
                    return own.add(Sysinit.of("again", 1, 1, own::run)).run();
                })
                .when(Kind.CLOSED, fails(BootException.class, "because the kernel shuts down"), world -> {
                    world.shutDownWholly();
                    return boot(world).add(step("late")).run();
                })
                .when(Kind.CLOSED, gives("0 of 0 steps"))
                .when(
                        Kind.SHUTDOWN,
                        fails(BootException.class, "the kernel shuts down"),
                        world -> boot(world)
                                .add(
                                        Sysinit.of(
                                                "reboots",
                                                1,
                                                1,
                                                () -> world.kernel().reboot(Howto.HALT)),
                                        step("late"))
                                .run())
                .when(Kind.INTERRUPTED, interrupted());
    }

    private static void ends(Rows boot) {
        boot.call("runUntilHalted(Supplier supplier)")
                .when(Kind.STATE, fails(NullPointerException.class, "the boot that the supplier makes"), world -> {
                    return Boot.runUntilHalted(() -> null);
                })
                .when(
                        Kind.STATE,
                        errno(Errno.EAGAIN, "planted"),
                        world -> Boot.runUntilHalted(() -> {
                            throw new KernelException(Errno.EAGAIN, "planted");
                        }))
                .when(
                        Kind.REENTRANT,
                        gives("clean"),
                        world -> Boot.runUntilHalted(() -> boot(world)
                                .add(Sysinit.of(
                                        "halts", 1, 1, () -> world.kernel().reboot(Howto.HALT)))))
                .when(Kind.CLOSED, gives("clean"))
                .when(
                        Kind.SHUTDOWN,
                        gives("clean"),
                        world -> Boot.runUntilHalted(() -> {
                            world.reboot();
                            return boot(world).add(step("late"));
                        }))
                .when(Kind.INTERRUPTED, interrupted());
    }
}
