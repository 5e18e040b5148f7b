package org.kthread.benchmarks.lines;

import io.opentelemetry.context.Context;
import org.jspecify.annotations.Nullable;
import org.kthread.benchmarks.Bench;
import org.kthread.lwp.Lwps;
import org.kthread.lwp.Syscalls;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Where a host thread is, and the least call of the process it is in; bound to an lwp, or in the implicit context. */
@State(Scope.Thread)
public class CurLwp {
    private static final int CALLS = 1000;

    private static final ThreadLocal<@Nullable Object[]> SLOT = new ThreadLocal<>();

    @Param("true")
    public boolean bound;

    private final Lwps lwps = Bench.kernel().lwps();
    private final Syscalls syscalls = Bench.kernel().syscalls();

    @Setup
    public void setUp() {
        SLOT.set(new Object[] {this});
        if (bound) {
            lwps.rfork(Lwps.RUMP_RFCFDG);
        }
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int curlwp() {
        int found = 0;
        for (int i = 0; i < CALLS; i++) {
            if (lwps.curLwp() != null) {
                found++;
            }
        }
        return found;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int getpid() {
        int sum = 0;
        for (int i = 0; i < CALLS; i++) {
            sum += syscalls.getpid();
        }
        return sum;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int lookup() {
        int found = 0;
        for (int i = 0; i < CALLS; i++) {
            if (SLOT.get()[0] != null) {
                found++;
            }
        }
        return found;
    }

    @Benchmark
    @OperationsPerInvocation(CALLS)
    public int openTelemetryCurrent() {
        int found = 0;
        for (int i = 0; i < CALLS; i++) {
            if (Context.current() != null) {
                found++;
            }
        }
        return found;
    }
}
