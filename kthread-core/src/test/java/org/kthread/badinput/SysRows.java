package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.fails;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.waits;

import java.time.Duration;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.ManualClock;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

/** The package {@code org.kthread.sys}. */
final class SysRows {
    private static final String NOT_OWNER = "current thread is not owner";

    private SysRows() {}

    static void in(Table table) {
        table.of(Errno.class, world -> Errno.EINVAL).reads("number()");
        Rows exception = table.of(KernelException.class, world -> new KernelException(Errno.EINVAL, "good"))
                .report();
        exception.reads("errno()");
        exception.call("new KernelException(Errno errno, String message)").with(Kind.NULL, "message", returns());
        exception
                .call("new KernelException(Errno errno, String message, Throwable cause)")
                .with(Kind.NULL, "message", returns()) // one failure is not to hide another
                .with(Kind.NULL, "cause", returns());
        Rows panic = table.of(KernelPanic.class).report();
        panic.call("new KernelPanic(String message)").with(Kind.NULL, "message", returns());
        panic.call("new KernelPanic(String message, Throwable cause)")
                .with(Kind.NULL, "message", returns())
                .with(Kind.NULL, "cause", returns());
        clock(table);
        manual(table);
    }

    private static void clock(Table table) {
        Rows made = table.of(KernelClock.class);
        made.reads("system()");
        made.call("nanos(Duration timo)")
                .with(Kind.ZERO, "timo", gives(0))
                .with(Kind.OVERFLOW, "timo", gives(KernelClock.NEVER));
        Rows clock = table.of(KernelClock.class, world -> KernelClock.system());
        clock.reads("nanoTime()");
        clock.call("deadline(Duration timo)")
                .with(Kind.ZERO, "timo", returns())
                .with(Kind.OVERFLOW, "timo", gives(KernelClock.NEVER));
        awaits(clock.call("await(Object monitor, long deadline)"), KernelClock::system);
    }

    private static void manual(Table table) {
        table.of(ManualClock.class).call("new ManualClock()");
        Rows clock = table.of(ManualClock.class, world -> new ManualClock());
        clock.reads("nanoTime()", "waiters()", "nextDeadline()");
        clock.call("advance(Duration by)")
                .with(Kind.ZERO, "by", returns())
                .with(Kind.OVERFLOW, "by", gives(KernelClock.NEVER - 1), world -> {
                    ManualClock far = new ManualClock();
                    far.advance(KernelClock.FOREVER);
                    far.advance(Duration.ofSeconds(1));
                    return far.nanoTime();
                });
        awaits(clock.call("await(Object monitor, long deadline)"), ManualClock::new);
    }

    private interface Clocks {
        KernelClock make();
    }

    private static void awaits(Row row, Clocks clocks) {
        row.with(Kind.ZERO, "deadline", returns(), world -> awaitHeld(clocks.make(), 0))
                .with(Kind.NEGATIVE, "deadline", returns(), world -> awaitHeld(clocks.make(), -1))
                .with(Kind.OVERFLOW, "deadline", waits(), world -> awaitHeld(clocks.make(), KernelClock.NEVER))
                .when(Kind.INTERRUPTED, interrupted(), world -> awaitHeld(clocks.make(), 0))
                .when(Kind.STATE, fails(IllegalMonitorStateException.class, NOT_OWNER), world -> {
                    clocks.make().await(new Object(), KernelClock.NEVER);
                    return null;
                });
    }

    private static Object awaitHeld(KernelClock clock, long deadline) throws InterruptedException {
        Object monitor = new Object();
        synchronized (monitor) {
            clock.await(monitor, deadline);
        }
        return "over";
    }
}
