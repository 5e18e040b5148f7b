package org.kthread.benchmarks;

import com.google.gson.Gson;
import java.lang.annotation.Annotation;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.Proc;
import org.kthread.sys.KernelClock;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Measures the operations of one case by turns, in a JVM of its own: ours, the limit, each peer, and again, in batches of some
 * milliseconds. What one batch of ours takes is compared with what the batch of the limit beside it takes.
 */
public final class Paired {
    /*
     * Why not JMH alone: it measures one operation for seconds, in a JVM of its own, and the next one in the next. A machine
     * that is shared, or changes its pace, is another machine by then; the ratio of two such figures says little. Batches that
     * stand side by side meet the same machine, and the median of many ratios is steady where the figures are not.
     *
     * Why not one JVM for everything: what the compiler learns of one operation it would use for another. In one case the
     * operations share no code but the JDK's; each case has JVMs of its own, and several, for each compiles a little differently.
     * Each operation has its loop inside its own method: nothing is called through the harness but one method a batch or
     * an operation of microseconds.
     */

    /**
     * What to measure.
     *
     * @param type the benchmark class
     * @param params its parameters
     * @param methods of it, by turns
     * @param threads how many do it at once
     * @param seconds for all of it, but for the set-up
     * @param batchMillis how long a batch should be
     */
    public record Order(
            String type,
            Map<String, String> params,
            List<String> methods,
            int threads,
            double seconds,
            double batchMillis) {}

    private static final int LEAST_PAIRS = 3;
    private static final int MOST_PAIRS = 2000;

    private final Order order;
    private final Class<?> type;
    private final CyclicBarrier barrier;
    private final double[][] nanos; // of a batch: by thread, by method
    private final Map<String, List<Double>> samples = new LinkedHashMap<>();
    private volatile boolean measuringNow;
    private volatile boolean over;

    @SuppressWarnings("UnusedVariable") // written only
    private volatile @Nullable Object sink; // what operations gave, so that they are not left out

    private Paired(Order order) throws ClassNotFoundException {
        this.order = order;
        this.type = Class.forName(order.type());
        this.barrier = new CyclicBarrier(order.threads());
        this.nanos = new double[order.threads()][order.methods().size()];
        order.methods().forEach(method -> samples.put(method, new ArrayList<>()));
    }

    /** Arguments: a file with the order, as JSON, and where the samples go. */
    public static void main(String... args) throws Exception {
        Gson gson = new Gson();
        Paired paired = new Paired(gson.fromJson(Files.readString(Path.of(args[0])), Order.class));
        paired.run();
        Files.writeString(Path.of(args[1]), gson.toJson(paired.samples));
        System.exit(0); // whatever threads are left
    }

    private void run() throws InterruptedException {
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        List<Proc> procs = new ArrayList<>();
        for (int i = 0; i < order.threads(); i++) {
            int mine = i;
            Runnable body = () -> {
                try {
                    new Worker(mine).run();
                } catch (Throwable t) {
                    synchronized (failures) {
                        failures.add(t);
                    }
                    barrier.reset();
                }
            };
            if (type.isAnnotationPresent(KernelThread.class)) {
                procs.add(Bench.daemon("paired", false, body::run));
            } else {
                threads.add(new Thread(body));
            }
        }
        threads.forEach(Thread::start);
        for (Thread each : threads) {
            each.join();
        }
        for (Proc each : procs) {
            each.join(KernelClock.FOREVER);
        }
        for (Throwable failure : failures) {
            throw new IllegalStateException(order.type(), failure);
        }
    }

    /** One of the threads, with a state of its own. */
    private final class Worker {
        private final int mine;
        private final Object state;
        private final List<MethodHandle> operations = new ArrayList<>();
        private final List<Integer> each = new ArrayList<>(); // operations an invocation
        private final List<Method> before;
        private final List<Method> after;

