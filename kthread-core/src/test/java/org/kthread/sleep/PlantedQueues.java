package org.kthread.sleep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;

/** The sleep queues once more, as short as they can be, with a bug of {@code docs/models/gate.pml} planted, or none. */
final class PlantedQueues implements SleepRace.Queues {
    private final KernelClock clock;
    private final int bug;
    private final List<Node> nodes = new ArrayList<>();

    PlantedQueues(KernelClock clock, int bug) {
        this.clock = clock;
        this.bug = bug;
    }

    private static final class Node {
        final Object chan;
        final Sleeper sleeper;
        boolean chosen;

        Node(Object chan, Sleeper sleeper) {
            this.chan = chan;
            this.sleeper = sleeper;
        }
    }

    private synchronized void enqueue(Node node) {
        nodes.add(node);
    }

    private synchronized boolean dequeue(Node node) {
        return !nodes.remove(node);
    }

    @Override
    public WakeReason msleep(Object chan, Lock lock, int pri, Duration timo) {
        long deadline = clock.deadline(timo);
        Sleeper me = CurrentThread.get() instanceof Sleeper.Bearer bearer ? bearer.sleeper() : new HostSleeper(clock);
        Node node = new Node(chan, me);
        if (bug == 14) {
            lock.unlock();
            enqueue(node);
        } else {
            enqueue(node);
            lock.unlock();
        }
        int ended = me.await(0, deadline);
        boolean woken = dequeue(node);
        int reasons = me.settle(0, woken, ended);
        if ((pri & SleepPriority.PDROP) == 0) {
            lock.lock();
        }
        if ((reasons & Sleeper.DEAD) != 0) {
            if (woken && node.chosen && bug != 35) {
                wakeupOne(chan);
            }
            throw me.unwinding();
        }
        return woken && !(bug == 16 && ended == Sleeper.TIMEOUT) ? WakeReason.AWAKENED : WakeReason.TIMED_OUT;
    }

    private synchronized boolean wakeNext(Object chan) {
        for (Node node : nodes) {
            if (node.chan == chan) {
                nodes.remove(node);
                node.chosen = true;
                node.sleeper.awaken();
                return true;
            }
        }
        return false;
    }

    @Override
    public void wakeup(Object chan) {
        boolean more;
        do {
            more = wakeNext(chan);
        } while (more);
    }

    @Override
    public void wakeupOne(Object chan) {
        wakeNext(chan);
    }
}
