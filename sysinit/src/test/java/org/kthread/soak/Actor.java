package org.kthread.soak;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.Kernel;
import org.kthread.event.EventTag;
import org.kthread.lwp.Lwps;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.proc.Suspension;
import org.kthread.proc.Verdict;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Unwind;

/**
 * A daemon that does at random what daemons do, and to others what daemons must not mind. It never sleeps or checks while it
 * has others suspended: two that do would wait for each other, and that is their right.
 */
final class Actor implements Action {
    private static final Set<Errno> EXPECTED =
            Set.of(Errno.ESRCH, Errno.EAGAIN, Errno.ESHUTDOWN, Errno.EDEADLK, Errno.EBUSY, Errno.EMFILE, Errno.EINVAL);

    private final Stage stage;
    private final World world;
    private final Kernel kernel;
    private final Random random;

    /** What the actors of one world share. */
    static final class Stage {
        final World world;
        final boolean virtual;
        private final long seed;
        private final AtomicInteger number = new AtomicInteger();
        private final AtomicBoolean quiescing = new AtomicBoolean();
        private final Object[] channels = new Object[16];
        private final Lock[] locks = new Lock[channels.length];

        Stage(World world, long seed, boolean virtual) {
            this.world = world;
            this.seed = seed;
            this.virtual = virtual;
            for (int i = 0; i < channels.length; i++) {
                channels[i] = new Object();
                locks[i] = new ReentrantLock();
            }
        }

        /** The next actor; its dice follow from the seed and its number. */
        KthreadSpec next() {
            int mine = number.incrementAndGet();
            Random dice = new Random(seed * 1_000_003 + mine);
            KthreadSpec spec = KthreadSpec.named("actor-%d", mine).main(new Actor(this, dice));
            return virtual && dice.nextInt(4) > 0 ? spec.virtual() : spec;
        }
    }

