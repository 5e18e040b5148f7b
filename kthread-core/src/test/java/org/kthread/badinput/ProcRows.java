package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.fails;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.waits;

import java.time.Duration;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.Ps;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.proc.SuspendRequest;
import org.kthread.proc.Suspension;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread.proc}: processes and threads that there are, and what is asked of them. */
final class ProcRows {
    private static final String ITSELF = "wait for";

    private ProcRows() {}

    static void in(Table table) {
        proc(table.of(Proc.class, World::daemon)
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN));
        kthread(table.of(Kthread.class, World::thread)
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN));
        request(table.of(SuspendRequest.class, world -> world.daemon().ask("good"))
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN));
        hold(table.of(Suspension.class, world -> world.daemon().hold("good", Caller.LIMIT))
                .demand(Kind.STATE, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED));
        table.of(Lwp.class, World::lwp)
                .demand(Kind.CLOSED)
                .reads("lid()", "proc()", "isRunning()", "isReleased()", "toString()");
        table.of(Ps.class, world -> world.kernel().ps())
                .demand(Kind.CLOSED)
                .reads("rows()", "iterator()", "toString()");
        table.of(SuspendRefusedException.class, ProcRows::refusal).report().reads("refusers()");
    }

    private static SuspendRefusedException refusal(World world) throws InterruptedException {
        try {
            world.deaf().hold("good", Duration.ZERO);
        } catch (SuspendRefusedException e) {
            return e;
        }
        throw new AssertionError("a deaf daemon was held");
    }

    private static void proc(Rows proc) {
        proc.reads(
                "pid()",
                "ppid()",
                "comm()",
                "name()",
                "state()",
                "kthreads()",
                "diagnose()",
                "lwps()",
                "descriptors()",
                "exitStatus()",
                "cause()",
                "isReady()",
                "toString()");
        asks(
                proc.call("suspend(Duration timo)"),
                "suspend of badinput (pid 2)",
                Proc::suspend,
                (World world) -> world.kernel().initproc().suspend(Duration.ZERO));
        ask(proc.call("ask(String owner)"))
                .when(
                        Kind.STATE,
                        gives("EXITED"),
                        world -> world.ended().ask("good").verdict())
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "init (pid 1), which is no kernel process"),
                        world -> world.kernel().initproc().ask("good"))
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF));
        proc.call("resume()")
                .when(Kind.STATE, gives("RUNNING"))
                .when(Kind.STATE, gives("EXITED"), world -> world.ended().resume())
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "resume of init (pid 1)"),
                        world -> world.kernel().initproc().resume())
                .when(Kind.THREAD, gives("RUNNING"))
                .when(Kind.KERNEL, gives("RUNNING"))
                .when(Kind.CLOSED, gives("EXITED"))
                .when(Kind.SHUTDOWN, gives("RUNNING"));
        proc.call("hold(String owner, Duration timo)")
                .with(Kind.ZERO, "owner", refuses("owner"))
                .with(
                        Kind.ZERO,
                        "timo",
                        fails(SuspendRefusedException.class, "deaf (pid 2"),
                        world -> world.deaf().hold("good", Duration.ZERO))
                .with(Kind.OVERFLOW, "timo", gives("hold of good"))
                .when(Kind.STATE, gives("hold of good"), world -> world.ended().hold("good", Caller.LIMIT))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "hold of init (pid 1)"),
                        world -> world.kernel().initproc().hold("good", Caller.LIMIT))
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF))
                .when(Kind.KERNEL, gives("hold of good"))
                .when(Kind.CLOSED, gives("hold of good"))
                .when(Kind.SHUTDOWN, gives("hold of good"))
                .when(Kind.INTERRUPTED, interrupted(), world -> world.deaf().hold("good", Caller.LIMIT));
        stops(proc.call("stop(Duration timo)"), Proc::stop)
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "process 0, which never ends"),
                        world -> world.kernel().proc0().stop(Duration.ZERO))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "init (pid 1), which is no kernel process"),
                        world -> world.kernel().initproc().stop(Duration.ZERO));
        joins(proc.call("join(Duration timo)"), Proc::join)
                .when(Kind.STATE, waits(), world -> world.kernel().proc0().join(KernelClock.FOREVER))
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF));
        proc.call("awaitReady(Duration timo)")
                .with(Kind.ZERO, "timo", gives("TIMED_OUT"))
                .with(Kind.OVERFLOW, "timo", waits())
                .when(Kind.STATE, gives("EXITED"), world -> world.ended().awaitReady(Caller.LIMIT))
                .when(Kind.THREAD, gives("TIMED_OUT"), world -> world.daemon().awaitReady(Duration.ZERO))
                .when(Kind.KERNEL, gives("TIMED_OUT"), world -> world.daemon().awaitReady(Duration.ZERO))
                .when(Kind.CLOSED, gives("EXITED"))
                .when(Kind.SHUTDOWN, gives("TIMED_OUT"), world -> world.daemon().awaitReady(Duration.ZERO))
                .when(Kind.INTERRUPTED, interrupted());
    }

    private static void kthread(Rows kthread) {
        kthread.reads("tid()", "name()", "comm()", "proc()", "isExited()", "sleeper()", "toString()");
        asks(
                kthread.call("suspend(Duration timo)"),
                "suspend of badinput (pid 2)",
                (proc, timo) -> threadOf(proc).suspend(timo),
                null);
        ask(kthread.call("ask(String owner)"))
                .when(
                        Kind.STATE,
                        gives("EXITED"),
                        world -> gone(world).ask("good").verdict())
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF));
        kthread.call("resume()")
                .when(Kind.STATE, gives("EXITED"), world -> gone(world).resume())
                .when(Kind.THREAD, gives("RUNNING"))
                .when(Kind.KERNEL, gives("RUNNING"))
                .when(Kind.CLOSED, gives("EXITED"))
                .when(Kind.SHUTDOWN, gives("RUNNING"));
        stops(
                kthread.call("stop(Duration timo)"),
                (proc, timo) -> threadOf(proc).stop(timo));
        joins(
                        kthread.call("join(Duration timo)"),
                        (proc, timo) -> threadOf(proc).join(timo))
                .when(Kind.STATE, gives(true), world -> gone(world).join(Duration.ZERO))
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF));
    }

    private static Kthread threadOf(Proc proc) {
        return proc.kthreads().get(0);
    }

    /** A thread that has ended. */
    private static Kthread gone(World world) throws InterruptedException {
        Kthread thread = world.kernel()
                .kthreads()
                .kthreadAdd(null, KthreadSpec.named("gone").main(() -> {}));
        thread.join(Caller.LIMIT);
        return thread;
    }

    /** A call on a process, or on its thread, with a time. */
    private interface Timed {
        Object call(Proc proc, Duration timo) throws Exception;
    }

    private static void asks(Row row, String who, Timed call, Row.Code onInit) {
        row.with(Kind.ZERO, "timo", gives("TIMED_OUT"), world -> call.call(world.deaf(), Duration.ZERO))
                .with(Kind.OVERFLOW, "timo", gives("SUSPENDED"))
                .when(Kind.STATE, gives("SUSPENDED"), world -> {
                    call.call(world.daemon(), Caller.LIMIT);
                    return call.call(world.daemon(), Duration.ZERO); // twice
                })
                .when(Kind.THREAD, errno(Errno.EDEADLK, who))
                .when(Kind.KERNEL, gives("SUSPENDED"))
                .when(Kind.CLOSED, gives("EXITED"))
                .when(Kind.SHUTDOWN, gives("SUSPENDED"))
                .when(Kind.INTERRUPTED, interrupted(), world -> call.call(world.deaf(), Caller.LIMIT));
        if (onInit != null) {
            row.when(Kind.STATE, errno(Errno.EINVAL, "init (pid 1), which is no kernel process"), onInit);
        }
    }

    private static Row ask(Row row) {
        return row.with(Kind.NULL, "owner", gives("request of nobody"))
                .with(Kind.ZERO, "owner", refuses("owner"))
                .when(Kind.KERNEL, gives("request of good"))
                .when(Kind.CLOSED, gives("request of good"))
                .when(Kind.SHUTDOWN, gives("request of good"));
    }

    private static Row stops(Row row, Timed call) {
        return row.with(Kind.ZERO, "timo", gives("TIMED_OUT"), world -> call.call(world.deaf(), Duration.ZERO))
                .with(Kind.OVERFLOW, "timo", gives("EXITED"))
                .when(Kind.STATE, gives("EXITED"), world -> {
                    Kthread thread = world.thread();
                    thread.stop(Caller.LIMIT);
                    return thread.stop(Duration.ZERO); // twice
                })
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF))
                .when(Kind.KERNEL, gives("EXITED"))
                .when(Kind.CLOSED, gives("EXITED"))
                .when(Kind.SHUTDOWN, gives("EXITED"))
                .when(Kind.INTERRUPTED, interrupted(), world -> call.call(world.deaf(), Caller.LIMIT));
    }

    private static Row joins(Row row, Timed call) {
        return row.with(Kind.ZERO, "timo", gives(false))
                .with(Kind.OVERFLOW, "timo", waits())
                .when(Kind.KERNEL, gives(false), world -> call.call(world.daemon(), Duration.ZERO))
                .when(Kind.CLOSED, gives(true))
                .when(Kind.SHUTDOWN, gives(false), world -> call.call(world.daemon(), Duration.ZERO))
                .when(Kind.INTERRUPTED, interrupted());
    }

    private static void request(Rows request) {
        request.reads("proc()", "owner()", "verdict()", "asked()", "answered()", "toString()");
        request.call("await(Duration timo)")
                .with(
                        Kind.ZERO,
                        "timo",
                        gives("TIMED_OUT"),
                        world -> world.deaf().ask("good").await(Duration.ZERO))
                .with(Kind.OVERFLOW, "timo", gives("SUSPENDED"))
                .when(Kind.STATE, gives("RESUMED"), world -> {
                    SuspendRequest taken = world.deaf().ask("good");
                    taken.withdraw();
                    return taken.await(Caller.LIMIT);
                })
                .when(
                        Kind.THREAD,
                        errno(Errno.EDEADLK, ITSELF),
                        world -> askedFromOutside(world).await(Caller.LIMIT))
                .when(Kind.KERNEL, gives("SUSPENDED"))
                .returnsWhen(Kind.CLOSED)
                .when(Kind.SHUTDOWN, gives("SUSPENDED"))
                .when(
                        Kind.INTERRUPTED,
                        interrupted(),
                        world -> world.deaf().ask("good").await(Caller.LIMIT));
        request.call("awaitAnswer(Duration timo)")
                .with(Kind.ZERO, "timo", returns(), world -> {
                    world.deaf().ask("good").awaitAnswer(Duration.ZERO);
                    return null;
                })
                .with(Kind.OVERFLOW, "timo", returns())
                .returnsWhen(Kind.STATE, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN)
                .when(Kind.THREAD, errno(Errno.EDEADLK, ITSELF), world -> {
                    askedFromOutside(world).awaitAnswer(Caller.LIMIT);
                    return null;
                })
                .when(Kind.INTERRUPTED, interrupted(), world -> {
                    world.deaf().ask("good").awaitAnswer(Caller.LIMIT);
                    return null;
                });
        request.call("outcome(boolean waited)")
                .when(Kind.STATE, gives("RESUMED"), world -> {
                    SuspendRequest taken = world.deaf().ask("good");
                    taken.withdraw();
                    return taken.outcome(true);
                })
                .when(
                        Kind.THREAD,
                        gives("TIMED_OUT"),
                        world -> askedFromOutside(world).outcome(false))
                .returnsWhen(Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN);
        request.call("withdraw()")
                .when(Kind.STATE, returns(), world -> {
                    SuspendRequest twice = world.daemon().ask("good");
                    twice.withdraw();
                    twice.withdraw();
                    return null;
                })
                .when(Kind.THREAD, gives("RESUMED"), world -> {
                    SuspendRequest mine = askedFromOutside(world);
                    mine.withdraw();
                    return mine.verdict();
                })
                .returnsWhen(Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN);
    }

    /** A request that the daemon be still, for the daemon itself, which does not check meanwhile. */
    private static SuspendRequest askedFromOutside(World world) throws Exception {
        return Caller.start("asker", () -> world.daemon().ask("good")).result();
    }

    private static void hold(Rows hold) {
        hold.reads("owner()", "toString()");
        hold.call("close()")
                .when(Kind.STATE, gives("RUNNING"), world -> {
                    Suspension twice = world.daemon().hold("good", Caller.LIMIT);
                    twice.close();
                    twice.close();
                    ResumeOutcome after = world.daemon().resume();
                    return after;
                })
                .returnsWhen(Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
    }
}
