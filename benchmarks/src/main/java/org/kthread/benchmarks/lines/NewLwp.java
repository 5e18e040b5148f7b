package org.kthread.benchmarks.lines;

import java.util.HashMap;
import java.util.Map;
import org.kthread.benchmarks.Bench;
import org.kthread.lwp.Lwps;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A context is made and released, from the implicit context. */
@State(Scope.Thread)
public class NewLwp {
    private static final Object LOCK = new Object();
    private static final Map<Integer, Object> TABLE = new HashMap<>();
    private static int next;

    private final Lwps lwps = Bench.kernel().lwps();

    @Benchmark
    public void newlwpRelease() {
        lwps.newLwp(1);
        lwps.releaseLwp();
    }

    @Benchmark
    public void rforkRelease() {
        lwps.rfork(Lwps.RUMP_RFCFDG);
        lwps.releaseLwp();
    }

    /** What any table of contexts costs: an object enters a shared map under a lock, and leaves it under the lock. */
    @Benchmark
    public void enterAndLeaveMap() {
        int key;
        Object value = new Object();
        synchronized (LOCK) {
            key = next++ & 0xffff;
            TABLE.put(key, value);
        }
        synchronized (LOCK) {
            TABLE.remove(key, value);
        }
    }
}
