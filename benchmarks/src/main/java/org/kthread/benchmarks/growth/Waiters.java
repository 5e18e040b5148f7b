package org.kthread.benchmarks.growth;

import static org.kthread.sleep.SleepPriority.PDROP;
import static org.kthread.sleep.SleepPriority.PWAIT;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.proc.CurThread;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;

/** Daemons asleep on one channel, or each on its own, and how long it takes until all of them have come out. */
final class Waiters implements Sweep {
    private static final int ONE = 0; // wakeup: all of one channel
    private static final int ONE_BY_ONE = 1; // wakeupOne, again and again
    private static final int MANY = 2; // a channel each
    private static final int PHASES = 3;

    @Override
    public String name() {
        return "sleepers";
    }

    @Override
    public String title() {
        return "Sleepers, woken until the last one has come out";
    }

    @Override
    public String elements() {
        return "sleepers";
    }

    @Override
    public List<Integer> sizes() {
        return Sweep.upTo(Bare.hasVirtual() ? 100_000 : 3_000);
    }

    @Override
    public Map<String, Double> run(int n) throws Exception {
        Map<String, Double> costs = new LinkedHashMap<>();
        Lap lap = new Lap(costs, n);
        Sleepers sleepers = Sleepers.none(n);
        Crowd crowd = new Crowd(sleepers);
        for (int i = 0; i < n; i++) {
            sleepers.create(i, Bare.hasVirtual(), crowd::sleep);
        }
        SleepQueues queues = sleepers.kernel.sleepQueues();
        crowd.awaitAsleep(ONE, n);
        lap.begin();
        queues.wakeup(crowd.one);
        crowd.out[ONE].await(n);
        lap.end("wakeup of one channel");
        crowd.awaitAsleep(ONE_BY_ONE, n);
        lap.begin();
        for (int i = 0; i < n; i++) {
            queues.wakeupOne(crowd.oneByOne);
        }
        crowd.out[ONE_BY_ONE].await(n);
        lap.end("wakeupOne of one channel");
        crowd.awaitAsleep(MANY, n);
        lap.begin();
        sleepers.wakeAll();
        crowd.out[MANY].await(n);
        lap.end("wakeup of a channel each");
        sleepers.kernel.close();
        bare(n, lap);
        return costs;
    }

    /** What the sleepers of one kernel share. */
    private static final class Crowd {
        final Object one = new Object();
        final Object oneByOne = new Object();
        final Count[] asleep = new Count[PHASES];
        final Count[] out = new Count[PHASES];
        private final ReentrantLock lock = new ReentrantLock();
        private final SleepQueues queues;

        Crowd(Sleepers sleepers) {
            this.queues = sleepers.kernel.sleepQueues();
            for (int i = 0; i < PHASES; i++) {
                asleep[i] = new Count();
                out[i] = new Count();
            }
        }

        /** The daemon: one sleep a phase. It takes no lock when it comes out. */
        void sleep() {
            for (int phase = 0; phase < PHASES; phase++) {
                Object chan = phase == ONE ? one : phase == ONE_BY_ONE ? oneByOne : CurThread.curproc();
                lock.lock();
                asleep[phase].add();
                queues.msleep(chan, lock, PWAIT | PDROP, "growth", KernelClock.FOREVER);
                out[phase].add();
            }
            throw CurThread.exit(0);
        }

        void awaitAsleep(int phase, int n) {
            asleep[phase].await(n);
            asleep[phase].await(n, lock); // the last one gives it up when it is on its queue
        }
    }

    /** The same by hand: everybody waits on one monitor. */
    private static void bare(int n, Lap lap) throws Exception {
        Object monitor = new Object();
        boolean[] go = new boolean[1];
        Count waiting = new Count();
        Count out = new Count();
        Thread[] threads = new Thread[n];
        for (int i = 0; i < n; i++) {
            threads[i] = Bare.factory(Bare.hasVirtual()).newThread(() -> {
                synchronized (monitor) {
                    waiting.add();
                    while (!go[0]) {
                        try {
                            monitor.wait();
                        } catch (InterruptedException e) {
                            return; // nobody does
                        }
                    }
                }
                out.add();
            });
            threads[i].start();
        }
        waiting.await(n);
        synchronized (monitor) {
            go[0] = true;
            lap.begin();
            monitor.notifyAll();
        }
        out.await(n);
        lap.end(Point.BASE + "notifyAll on one monitor");
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