        Worker(int mine) throws ReflectiveOperationException {
            this.mine = mine;
            this.state = type.getConstructor().newInstance();
            for (Map.Entry<String, String> param : order.params().entrySet()) {
                Field field = type.getField(param.getKey());
                field.set(
                        state,
                        field.getType() == int.class
                                ? (Object) Integer.valueOf(param.getValue())
                                : (Object) Boolean.valueOf(param.getValue()));
            }
            for (String name : order.methods()) {
                Method method = type.getMethod(name);
                operations.add(MethodHandles.lookup()
                        .unreflect(method)
                        .bindTo(state)
                        .asType(MethodType.methodType(Object.class)));
                OperationsPerInvocation many = method.getAnnotation(OperationsPerInvocation.class);
                each.add(many == null ? 1 : many.value());
            }
            this.before = annotated(Setup.class, Level.Invocation);
            this.after = annotated(TearDown.class, Level.Invocation);
        }

        private List<Method> annotated(Class<? extends Annotation> what, Level level) {
            List<Method> found = new ArrayList<>();
            for (Method method : type.getMethods()) {
                Annotation annotation = method.getAnnotation(what);
                if ((annotation instanceof Setup setup && setup.value() == level)
                        || (annotation instanceof TearDown tearDown && tearDown.value() == level)) {
                    found.add(method);
                }
            }
            return found;
        }

        private void call(List<Method> methods) throws ReflectiveOperationException {
            for (Method method : methods) {
                method.invoke(state);
            }
        }

        void run() throws Throwable {
            call(annotated(Setup.class, Level.Trial));
            int methods = order.methods().size();
            long begin = System.nanoTime();
            long warm = begin + (long) (order.seconds() * 0.35e9);
            long end = begin + (long) (order.seconds() * 1e9);
            long[] invocations = new long[methods];
            Arrays.fill(invocations, 1);
            // Warm up by turns, with batches that grow to their size; the first look at the clock after it ends the
            // warm-up.
            int turn = 0;
            boolean measuring = false;
            int pairs = 0;
            while (true) {
                for (int i = 0; i < methods; i++) {
                    int method = (i + turn) % methods;
                    barrier.await();
                    double nanosEach = batch(method, invocations[method]);
                    nanos[mine][method] = nanosEach / each.get(method);
                    if (!measuring && order.threads() == 1) {
                        double wanted = order.batchMillis() * 1e6 / nanosEach;
                        invocations[method] = before.isEmpty() ? Math.max(1, (long) Math.min(wanted, 1e7)) : 1;
                    } else if (!measuring) {
                        invocations[method] = Math.max(1, (long) (order.batchMillis() * 1e6 / Math.max(nanosEach, 1)));
                    }
                }
                turn++;
                barrier.await();
                if (mine == 0) {
                    if (measuring) {
                        keep();
                        pairs++;
                        over = (System.nanoTime() >= end && pairs >= LEAST_PAIRS) || pairs >= MOST_PAIRS;
                    } else {
                        long now = System.nanoTime();
                        measuringNow =
                                now >= warm && (turn >= 3 || now >= end); // operations of seconds are warm at once
                    }
                }
                barrier.await();
                measuring = measuringNow;
                if (over) {
                    return;
                }
            }
        }

        private double batch(int method, long invocations) throws Throwable {
            MethodHandle operation = operations.get(method);
            if (!before.isEmpty()) {
                call(before);
            }
            Object last = null;
            long begin = System.nanoTime();
            for (long i = 0; i < invocations; i++) {
                last = (Object) operation.invokeExact();
            }
            long took = System.nanoTime() - begin;
            sink = last;
            if (!after.isEmpty()) {
                call(after);
            }
            return (double) took / invocations;
        }
    }

    /** The mean of the threads is the sample. */
    private void keep() {
        int i = 0;
        for (List<Double> each : samples.values()) {
            double sum = 0;
            for (double[] ofThread : nanos) {
                sum += ofThread[i];
            }
            each.add(sum / nanos.length);
            i++;
        }
    }
}
