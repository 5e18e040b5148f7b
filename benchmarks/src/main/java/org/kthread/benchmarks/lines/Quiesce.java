package org.kthread.benchmarks.lines;

import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.benchmarks.Bench;
import org.kthread.proc.CurThread;
import org.kthread.proc.Suspension;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Many daemons that run all the time, giving way after each turn, are let go, all seen to run, and all made still again. Between
 * operations all are still.
 */
@State(Scope.Thread)
@SuppressWarnings("ThreadPriorityCheck") // to give way is what these daemons do
public class Quiesce {
    @Param("100")
    public int n;

    @Param("false")
    public boolean virtual;

    /** How many daemons have run since they were let go. */
    static final class Roll {
        private volatile int round;
        private final AtomicInteger present = new AtomicInteger();

        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes it
        void begin() {
            present.set(0);
            round++;
        }

        /** A daemon says that it runs; gives what to say the next time. */
        int call(int said) {
            int now = round;
            if (said != now) {
                present.incrementAndGet();
            }
            return now;
        }

        void awaitAll(int n) {
            while (present.get() < n) {
                Thread.yield();
            }
        }
    }

    /** By hand: one monitor, one volatile, one count. */
    static final class Broadcast {
        private final int n;
        private volatile boolean asked = true;
        private int parked;

        Broadcast(int n) {
            this.n = n;
        }

        void check() {
            if (asked) {
                park();
            }
        }

        private synchronized void park() {
            if (asked && ++parked == n) {
                notifyAll();
            }
            while (asked) {
                await();
            }
        }

        @SuppressWarnings("WaitNotInLoop") // the callers loop
        private void await() {
            try {
                wait();
            } catch (InterruptedException e) {
                throw new AssertionError("nobody interrupts it", e);
            }
        }

        synchronized void suspendAll() {
            asked = true;
            awaitAll();
        }

        synchronized void awaitAll() {
            while (parked < n) {
                await();
            }
        }

        synchronized void resumeAll() {
            parked = 0;
            asked = false;
            notifyAll();
        }
    }

    private final Roll ourRoll = new Roll();
    private final Roll baseRoll = new Roll();
    private Broadcast broadcast = new Broadcast(0);
    private @Nullable Suspension hold;

    @Setup
    public void setUp() throws InterruptedException {
        broadcast = new Broadcast(n);
        hold = Bench.kernel()
                .quiesce("bench", Kernel.ALL, Bench.LONG); // they are born still: none disturbs the making of the rest
        for (int i = 0; i < n; i++) {
            Bench.daemon("running", virtual, () -> {
                int said = 0;
                while (true) {
                    CurThread.suspendCheck();
                    said = ourRoll.call(said);
                    giveWay();
                }
            });
        }
        for (int i = 0; i < n; i++) {
            Bench.bare(virtual, () -> {
                        int said = 0;
                        while (true) {
                            broadcast.check();
                            said = baseRoll.call(said);
                            giveWay();
                        }
                    })
                    .start();
        }
        broadcast.awaitAll();
    }

    /** Virtual threads that only yield would keep their carriers to themselves: who was let go from outside would never run. */
    private void giveWay() {
        if (virtual) {
            LockSupport.parkNanos(1);
        } else {
            Thread.yield();
        }
    }

    @Benchmark
    public void ours() throws InterruptedException {
        ourRoll.begin();
        Objects.requireNonNull(hold).close();
        ourRoll.awaitAll(n);
        hold = Bench.kernel().quiesce("bench", Kernel.ALL, Bench.LONG);
    }

    @Benchmark
    public void byHand() {
        baseRoll.begin();
        broadcast.resumeAll();
        baseRoll.awaitAll(n);
        broadcast.suspendAll();
    }
}
