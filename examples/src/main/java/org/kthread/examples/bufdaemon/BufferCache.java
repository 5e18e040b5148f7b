package org.kthread.examples.bufdaemon;

import static org.kthread.sleep.SleepPriority.PRIBIO;
import static org.kthread.sleep.SleepPriority.PVM;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;

/**
 * The write-back cache: a bounded number of buffers, found by file and block, each free, clean, or dirty.
 *
 * <p>One lock guards who has which buffer; it is the interlock of every {@code msleep} here and is never held during disk I/O.
 * The data of a buffer belongs to the thread that made it busy, and a buffer stays busy and dirty while it is being written:
 * so nothing is torn, and no update is lost between the write and the moment it counts as clean.
 */
final class BufferCache {
    private final SleepQueues sleepQueues;
    final int blockSize;
    private final Marks marks;
    private final Consumer<Vnode> firstDirty;

    /** The channels, as the kernel has them. A channel is an object's identity: any object will do. */
    private final Object bdRequestChan = new Object();

    private final Object dirtyChan = new Object();
    private final Object needsBuffer = new Object();

    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final BufTable table;

    /** Dirty, the oldest first; busy ones too. */
    @GuardedBy("lock")
    private final Set<Buf> dirtyQueue = new LinkedHashSet<>();

    @GuardedBy("lock")
    private boolean bdRequest;

    @GuardedBy("lock")
    private boolean bdSpeedup;

    @GuardedBy("lock")
    private final CacheStats.Counters count = new CacheStats.Counters();

    /**
     * An empty cache.
     *
     * @param firstDirty called, under the cache's lock, when the first buffer of a file gets dirty
     */
    BufferCache(SleepQueues sleepQueues, int buffers, int blockSize, Consumer<Vnode> firstDirty) {
        this.sleepQueues = sleepQueues;
        this.blockSize = blockSize;
        this.table = new BufTable(buffers, blockSize);
        this.marks = Marks.of(buffers);
        this.firstDirty = firstDirty;
    }

    /** The numbers of this moment. */
    CacheStats stats() {
        lock.lock();
        try {
            return count.now(dirtyQueue.size());
        } finally {
            lock.unlock();
        }
    }

    /** The buffer of a block, busy for the caller, who gives it back by {@link #brelse} or {@link #bdwrite}. */
    Buf getblk(Vnode vnode, long block, boolean overwriteAll) throws IOException {
        Buf buf;
        boolean read;
        lock.lock();
        try {
            buf = claim(vnode, block);
            if (buf != null) {
                count.hits++;
                return buf;
            }
            byte[] data = table.space();
            if (data == null) {
                data = newbuf();
            }
            buf = new Buf(vnode, block, data);
            buf.busy = true;
            table.insert(buf);
            read = !overwriteAll && buf.position() < vnode.size;
            count.misses++;
        } finally {
            lock.unlock();
        }
        fill(buf, read);
        return buf;
    }

    /** Gives a buffer back unchanged. */
    void brelse(Buf buf) {
        lock.lock();
        try {
            release(buf);
        } finally {
            lock.unlock();
        }
    }

    /** Gives a buffer back changed: it is written later. The file now reaches at least to {@code size}. */
    void bdwrite(Buf buf, long size) {
        lock.lock();
        try {
            Vnode vnode = buf.vnode;
            vnode.size = Math.max(vnode.size, size);
            if (!buf.dirty) {
                buf.dirty = true;
                dirtyQueue.add(buf);
                if (vnode.dirty.isEmpty()) {
                    firstDirty.accept(vnode);
                }
                vnode.dirty.add(buf);
                count.mostDirty = Math.max(count.mostDirty, dirtyQueue.size());
                if (dirtyQueue.size() == marks.mid() + 1) {
                    bdWakeup(); // on the edge, once
                }
            }
            release(buf);
        } finally {
            lock.unlock();
        }
    }

