package org.kthread.benchmarks.lines;

import com.google.common.util.concurrent.Monitor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.benchmarks.Bench;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Two threads take turns: each wakes the other and sleeps until it is woken. One operation is one sleep and one wakeup. The two
 * rest between the invocations, of which each is many turns.
 */
@State(Scope.Thread)
public class Handshake {
    private static final int TURNS = 1000;

    @Param("false")
    public boolean virtual;

    /** A way to take turns. */
    abstract static class Table {
        private final Semaphore go = new Semaphore(0);
        private final Semaphore done = new Semaphore(0);

        /** Waits until it is this side's turn, then gives it to the other. */
        abstract void turn(int side) throws InterruptedException;

        final void play(int side) throws InterruptedException {
            while (true) {
                go.acquire();
                for (int i = 0; i < TURNS / 2; i++) {
                    turn(side);
                }
                done.release();
            }
        }

        final void invoke() throws InterruptedException {
            go.release(2);
            done.acquire(2);
        }

        final void seat(boolean virtual) {
            for (int side = 0; side < 2; side++) {
                int mine = side;
                Bench.bare(virtual, () -> {
                            try {
                                play(mine);
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        })
                        .start();
            }
        }
    }

    /** Ours, on kernel threads. */
    static final class Sleepq extends Table {
        private final SleepQueues queues = Bench.kernel().sleepQueues();
        private final ReentrantLock lock = new ReentrantLock();
        private final Object[] chans = {new Object(), new Object()};
        private int turn;

        @Override
        void turn(int side) {
            lock.lock();
            try {
                while (turn != side) {
                    queues.msleep(chans[side], lock, 0, "turn", KernelClock.FOREVER);
                }
                turn = 1 - side;
            } finally {
                lock.unlock();
            }
            queues.wakeup(chans[1 - side]);
        }
    }

    /** The same by hand: one monitor. */
    static final class BareMonitor extends Table {
        private int turn;

        @Override
        synchronized void turn(int side) throws InterruptedException {
            while (turn != side) {
                wait();
            }
            turn = 1 - side;
            notifyAll();
        }
    }

    /** A lock with two conditions. */
    static final class Conditions extends Table {
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition[] turned = {lock.newCondition(), lock.newCondition()};
        private int turn;

        @Override
        void turn(int side) throws InterruptedException {
            lock.lock();
            try {
                while (turn != side) {
                    turned[side].await();
                }
                turn = 1 - side;
                turned[1 - side].signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Guava's monitor: guards, no signals. */
    static final class GuavaMonitor extends Table {
        private final Monitor monitor = new Monitor();
        private final Monitor.Guard[] mine = {guard(0), guard(1)};
        private int turn;

        private Monitor.Guard guard(int side) {
            return new Monitor.Guard(monitor) {
                @Override
                public boolean isSatisfied() {
                    return turn == side;
                }
            };
        }

        @Override
        void turn(int side) throws InterruptedException {
            monitor.enterWhen(mine[side]);
            try {
                turn = 1 - side;
            } finally {
                monitor.leave();
            }
        }
    }

    /** The bare primitive: no lock, one waiter whom the waker must know. */
    static final class Park extends Table {
        private final Thread[] players = new Thread[2];
        private volatile int turn;

        @Override
        void turn(int side) {
            players[side] = Thread.currentThread();
            while (turn != side) {
                LockSupport.park(this);
            }
            turn = 1 - side;
            LockSupport.unpark(players[1 - side]);
        }
    }

    private final Table sleepq = new Sleepq();
    private final Table monitor = new BareMonitor();
    private final Table conditions = new Conditions();
    private final Table guava = new GuavaMonitor();
    private final Table park = new Park();

    @Setup
    public void setUp() {
        for (int side = 0; side < 2; side++) {
            int mine = side;
            Bench.daemon("player", virtual, () -> sleepq.play(mine));
        }
        for (Table table : new Table[] {monitor, conditions, guava, park}) {
            table.seat(virtual);
        }
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void ours() throws InterruptedException {
        sleepq.invoke();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void bareMonitor() throws InterruptedException {
        monitor.invoke();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void condition() throws InterruptedException {
        conditions.invoke();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void guavaMonitor() throws InterruptedException {
        guava.invoke();
    }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public void lockSupport() throws InterruptedException {
        park.invoke();
    }
}
