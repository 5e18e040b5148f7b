package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.names;
import static org.kthread.testing.badinput.Expected.panics;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.unwinds;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import org.kthread.proc.CurThread;
import org.kthread.proc.KernelEvents;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Kthreads;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelPanic;
import org.kthread.testing.Caller;
import org.kthread.testing.TestKernel;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread.proc}: how processes and threads come to be, and what a thread does to itself. */
final class CreateRows {
    private static final String NO_KTHREAD = "is a thread of the program; call this on a thread made by Kthreads";
    private static final String DOWN = "the kernel is shutting down";

    private CreateRows() {}

    static void in(Table table) {
        desc(table);
        spec(table);
        kthreads(table.of(Kthreads.class, world -> world.kernel().kthreads())
                .demand(Kind.STATE, Kind.THREAD, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED));
        curThread(table.of(CurThread.class)
                .onKernelThread()
                .demand(Kind.STATE, Kind.THREAD, Kind.KERNEL, Kind.SHUTDOWN, Kind.INTERRUPTED));
        table.of(KernelEvents.class).call("new KernelEvents()");
        table.of(KernelEvents.class, world -> world.kernel().events())
                .demand(Kind.CLOSED)
                .reads("processCtor()", "processExit()", "threadCtor()", "threadExit()", "kprocHung()");
    }

    private static void desc(Table table) {
        Rows desc = table.of(KprocDesc.class).value();
        desc.call("new KprocDesc(String arg0, Action func)").with(Kind.ZERO, "arg0", refuses("needs a name"));
        desc.call("new KprocDesc(String arg0, Action func, AtomicReference globalProcpp)")
                .with(Kind.NULL, "globalProcpp", gives("globalProcpp=null"))
                .with(Kind.ZERO, "arg0", refuses("needs a name"));
    }

    private static void spec(Table table) {
        table.of(KthreadSpec.class)
                .value()
                .call("named(String fmt, Object[] args)")
                .with(Kind.ZERO, "fmt", refuses("a kernel thread needs a name"))
                .with(Kind.NULL, "args", names("args"));
        Rows spec = table.of(
                        KthreadSpec.class, world -> KthreadSpec.named("good").main(() -> {}))
                .value();
        spec.reads("toString()", "virtual()");
        spec.call("main(Action func)");
        spec.call("main(KthreadMain func, Object arg)").with(Kind.NULL, "arg", returns()); // it is main's business
        spec.call("cell(AtomicReference newpp)");
        spec.call("threadCell(AtomicReference newtdp)");
        spec.call("flags(int flags)").any("flags"); // refused when the thread is created
        spec.call("pages(int pages)").any("pages"); // the same
    }

    private static void kthreads(Rows kthreads) {
        kthreads.call("kprocStart(KprocDesc udata)")
                .when(Kind.STATE, panics("kproc_start: many: error 35"), world -> {
                    try (TestKernel small = TestKernel.start(4, world.kernel().clock())) {
                        small.kthreads().kprocStart(new KprocDesc("one", () -> CurThread.quiescent("w", endless())));
                        small.kthreads().kprocStart(new KprocDesc("many", () -> {}));
                        return null;
                    }
                })
                .when(Kind.CLOSED, panics("kproc_start: good: error 58"))
                .returnsWhen(Kind.THREAD, Kind.SHUTDOWN, Kind.INTERRUPTED);
        states(
                        kthreads.call("kthreadCreate(KthreadSpec spec)"),
                        (world, spec) -> world.kernel().kthreads().kthreadCreate(spec))
                .returnsWhen(Kind.THREAD, Kind.SHUTDOWN, Kind.INTERRUPTED);
        states(
                        kthreads.call("kthreadAdd(Proc p, KthreadSpec spec)"),
                        (world, spec) -> world.kernel().kthreads().kthreadAdd(world.daemon(), spec))
                .with(Kind.NULL, "p", gives("pid 0"))
                .when(
                        Kind.STATE,
                        errno(Errno.ESRCH, "is ending or has ended"),
                        world -> world.kernel()
                                .kthreads()
                                .kthreadAdd(
                                        world.ended(), KthreadSpec.named("late").main(() -> {})))
                .when(
                        Kind.STATE,
                        errno(Errno.ESRCH, "init (pid 1) takes no kernel threads"),
                        world -> world.kernel()
                                .kthreads()
                                .kthreadAdd(
                                        world.kernel().initproc(),
                                        KthreadSpec.named("late").main(() -> {})))
                .when(Kind.KERNEL, panics("which is a process of another kernel"))
                .returnsWhen(Kind.THREAD, Kind.SHUTDOWN, Kind.INTERRUPTED);
        states(
                        kthreads.call("kprocKthreadAdd(AtomicReference procptr, String procname, KthreadSpec spec)"),
                        (world, spec) ->
                                world.kernel().kthreads().kprocKthreadAdd(new AtomicReference<>(), "good", spec))
                .with(Kind.ZERO, "procname", refuses("needs a name"))
                .when(
                        Kind.KERNEL,
                        panics("which is a process of another kernel"),
                        world -> world.kernel()
                                .kthreads()
                                .kprocKthreadAdd(
                                        new AtomicReference<>(world.other().daemon()),
                                        "good",
                                        KthreadSpec.named("lost").main(() -> {})))
                .returnsWhen(Kind.THREAD, Kind.SHUTDOWN, Kind.INTERRUPTED);
    }

