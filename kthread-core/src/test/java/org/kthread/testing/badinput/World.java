package org.kthread.testing.badinput;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownEvents;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sys.Action;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.Stuck;
import org.kthread.testing.TestKernel;

/**
 * The world of one trial: a kernel, a daemon that checks and does what it is told, another kernel; each made when it is first
 * asked for, all gone when this is closed.
 */
public final class World implements AutoCloseable {
    private static final long PAUSE = 100_000;

    private final Row.Samples samples;
    private final LinkedBlockingQueue<FutureTask<Outcome>> orders = new LinkedBlockingQueue<>();
    private final List<Action> ends = new ArrayList<>();
    private @Nullable TestKernel kernel;
    private @Nullable Proc daemon;
    private @Nullable Proc deaf;
    private @Nullable World other;
    private boolean foreign;
    private boolean strange;

    World(Row.Samples samples) {
        this.samples = samples;
    }

    /** The kernel. */
    public Kernel kernel() {
        return testKernel().kernel();
    }

    private TestKernel testKernel() {
        TestKernel mine = kernel;
        if (mine == null) {
            mine = TestKernel.start();
            kernel = mine;
        }
        return mine;
    }

    /** What the console got. */
    public List<String> console() {
        return testKernel().console();
    }

    /** A daemon that checks, and makes the calls that it is told to. */
    public Proc daemon() {
        Proc mine = daemon;
        if (mine == null) {
            mine = kernel().kthreads()
                    .kthreadCreate(KthreadSpec.named("badinput").main(this::serve));
            daemon = mine;
        }
        return mine;
    }

    /** Its thread. */
    public Kthread thread() {
        return daemon().kthreads().get(0);
    }

    private void serve() {
        for (; ; ) {
            CurThread.suspendCheck();
            FutureTask<Outcome> order = orders.poll();
            if (order == null) {
                LockSupport.parkNanos(PAUSE);
            } else {
                order.run();
            }
        }
    }

    /** A daemon that hears nothing until the end of this world. */
    public Proc deaf() {
        Proc mine = deaf;
        if (mine == null) {
            Stuck stuck = new Stuck();
            mine = kernel().kthreads().kthreadCreate(KthreadSpec.named("deaf").main(stuck));
            stuck.awaitInside();
            deaf = mine;
            ends.add(stuck::release);
        }
        return mine;
    }

    /** A daemon that has ended. */
    public Proc ended() throws InterruptedException {
        Proc proc = kernel().kthreads().kthreadCreate(KthreadSpec.named("ended").main(() -> CurThread.exit(3)));
        if (!proc.join(Caller.LIMIT)) {
            throw new AssertionError(proc + " does not end");
        }
        return proc;
    }

    /** An lwp of a process of its own, which nobody runs. */
    public Lwp lwp() throws Exception {
        return Caller.start("forker", () -> {
                    kernel().lwps().rfork(0);
                    Lwp lwp = kernel().lwps().curLwp();
                    kernel().lwps().switchTo(null);
                    return lwp;
                })
                .result();
    }

    /** Makes a call on a daemon that was told to stop, and has not seen it. */
    public @Nullable Object calledWhenStopped(Callable<? extends @Nullable Object> call) throws Exception {
        Door inside = new Door();
        Door told = new Door();
        FutureTask<Outcome> order = new FutureTask<>(() -> Outcome.of(false, () -> {
            inside.open();
            told.await();
            return call.call();
        }));
        daemon();
        orders.add(order);
        inside.await();
        daemon().stop(Duration.ZERO);
        told.open();
        Outcome outcome = order.get(Caller.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        return outcome.thrown() == null ? outcome.given() : outcome.thrown();
    }

    /** Another kernel, and what is in it. */
    public World other() {
        World mine = other;
        if (mine == null) {
            mine = new World(samples);
            other = mine;
        }
        return mine;
    }

    /** Makes a call on the daemon: on that of the other kernel if the trial is of a wrong kernel. */
    Outcome onDaemon(Callable<Outcome> call) throws Exception {
        World where = strange ? other() : this;
        where.daemon();
        FutureTask<Outcome> order = new FutureTask<>(call);
        where.orders.add(order);
        return order.get(Caller.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** A good argument of this type; one of the other kernel, if asked for, and if it is of a kernel at all. */
    @Nullable
    Object sample(Class<?> type, boolean ofOther) throws Exception {
        boolean bound = type == Proc.class || type == Kthread.class || type == Lwp.class;
        foreign |= ofOther && bound;
        return samples.sample(type, ofOther && bound ? other() : this);
    }

    /** Whether an argument is of the other kernel. */
    boolean hasForeign() {
        return foreign;
    }

    /** Makes it so that the next call comes at this moment; what is made in a way of its own shuts down by itself. */
    void arrange(Kind kind, boolean byItself) {
        if (kind == Kind.CLOSED && !byItself) {
            shutDownWholly();
        } else if (kind == Kind.SHUTDOWN && !byItself) {
            shutDown();
        } else if (kind == Kind.KERNEL) {
            strange = !foreign;
        }
    }

    /** Closes the kernel. */
    public void shutDownWholly() {
        testKernel().close();
    }

    /** Begins a shutdown, which stays in its first phase until the end of this world. */
    public void shutDown() {
        Door inside = new Door();
        Door over = new Door();
        ends.add(over::open);
        kernel().shutdownEvents()
                .preSync()
                .register(
                        howto -> {
                            inside.open();
                            over.await();
                        },
                        ShutdownEvents.SHUTDOWN_PRI_FIRST);
        reboot();
        inside.await();
    }

    /** Begins a shutdown. */
    public void reboot() {
        Kernel mine = kernel();
        Caller<ShutdownReport> rebooter =
                Caller.start("rebooter", () -> mine.reboot(Howto.HALT, Duration.ofSeconds(60)));
        ends.add(rebooter::result);
    }

    @Override
    public void close() {
        try {
            for (Action end : List.copyOf(ends)) {
                end.run();
            }
        } catch (Exception e) {
            throw new AssertionError("the world of a trial does not end", e);
        } finally {
            if (kernel != null) {
                kernel.close();
            }
            if (other != null) {
                other.close();
            }
        }
    }
}