    /** Waits, before a write, while too many buffers are dirty. */
    void bwillwrite() {
        lock.lock();
        try {
            if (dirtyQueue.size() > marks.hi()) {
                long start = System.nanoTime();
                while (dirtyQueue.size() > marks.hi()) {
                    bdWakeup();
                    sleepQueues.msleep(dirtyChan, lock, PRIBIO | SUSPENDABLE, "flswai", KernelClock.FOREVER);
                }
                count.longestStall = Math.max(count.longestStall, System.nanoTime() - start);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Where the file ends, flushed or not. */
    long size(Vnode vnode) {
        return locked(() -> vnode.size);
    }

    /** Write k is in the cache, and with it all writes of this file before it. */
    void written(Vnode vnode, long k) {
        locked(() -> vnode.written = k);
    }

    /**
     * Returns when all writes of the file that are in the cache now are on disk, and says up to which one that is.
     * Waits for buffers that others are writing, so it does not suspend: whoever syncs a file finishes it.
     */
    long fsync(Vnode vnode) throws IOException {
        long promise;
        List<Buf> todo;
        lock.lock();
        try {
            promise = vnode.written;
            todo = List.copyOf(vnode.dirty);
        } finally {
            lock.unlock();
        }
        for (Buf buf : todo) {
            if (claimDirty(buf)) {
                bwrite(buf);
            }
        }
        vnode.force();
        lock.lock();
        try {
            count.syncs++;
            vnode.durable = Math.max(vnode.durable, promise);
        } finally {
            lock.unlock();
        }
        return promise;
    }

    /** Whether any of its buffers is dirty. */
    boolean isDirty(Vnode vnode) {
        return locked(() -> !vnode.dirty.isEmpty());
    }

    /** How far each file is on disk. */
    List<Summary.Durable> durable(List<Vnode> vnodes) {
        return locked(() -> vnodes.stream()
                .map(v -> new Summary.Durable(v.name, v.durable, v.written))
                .toList());
    }

    // What bufdaemon does, beside its loop.

    /** Takes the requests made so far; the number of dirty buffers to flush down to. */
    int takeRequest() {
        lock.lock();
        try {
            boolean hurry = bdSpeedup;
            bdSpeedup = false;
            bdRequest = false;
            return hurry ? dirtyQueue.size() / 2 : marks.lo();
        } finally {
            lock.unlock();
        }
    }

    /** Writes the oldest dirty buffer that nobody is at work on, if more than {@code target} are dirty. */
    boolean flushOne(int target) throws IOException {
        Buf buf;
        lock.lock();
        try {
            buf = dirtyQueue.size() > target ? firstIdle(dirtyQueue) : null;
            if (buf == null) {
                return false;
            }
            buf.busy = true;
            count.flushes++;
        } finally {
            lock.unlock();
        }
        bwrite(buf);
        return true;
    }

    /**
     * bufdaemon sleeps, unless there is a new request: a second when there is nothing to do, a tenth when there is. The kernel
     * needs the second so that a suspend is noticed; here the sleep is suspendable, and the second only a safety net.
     */
    void bdSleep() {
        lock.lock();
        try {
            boolean idle = dirtyQueue.size() <= marks.lo();
            if (!bdRequest) {
                Duration nap = idle ? Duration.ofSeconds(1) : Duration.ofMillis(100);
                sleepQueues.msleep(bdRequestChan, lock, PVM | SUSPENDABLE, idle ? "psleep" : "qsleep", nap);
            }
            count.wakeups++;
        } finally {
            lock.unlock();
        }
    }

    private <T> T locked(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void bdWakeup() {
        if (!bdRequest) {
            bdRequest = true;
            sleepQueues.wakeup(bdRequestChan);
        }
    }

    /** Makes a cached buffer busy for the caller; null if the block is not cached. */
    @GuardedBy("lock")
    private @Nullable Buf claim(Vnode vnode, long block) {
        Buf found = table.find(vnode, block);
        while (found != null && found.busy) {
            sleepQueues.msleep(found, lock, PRIBIO | SUSPENDABLE, "getblk", KernelClock.FOREVER);
            found = table.find(vnode, block);
        }
        if (found != null) {
            found.busy = true;
            table.use(found);
        }
        return found;
    }

    /** Makes a dirty buffer busy, waiting for whoever has it; false if it is clean by then. */
    private boolean claimDirty(Buf buf) {
        lock.lock();
        try {
            while (buf.dirty && buf.busy) {
                sleepQueues.msleep(buf, lock, PRIBIO, "biowr", KernelClock.FOREVER);
            }
            if (buf.dirty) {
                buf.busy = true;
            }
            return buf.dirty;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Memory for one more block, when there is none: bufdaemon must hurry. Nobody else brings in the same block meanwhile: only
     * its replayer gets blocks of a file.
     */
    @GuardedBy("lock")
    private byte[] newbuf() {
        byte[] data = null;
        long start = System.nanoTime();
        while (data == null) {
            bdSpeedup = true;
            bdWakeup();
            sleepQueues.msleep(needsBuffer, lock, PRIBIO | SUSPENDABLE, "newbuf", KernelClock.FOREVER);
            data = table.space();
        }
        count.longestStall = Math.max(count.longestStall, System.nanoTime() - start);
        return data;
    }

    private static @Nullable Buf firstIdle(Set<Buf> queue) {
        for (Buf buf : queue) {
            if (!buf.busy) {
                return buf;
            }
        }
        return null;
    }

    private void fill(Buf buf, boolean read) throws IOException {
        if (!read) {
            Arrays.fill(buf.data, (byte) 0);
            return;
        }
        try {
            buf.vnode.read(buf.data, blockSize, buf.position());
        } catch (IOException e) {
            discard(buf);
            throw e;
        }
    }

    /** Writes a buffer that is busy for the caller and dirty, and releases it: clean, or dirty at the end of the queue. */
    private void bwrite(Buf buf) throws IOException {
        boolean done = false;
        try {
            int length = (int) Math.min(blockSize, size(buf.vnode) - buf.position());
            buf.vnode.write(buf.data, length, buf.position());
            done = true;
        } finally {
            lock.lock();
            try {
                dirtyQueue.remove(buf);
                if (done) {
                    bundirty(buf);
                } else {
                    dirtyQueue.add(buf);
                }
                release(buf);
            } finally {
                lock.unlock();
            }
        }
    }

    @GuardedBy("lock")
    private void bundirty(Buf buf) {
        buf.dirty = false;
        buf.vnode.dirty.remove(buf);
        if (dirtyQueue.size() == marks.mid()) {
            sleepQueues.wakeup(dirtyChan);
        }
    }

    @GuardedBy("lock")
    private void release(Buf buf) {
        buf.busy = false;
        if (!buf.dirty) {
            table.idle(buf);
            sleepQueues.wakeup(needsBuffer);
        }
        sleepQueues.wakeup(buf);
    }

    private void discard(Buf buf) {
        lock.lock();
        try {
            table.discard(buf);
            buf.busy = false;
            sleepQueues.wakeup(buf);
            sleepQueues.wakeup(needsBuffer);
        } finally {
            lock.unlock();
        }
    }
}
