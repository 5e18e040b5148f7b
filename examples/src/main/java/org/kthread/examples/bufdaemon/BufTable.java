package org.kthread.examples.bufdaemon;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which block is in which buffer, and the memory of all of them. Not thread-safe: its cache has the lock. */
final class BufTable {
    private record Key(int file, long block) {}

    private final int buffers;
    private final int blockSize;
    private final Map<Key, Buf> hash = new HashMap<>();

    /** Clean and not busy, the one not used for longest first. */
    private final Set<Buf> clean = new LinkedHashSet<>();

    /** Memory of buffers that could not be read. */
    private final Deque<byte[]> free = new ArrayDeque<>();

    private int allocated;

    BufTable(int buffers, int blockSize) {
        this.buffers = buffers;
        this.blockSize = blockSize;
    }

    @Nullable
    Buf find(Vnode vnode, long block) {
        return hash.get(new Key(vnode.index, block));
    }

    /** Memory for one more block: free, new, or that of the clean buffer not used for longest; null if there is none. */
    byte @Nullable [] space() {
        if (!free.isEmpty()) {
            return free.pop();
        }
        if (allocated < buffers) {
            allocated++;
            return new byte[blockSize];
        }
        Iterator<Buf> it = clean.iterator();
        if (!it.hasNext()) {
            return null;
        }
        Buf oldest = it.next();
        it.remove();
        hash.remove(key(oldest));
        return oldest.data;
    }

    void insert(Buf buf) {
        hash.put(key(buf), buf);
    }

    /** Takes out a buffer with nothing in it. */
    void discard(Buf buf) {
        hash.remove(key(buf));
        free.push(buf.data);
    }

    /** Its memory may be taken. */
    void idle(Buf buf) {
        clean.add(buf);
    }

    /** Its memory may not be taken. */
    void use(Buf buf) {
        clean.remove(buf);
    }

    private static Key key(Buf buf) {
        return new Key(buf.vnode.index, buf.block);
    }
}