    private static Action endless() {
        return () -> new CountDownLatch(1).await();
    }

    /** A way to create. */
    private interface Creation {
        Object of(World world, KthreadSpec spec) throws Exception;
    }

    /** What is the same for all ways to create. */
    private static Row states(Row row, Creation creation) {
        KthreadSpec bare = KthreadSpec.named("bare");
        KthreadSpec good = bare.main(() -> {});
        return row.when(
                        Kind.STATE,
                        refuses("\"bare\" has no main; give one with main(...)"),
                        world -> creation.of(world, bare))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "RFCFDG"),
                        world -> creation.of(world, good.flags(KthreadSpec.RFCFDG)))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "unknown flag bits 0x1;"),
                        world -> creation.of(world, good.flags(1)))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "unknown flag bits"),
                        world -> creation.of(world, good.flags(-1 & ~KthreadSpec.RFCFDG)))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "-1 pages of stack; 0 is the default"),
                        world -> creation.of(world, good.pages(-1)))
                .when(Kind.STATE, returns(), world -> creation.of(world, good.pages(1)))
                .when(Kind.CLOSED, errno(Errno.ESHUTDOWN, DOWN));
    }

    private static void curThread(Rows curThread) {
        curThread
                .call("isKernelThread()")
                .when(Kind.THREAD, gives(false))
                .when(Kind.STATE, gives(true), world -> whenStopped(world, CurThread::isKernelThread))
                .returnsWhen(Kind.KERNEL, Kind.SHUTDOWN, Kind.INTERRUPTED);
        for (String signature : new String[] {"curthread()", "curproc()"}) {
            own(curThread, signature)
                    .when(
                            Kind.STATE,
                            gives("badinput"),
                            world -> whenStopped(world, () -> "" + CurThread.curthread() + CurThread.curproc()));
        }
        own(curThread, "shouldStop()")
                .when(Kind.STATE, gives(true), world -> whenStopped(world, CurThread::shouldStop));
        own(curThread, "ready()")
                .when(
                        Kind.STATE,
                        returns(),
                        world -> whenStopped(world, () -> {
                            CurThread.ready();
                            CurThread.ready(); // twice
                            return null;
                        }));
        own(curThread, "suspendCheck()")
                .when(
                        Kind.STATE,
                        gives("Unwinding"),
                        world -> whenStopped(world, () -> {
                            CurThread.suspendCheck();
                            return null;
                        }));
        exits(curThread.call("exit(int ecode)"), CurThread::exit);
        exits(curThread.call("exitProc(int ecode)"), CurThread::exitProc)
                .when(Kind.STATE, panics("process 0 never ends; use CurThread.exit"), CreateRows::exitProc0);
        region(curThread.call("quiescent(String wmesg, Callable body)"), () -> CurThread.quiescent("good", () -> 1));
        region(curThread.call("quiescent(String wmesg, Action body)"), () -> {
            CurThread.quiescent("good", (Action) () -> {});
            return null;
        });
    }

    /** A kernel thread of process 0 tries to end that. */
    private static Object exitProc0(World world) throws Exception {
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        world.kernel()
                .kthreads()
                .kthreadAdd(null, KthreadSpec.named("of0").main(() -> {
                    try {
                        CurThread.exitProc(1);
                    } catch (KernelPanic e) {
                        thrown.set(e);
                    }
                }))
                .join(Caller.LIMIT);
        throw (KernelPanic) thrown.get();
    }

    private static Object whenStopped(World world, Callable<?> call) throws Exception {
        return world.calledWhenStopped(call);
    }

    private static Row own(Rows curThread, String signature) {
        return curThread
                .call(signature)
                .when(Kind.THREAD, panics(NO_KTHREAD))
                .returnsWhen(Kind.KERNEL, Kind.SHUTDOWN, Kind.INTERRUPTED);
    }

    private static Row exits(Row row, IntFunction<Error> exit) {
        return row.with(Kind.ZERO, "ecode", unwinds())
                .with(Kind.NEGATIVE, "ecode", unwinds())
                .with(Kind.OVERFLOW, "ecode", unwinds())
                .when(
                        Kind.STATE,
                        gives("Unwinding"),
                        world -> whenStopped(world, () -> {
                            try {
                                throw exit.apply(1);
                            } catch (Error first) {
                                throw exit.apply(2); // twice: the first status stands
                            }
                        }))
                .when(Kind.THREAD, panics(NO_KTHREAD))
                .when(Kind.KERNEL, unwinds())
                .when(Kind.SHUTDOWN, unwinds())
                .when(Kind.INTERRUPTED, unwinds());
    }

    private static void region(Row row, Callable<?> call) {
        row.with(Kind.ZERO, "wmesg", returns())
                .when(Kind.STATE, gives("Unwinding"), world -> whenStopped(world, call))
                .when(Kind.THREAD, panics(NO_KTHREAD))
                .returnsWhen(Kind.KERNEL, Kind.SHUTDOWN, Kind.INTERRUPTED)
                .when(
                        Kind.REENTRANT,
                        gives("inner"),
                        world -> CurThread.quiescent("outer", () -> CurThread.quiescent("inner", () -> "inner")));
    }
}
