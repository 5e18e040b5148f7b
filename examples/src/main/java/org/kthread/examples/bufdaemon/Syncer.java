package org.kthread.examples.bufdaemon;

import static org.kthread.sleep.SleepPriority.PPAUSE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.kthread.proc.CurThread;
import org.kthread.shutdown.Howto;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;

/**
 * syncer: writes each file half a minute after it was first changed. A wheel of 32 slots, one a second; a file goes 30 ahead.
 *
 * <p>It cannot be suspended like others: its sleeps are plain and it checks for a suspend only when told to drain and drained,
 * after a whole empty turn of the wheel and four more rounds. So once it is parked, what it had to write is written.
 */
final class Syncer {
    static final int SLOTS = 32;
    static final int FILE_DELAY = 30;
    private static final int FINAL_ROUNDS = 4;
    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration SHUTDOWN_ROUND = Duration.ofMillis(250);

    private enum State {
        RUNNING,
        SHUTTING_DOWN,
        FINAL_DELAY
    }

    private final FileSync sync;
    private final SleepQueues sleepQueues;
    private final KernelClock clock;
    private final Consumer<String> console;
    private final Object wakeup = new Object();

    /** After the cache's lock, which is held when a file gets dirty; never while a file is synced. */
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final List<Set<Vnode>> wheel = new ArrayList<>();

    @GuardedBy("lock")
    private final Set<Vnode> onWheel = new HashSet<>();

    @GuardedBy("lock")
    private int slot;

    @GuardedBy("lock")
    private State state = State.RUNNING;

    @GuardedBy("lock")
    private int finalRounds;

    /** Syncs a file and writes what that promises into the journal. */
    @FunctionalInterface
    interface FileSync {
        /** Whether the file has become dirty again meanwhile. */
        boolean sync(Vnode vnode) throws IOException;
    }

    Syncer(FileSync sync, SleepQueues sleepQueues, KernelClock clock, Consumer<String> console) {
        this.sync = sync;
        this.sleepQueues = sleepQueues;
        this.clock = clock;
        this.console = console;
        for (int i = 0; i < SLOTS; i++) {
            wheel.add(new LinkedHashSet<>());
        }
    }

    /** A file got dirty. It keeps its place if it is on the wheel. */
    void add(Vnode vnode) {
        lock.lock();
        try {
            if (onWheel.add(vnode)) {
                wheel.get((slot + FILE_DELAY) % SLOTS).add(vnode);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * From now on at four times the speed, past empty slots, and parking once nothing is left; without a sync, parking at once.
     * (The kernel leaves its syncer running then, to the end; here all are parked before they are stopped.)
     */
    void shutdown(Howto howto) {
        lock.lock();
        try {
            state = howto.isNosync() ? State.FINAL_DELAY : State.SHUTTING_DOWN;
            sleepQueues.wakeup(wakeup);
        } finally {
            lock.unlock();
        }
    }

    void main() {
        CurThread.ready();
        long told = clock.nanoTime();
        while (!CurThread.shouldStop()) {
            long start = clock.nanoTime();
            if (isDrained()) {
                CurThread.suspendCheck();
            }
            if (isDraining() && start - told >= ROUND.toNanos()) {
                told = start;
                console.accept("Syncing disks, vnodes remaining... " + remaining());
            }
            for (Vnode vnode : nextSlot()) {
                syncOne(vnode);
            }
            nap(ROUND.minusNanos(clock.nanoTime() - start));
        }
        throw CurThread.exit(0);
    }

    private void syncOne(Vnode vnode) {
        boolean again = false;
        try {
            again = sync.sync(vnode);
        } catch (IOException e) {
            // Recorded by who syncs. The file is dropped: nothing more is promised of it, and the others must not wait.
        }
        if (again) {
            add(vnode);
        }
    }

    /** Turns the wheel by one, or to the next slot with work while shutting down, and takes what is there. */
    private Set<Vnode> nextSlot() {
        lock.lock();
        try {
            if (state == State.FINAL_DELAY) {
                finalRounds--;
            }
            int turned = 0;
            do {
                slot = (slot + 1) % SLOTS;
                turned++;
            } while (state != State.RUNNING && wheel.get(slot).isEmpty() && turned < SLOTS);
            Set<Vnode> work = wheel.set(slot, new LinkedHashSet<>());
            onWheel.removeAll(work);
            if (!work.isEmpty() && state == State.FINAL_DELAY) {
                state = State.SHUTTING_DOWN; // new work: all over again
            } else if (work.isEmpty() && state == State.SHUTTING_DOWN) {
                state = State.FINAL_DELAY;
                finalRounds = FINAL_ROUNDS;
            }
            return work;
        } finally {
            lock.unlock();
        }
    }

    private void nap(Duration toNextSecond) {
        lock.lock();
        try {
            Duration nap = state == State.RUNNING ? toNextSecond : SHUTDOWN_ROUND;
            if (!nap.isNegative() && !nap.isZero()) {
                sleepQueues.msleep(wakeup, lock, PPAUSE, "syncer", nap);
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isDraining() {
        lock.lock();
        try {
            return state != State.RUNNING;
        } finally {
            lock.unlock();
        }
    }

    private boolean isDrained() {
        lock.lock();
        try {
            return state == State.FINAL_DELAY && finalRounds <= 0;
        } finally {
            lock.unlock();
        }
    }

    int remaining() {
        lock.lock();
        try {
            return onWheel.size();
        } finally {
            lock.unlock();
        }
    }
}
