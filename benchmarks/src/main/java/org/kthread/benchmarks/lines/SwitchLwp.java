package org.kthread.benchmarks.lines;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.micrometer.context.ThreadLocalAccessor;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.benchmarks.Bench;
import org.kthread.lwp.Lwps;
import org.kthread.proc.Lwp;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A host thread hops between two contexts. One operation is one hop. The peers only say which context is current: two threads
 * may be in one context at once. Theirs is a hop in and out again, for they have no other.
 */
@State(org.openjdk.jmh.annotations.Scope.Thread)
public class SwitchLwp {
    private static final int HOPS = 1000;

    /** By hand: who runs it. */
    static final class Place {
        static final VarHandle RUNNER;

        static {
            try {
                RUNNER = MethodHandles.lookup().findVarHandle(Place.class, "runner", Thread.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        @SuppressWarnings("UnusedVariable") // by the handle
        private volatile @Nullable Thread runner;
    }

    /** What Micrometer restores. */
    static final class Accessor implements ThreadLocalAccessor<String> {
        private static final ThreadLocal<String> VALUE = new ThreadLocal<>();

        @Override
        public Object key() {
            return "bench";
        }

        @Override
        public @Nullable String getValue() {
            return VALUE.get();
        }

        @Override
        public void setValue(String value) {
            VALUE.set(value);
        }

        @Override
        public void setValue() {
            VALUE.remove();
        }
    }

    private static final ThreadLocal<@Nullable Object[]> SLOT = new ThreadLocal<>();

    private final Lwps lwps = Bench.kernel().lwps();
    private final Lwp[] ours = new Lwp[2];
    private final Place[] places = {new Place(), new Place()};
    private final Context[] contexts = new Context[2];
    private final ContextSnapshot[] snapshots = new ContextSnapshot[2];

    @Setup
    public void setUp() {
        for (int i = 0; i < 2; i++) {
            lwps.rfork(Lwps.RUMP_RFCFDG);
            ours[i] = Objects.requireNonNull(lwps.curLwp());
        }
        SLOT.set(new @Nullable Object[1]);
        ContextKey<Integer> key = ContextKey.named("bench");
        ContextRegistry registry = new ContextRegistry().registerThreadLocalAccessor(new Accessor());
        ContextSnapshotFactory factory =
                ContextSnapshotFactory.builder().contextRegistry(registry).build();
        for (int i = 0; i < 2; i++) {
            contexts[i] = Context.root().with(key, i);
            Accessor.VALUE.set("place " + i);
            snapshots[i] = factory.captureAll();
        }
    }

    @Benchmark
    @OperationsPerInvocation(HOPS)
    public void ours() {
        for (int i = 0; i < HOPS; i++) {
            lwps.switchTo(ours[i & 1]);
        }
    }

    @Benchmark
    @OperationsPerInvocation(HOPS)
    public void byHand() {
        for (int i = 0; i < HOPS; i++) {
            Place next = places[i & 1];
            @Nullable Object[] slot = SLOT.get();
            Place old = (Place) slot[0];
            if (!Place.RUNNER.compareAndSet(next, (Thread) null, Thread.currentThread())) {
                throw new IllegalStateException("running");
            }
            slot[0] = next;
            if (old != null) {
                Place.RUNNER.setRelease(old, (Thread) null);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(HOPS)
    @SuppressWarnings("MustBeClosedChecker") // it is closed at once
    public void openTelemetry() {
        for (int i = 0; i < HOPS; i++) {
            Scope scope = contexts[i & 1].makeCurrent();
            scope.close();
        }
    }

    @Benchmark
    @OperationsPerInvocation(HOPS)
    public void micrometer() {
        for (int i = 0; i < HOPS; i++) {
            ContextSnapshot.Scope scope = snapshots[i & 1].setThreadLocals();
            scope.close();
        }
    }
}
