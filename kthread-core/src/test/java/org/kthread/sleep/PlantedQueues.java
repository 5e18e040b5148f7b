package org.kthread.sleep;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;

/** The sleep queues once more, as short as they can be, with a bug of {@code docs/models/sleep.pml} planted, or none. */
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
        int kind = (pri & SleepPriority.PCATCH) != 0 ? Sleeper.CATCH : 0;
        int ended = me.await(kind, deadline);
        boolean woken = dequeue(node) && !(bug == 63 && ended == Sleeper.INTERRUPT);
        int reasons = me.settle(kind, woken, ended);
        boolean dead = (reasons & Sleeper.DEAD) != 0;
        if (((pri & SleepPriority.PDROP) == 0 || bug == 56) && !(bug == 58 && dead)) {
            lock.lock();
        }
        if (dead) {
            if (woken && node.chosen && bug != 35) {
                wakeupOne(chan);
            }
            throw me.unwinding();
        }
        if (woken && !(bug == 16 && ended == Sleeper.TIMEOUT)) {
            return WakeReason.AWAKENED;
        }
        return ended == Sleeper.INTERRUPT ? WakeReason.INTERRUPTED : WakeReason.TIMED_OUT;
    }

    private synchronized boolean wakeNext(Object chan, boolean one) {
        Node next = null;
        for (Node node : nodes) {
            if (next == null && node.chan == chan) {
                next = node;
            }
        }
        if (next == null) {
            return false;
        }
        if (!(one && bug == 52)) {
            nodes.remove(next);
        }
        next.chosen = true;
        next.sleeper.awaken();
        return true;
    }

    @Override
    public void wakeup(Object chan) {
        boolean more;
        do {
            more = wakeNext(chan, false);
        } while (more);
    }

    @Override
    public void wakeupOne(Object chan) {
        wakeNext(chan, true);
    }
}
