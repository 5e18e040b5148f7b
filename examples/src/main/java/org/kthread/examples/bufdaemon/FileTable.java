package org.kthread.examples.bufdaemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.kthread.examples.DurableDirectory;

/** The files of the trace, and a limit to how many of them are open at once. */
final class FileTable implements Closeable {
    private final int limit;
    private final Runnable wakeVnlru;
    private final List<Vnode> vnodes = new ArrayList<>();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Set<Vnode> open = new LinkedHashSet<>();

    @GuardedBy("lock")
    private int mostOpen;

    /** The time of last use is copied: it goes on changing while we sort by it. */
    private record Candidate(Vnode vnode, long lastUsed) {}

    /**
     * An empty table.
     *
     * @param limit     so many files are open at most, but for those at work at this moment
     * @param wakeVnlru called when the limit is reached
     */
    FileTable(int limit, Runnable wakeVnlru) {
        this.limit = limit;
        this.wakeVnlru = wakeVnlru;
    }

    /** Makes the files in {@code dir}, empty. One that exists was allowed to be emptied. */
    void create(Path dir, List<String> names) throws IOException {
        for (String name : names) {
            Path path = dir.resolve(name);
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                Files.createFile(path);
            } else {
                FileChannel.open(
                                path,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                LinkOption.NOFOLLOW_LINKS)
                        .close();
            }
            vnodes.add(new Vnode(this, vnodes.size(), path));
        }
        DurableDirectory.force(dir);
    }

    List<Vnode> vnodes() {
        return vnodes;
    }

    int limit() {
        return limit;
    }

    int openFiles() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    int mostOpenFiles() {
        lock.lock();
        try {
            return mostOpen;
        } finally {
            lock.unlock();
        }
    }

    /** Counts a file that is about to be opened. At the limit another one is closed first: vnlru did not keep up. */
    void reserve(Vnode vnode) throws IOException {
        if (openFiles() >= limit) {
            wakeVnlru.run();
            reclaim(limit - 1);
        }
        lock.lock();
        try {
            open.add(vnode);
            mostOpen = Math.max(mostOpen, open.size());
        } finally {
            lock.unlock();
        }
    }

    void release(Vnode vnode) {
        lock.lock();
        try {
            open.remove(vnode);
        } finally {
            lock.unlock();
        }
    }

    /** Closes files, the one not used for longest first, until {@code target} are open or all others are at work. */
    int reclaim(int target) throws IOException {
        List<Candidate> candidates = new ArrayList<>();
        lock.lock();
        try {
            open.forEach(v -> candidates.add(new Candidate(v, v.lastUsed)));
        } finally {
            lock.unlock();
        }
        candidates.sort(Comparator.comparingLong(Candidate::lastUsed));
        int closed = 0;
        for (Candidate c : candidates) {
            if (openFiles() <= target) {
                break;
            }
            closed += c.vnode().closeIfIdle() ? 1 : 0;
        }
        return closed;
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (Vnode v : vnodes) {
            try {
                v.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