    /** How a main may end. */
    static final class Planned extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Planned() {
            super("planned", null, false, false);
        }
    }

    private Actor(Stage stage, Random random) {
        this.stage = stage;
        this.world = stage.world;
        this.kernel = world.kernel;
        this.random = random;
    }

    @Override
    public void run() {
        try {
            CurThread.ready();
            rounds();
        } catch (Planned e) {
            throw e;
        } catch (Throwable t) {
            if (!(t instanceof Unwind) && !(t instanceof StackOverflowError)) {
                world.violated(t);
            }
            throw t;
        }
    }

    private void rounds() {
        Life me = world.life();
        for (; ; ) {
            CurThread.suspendCheck();
            Op op = Op.pick(random);
            try {
                if (op == Op.RETURN) {
                    world.figures.count(op);
                    return;
                }
                act(me, op);
            } catch (InterruptedException e) {
                world.figures.interrupted.increment();
            } catch (SuspendRefusedException e) {
                world.figures.refused.increment();
            } catch (KernelException e) {
                world.figures.errors.increment();
                if (!EXPECTED.contains(e.errno())) {
                    throw e;
                }
            }
        }
    }

    private void act(Life me, Op op) throws InterruptedException {
        world.figures.count(op);
        switch (op) {
            case WORK -> me.work(random.nextInt(1000));
            case PAUSE -> kernel.sleepQueues().pause(flags(), "pause", millis(200));
            case SLEEP -> sleep();
            case WAKEUP -> wakeup();
            case REGION -> region();
            case SUSPEND -> suspend(me);
            case HOLD -> hold(me);
            case QUIESCE -> quiesce(me);
            case RESUME -> other(me).resume();
            case ABANDON -> abandon(me);
            case INTERRUPT -> someone(me).host.interrupt();
            case STOP -> other(me).stop(patience());
            case JOIN -> other(me).join(millis(5));
            case CREATE -> create();
            case ADD -> add(me);
            case FILE -> file();
            case HOP -> hop();
            case EVENT -> event();
            case PS -> ps();
            case EXIT -> throw CurThread.exit(random.nextInt(3));
            case EXIT_PROC -> throw exitProc(me);
            case THROW -> throw new Planned();
            case OVERFLOW -> overflow(0);
            default -> throw new AssertionError(op);
        }
    }

    private Duration millis(int most) {
        return Duration.ofMillis(random.nextInt(most + 1));
    }

    private Duration patience() {
        return millis(random.nextBoolean() ? 1 : 200);
    }

    private int flags() {
        return new int[] {
                    0, SleepPriority.PCATCH, SleepPriority.SUSPENDABLE, SleepPriority.PCATCH | SleepPriority.SUSPENDABLE
                }
                [random.nextInt(4)];
    }

    private Life someone(Life me) {
        Life life = world.some(random);
        return life == null ? me : life;
    }

    /** Another process; oneself is EDEADLK, which is as good. */
    private Proc other(Life me) {
        return someone(me).thread.proc();
    }

    /* ---- Sleep. ---- */

    private void sleep() {
        int i = random.nextInt(stage.channels.length);
        int pri = flags() | SleepPriority.PVM * random.nextInt(4);
        if (random.nextBoolean()) {
            kernel.sleepQueues().tsleep(stage.channels[i], pri, "tsleep", millis(200));
            return;
        }
        boolean drop = random.nextBoolean();
        stage.locks[i].lock();
        try {
            kernel.sleepQueues()
                    .msleep(
                            stage.channels[i],
                            stage.locks[i],
                            drop ? pri | SleepPriority.PDROP : pri,
                            "msleep",
                            millis(200));
        } finally {
            if (!drop) {
                stage.locks[i].unlock();
            }
        }
    }

    private void wakeup() {
        Object chan = stage.channels[random.nextInt(stage.channels.length)];
        if (random.nextBoolean()) {
            kernel.sleepQueues().wakeup(chan);
        } else {
            kernel.sleepQueues().wakeupOne(chan);
        }
    }

    private void region() throws InterruptedException {
        try {
            CurThread.quiescent("region", () -> {
                LockSupport.parkNanos(random.nextInt(2_000_000));
                if (random.nextInt(20) == 0) {
                    CurThread.quiescent("inner", () -> kernel.sleepQueues().pause("deep", millis(2)));
                }
                if (random.nextInt(50) == 0) {
                    throw CurThread.exit(0);
                }
            });
        } catch (RuntimeException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("the region throws nothing else", e);
        }
    }

    /* ---- To others. ---- */

    private void suspend(Life me) throws InterruptedException {
        Kthread target = someone(me).thread;
        boolean one = random.nextInt(3) == 0;
        try {
            Verdict verdict = (one ? target.suspend(patience()) : target.proc().suspend(patience())).verdict();
            if (verdict == Verdict.SUSPENDED) {
                world.figures.suspensions.increment();
                LockSupport.parkNanos(random.nextInt(200_000));
            }
        } finally {
            target.proc().resume(); // all without owner, the thread's too
        }
    }

    private void hold(Life me) throws InterruptedException {
        Proc target = other(me);
        try (Suspension quiet = target.hold("hold", patience())) {
            world.figures.holds.increment();
            world.requireStill(target.kthreads(), quiet.owner());
        }
    }

    private void quiesce(Life me) throws InterruptedException {
        if (random.nextInt(20) > 0 || !stage.quiescing.compareAndSet(false, true)) {
            return; // two at once refuse each other
        }
        Proc own = me.thread.proc();
        try (Suspension quiet = kernel.quiesce("quiesce", Kernel.ALL, millis(2000))) {
            world.figures.quiesces.increment();
            world.requireStill(world.everybodyBut(own), quiet.owner());
        } finally {
            stage.quiescing.set(false);
        }
    }

    /** Holds somebody, and ends: the hold ends with the process. */
    @SuppressWarnings("MustBeClosedChecker") // that it is left open is the point
    private void abandon(Life me) throws InterruptedException {
        Proc own = me.thread.proc();
        if (own != kernel.proc0() && own.kthreads().size() == 1) {
            other(me).hold("abandoned", patience());
            throw CurThread.exit(0);
        }
    }

    private Error exitProc(Life me) {
        return me.thread.proc() == kernel.proc0() ? CurThread.exit(0) : CurThread.exitProc(random.nextInt(3));
    }

    /* ---- New ones. ---- */

    private void create() {
        if (world.procs() >= world.most) {
            return;
        }
        KthreadSpec spec = stage.next();
        boolean stopped = random.nextInt(8) == 0;
        Proc proc = kernel.kthreads().kthreadCreate(stopped ? spec.flags(KthreadSpec.RFSTOPPED) : spec);
        if (stopped) {
            proc.resume();
        }
    }

    private void add(Life me) {
        if (world.procs() < world.most) {
            Proc proc = random.nextInt(10) == 0 ? kernel.proc0() : random.nextBoolean() ? me.thread.proc() : other(me);
            if (proc.kthreads().size() < 8) {
                kernel.kthreads().kthreadAdd(proc, stage.next());
            }
        }
    }

    /* ---- Files, lwps, events. ---- */

    private void file() {
        Syscalls sys = kernel.syscalls();
        if (sys.getpid() <= 1) {
            return; // these never end, and what they have open stays open
        }
        install();
        if (random.nextInt(4) > 0) {
            return;
        }
        String name = world.directory.resolve("f" + random.nextInt(8)).toString();
        int fd = sys.open(name, Syscalls.O_RDWR | Syscalls.O_CREAT);
        sys.pwrite(fd, ByteBuffer.allocate(16), random.nextInt(64));
        if (random.nextInt(3) > 0) {
            sys.close(fd); // else its process closes it
        }
    }

    private void install() {
        AutoCloseable descriptor = world.descriptor();
        boolean installed = false;
        try {
            int fd = kernel.syscalls().install(descriptor);
            installed = true;
            if (random.nextInt(3) > 0) {
                kernel.syscalls().close(fd);
            }
        } finally {
            if (!installed) {
                world.notInstalled();
            }
        }
    }

    /** Visits other processes; now and then it ends there. */
    private void hop() throws InterruptedException {
        Lwps lwps = kernel.lwps();
        Lwp home = lwps.curLwp();
        if (world.hasRoomForLwps()) {
            if (random.nextBoolean()) {
                lwps.rfork(1 + random.nextInt(2));
            } else {
                lwps.newLwp(someone(world.life()).thread.proc().pid());
            }
            world.track(lwps.curLwp());
            if (kernel.syscalls().getpid() > 1) {
                install();
            }
        } else {
            visit(world.someLwp(random));
        }
        if (random.nextInt(50) == 0) {
            throw CurThread.exit(0);
        }
        CurThread.suspendCheck();
        if (lwps.curLwp() != home && random.nextInt(3) > 0) {
            lwps.releaseLwp();
        } else {
            lwps.switchTo(null);
        }
    }

    private void visit(Lwp lwp) {
        if (lwp == null) {
            return;
        }
        try {
            kernel.lwps().switchTo(lwp);
        } catch (KernelPanic e) {
            if (!lwp.isReleased() && !String.valueOf(e.getMessage()).contains("already running")) {
                throw e;
            }
        }
    }

    private void ps() {
        if (kernel.ps().toString().isEmpty()) {
            world.violated(new AssertionError("ps shows nothing"));
        }
    }

    private void event() {
        AtomicInteger calls = new AtomicInteger();
        List<EventTag<Kthread>> tags = new CopyOnWriteArrayList<>();
        tags.add(kernel.events().threadCtor().register(thread -> calls.incrementAndGet(), random.nextInt()));
        tags.add(kernel.events()
                .threadExit()
                .register(thread -> tags.forEach(EventTag::deregister), 1 + random.nextInt(1000)));
        LockSupport.parkNanos(random.nextInt(100_000));
        tags.forEach(EventTag::deregister);
        int then = calls.get();
        LockSupport.parkNanos(1_000);
        if (calls.get() != then) {
            world.violated(new AssertionError("a handler runs after it was deregistered"));
        }
    }

    private int overflow(int depth) {
        return depth < 0 ? depth : overflow(depth + 1) + 1;
    }
}
