package org.kthread.lwp;

import java.io.PrintStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CyclicBarrier;
import java.util.function.Supplier;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.Lwp;
import org.kthread.sys.CurrentThread;

/**
 * What the calls cost, with one host thread and with two: a program to run by hand. The bases are the least code that does
 * the same. No gate: those are in the benchmarks.
 */
final class LwpFigures {
    private static final int BATCHES = 15;
    private static final int BATCH = 400_000;
    private static final int LIVE = 100_000;
    private static final VarHandle OWNER;

    static {
        try {
            OWNER = MethodHandles.lookup().findVarHandle(Base.class, "owner", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Kernel kernel = Kernel.start(KernelConfig.defaults().withMaxproc(1 << 20));
    private final Lwps lwps = kernel.lwps();
    private final Syscalls sys = kernel.syscalls();
    private final PrintStream out;

    @SuppressWarnings("unused") // written so that nothing is optimized away
    private volatile long sink;

    private LwpFigures(PrintStream out) {
        this.out = out;
    }

    /** What has an owner, and no more. */
    private static final class Base {
        @SuppressWarnings("unused") // by the handle
        private volatile Object owner;
    }

    /** One batch of one thread; made on that thread. */
    private interface Batch {
        long run(int n);
    }

    public static void main(String[] args) throws Exception {
        new LwpFigures(System.out).print();
    }

    private void print() throws Exception {
        out.printf(Locale.ROOT, "%-34s %10s %22s%n", "ns per operation, median", "1 thread", "2 threads, each");
        both("lookup alone, implicit", () -> LwpFigures::lookup);
        both("lookup alone, bound", () -> {
            lwps.rfork(0);
            return LwpFigures::lookup;
        });
        both("getpid, implicit", () -> this::getpid);
        both("curlwp, implicit", () -> this::curlwp);
        both("getpid, bound", () -> {
            lwps.rfork(0);
            return this::getpid;
        });
        both("curlwp, bound", () -> {
            lwps.rfork(0);
            return this::curlwp;
        });
        both("base of a switch", () -> {
            Base[] two = {new Base(), new Base()};
            two[1].owner = Thread.currentThread();
            return n -> base(two, n);
        });
        both("switch, one process", () -> switching(true));
        both("switch, two processes", () -> switching(false));
        both("newlwp(1) + release", () -> n -> {
            for (int i = 0; i < n; i++) {
                lwps.newLwp(1);
                lwps.releaseLwp();
            }
            return 0;
        });
        both("rfork(RFCFDG) + release", () -> n -> {
            for (int i = 0; i < n; i++) {
                lwps.rfork(Lwps.RUMP_RFCFDG);
                lwps.releaseLwp();
            }
            return 0;
        });
        memory();
        kernel.close();
    }

    private static long lookup(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += CurrentThread.get() == null ? 1 : 2;
        }
        return sum;
    }

    private long getpid(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += sys.getpid();
        }
        return sum;
    }

    private long curlwp(int n) {
        long sum = 0;
        for (int i = 0; i < n; i++) {
            sum += lwps.curLwp() == null ? 1 : 2;
        }
        return sum;
    }

    private static long base(Base[] two, int n) {
        Thread me = Thread.currentThread();
        for (int i = 0; i < n; i++) {
            Object[] slot = CurrentThread.slot();
            Base next = two[i & 1];
            if (!OWNER.compareAndSet(next, (Object) null, (Object) me)) {
                throw new AssertionError();
            }
            slot[0] = next;
            OWNER.setRelease(two[1 - (i & 1)], (Object) null);
        }
        CurrentThread.set(null);
        return n;
    }

    private Batch switching(boolean oneProcess) {
        lwps.rfork(0);
        Lwp first = lwps.curLwp();
        if (oneProcess) {
            lwps.newLwp(sys.getpid());
        } else {
            lwps.rfork(0);
        }
        Lwp second = lwps.curLwp();
        return n -> {
            for (int i = 0; i < n; i += 2) {
                lwps.switchTo(first);
                lwps.switchTo(second);
            }
            return n;
        };
    }

    private void both(String what, Supplier<Batch> batch) throws Exception {
        double one = median(1, batch);
        double two = median(2, batch);
        out.printf(Locale.ROOT, "%-34s %10.1f %10.1f (total x %.2f)%n", what, one, two, 2 * one / two);
    }

    private double median(int threads, Supplier<Batch> batch) throws Exception {
        double[][] times = new double[threads][BATCHES];
        CyclicBarrier barrier = new CyclicBarrier(threads);
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            double[] mine = times[t];
            Thread thread = new Thread(() -> {
                Batch body = batch.get();
                for (int i = -3; i < BATCHES; i++) {
                    meet(barrier);
                    long begin = System.nanoTime();
                    sink = body.run(BATCH);
                    long took = System.nanoTime() - begin;
                    if (i >= 0) {
                        mine[i] = (double) took / BATCH;
                    }
                }
                lwps.switchTo(null);
            });
            thread.start();
            all.add(thread);
        }
        for (Thread thread : all) {
            thread.join();
        }
        double[] flat =
                Arrays.stream(times).flatMapToDouble(Arrays::stream).sorted().toArray();
        return flat[flat.length / 2];
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private void memory() {
        long empty = used();
        List<Lwp> all = new ArrayList<>(LIVE);
        for (int i = 0; i < LIVE; i++) {
            lwps.newLwp(1);
            all.add(lwps.curLwp());
        }
        out.printf("bytes an lwp: %d%n", (used() - empty) / LIVE);
        for (Lwp lwp : all) {
            if (lwps.curLwp() != lwp) {
                lwps.switchTo(lwp);
            }
            lwps.releaseLwp();
        }
        all.clear();
        long before = used();
        for (int i = 0; i < LIVE; i++) {
            lwps.rfork(Lwps.RUMP_RFCFDG);
        }
        out.printf("bytes a process, its lwp and its place in the table included: %d%n", (used() - before) / LIVE);
        lwps.switchTo(null);
    }

    private static long used() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
