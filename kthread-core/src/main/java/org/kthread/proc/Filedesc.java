package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/**
 * A descriptor table: which number stands for what. Processes made by {@code rfork(0)} share one; it is closed with the
 * last of them, in the reverse of the order in which the entries came into this table.
 */
final class Filedesc {
    /*
     * Locking key: (d) this table's monitor, under which nothing of a program's runs: no close.
     */
    private static final Entry[] NONE = new Entry[0];
    private static final int LEAST = 4;

    @GuardedBy("this")
    private @Nullable Entry[] entries = NONE; // (d) by number; null: free

    @GuardedBy("this")
    private int lowest; // (d) no number below is free

    @GuardedBy("this")
    private long entered; // (d) how many entries ever came

    @GuardedBy("this")
    private int sharers = 1; // (d) processes

    /** One entry, and when it came. */
    private record Entry(int fd, OpenFile file, long order) {}

    /** One more process has this table. */
    synchronized Filedesc share() {
        requireOpen();
        sharers++;
        return this;
    }

    /** A table with the same entries, in the same order; what is open is shared, with its offset. */
    synchronized Filedesc copy() {
        Filedesc copy = new Filedesc();
        for (Entry entry : entries) {
            if (entry != null) {
                entry.file.ref();
            }
        }
        copy.adopt(entries.clone(), lowest, entered);
        return copy;
    }

    private synchronized void adopt(@Nullable Entry[] theirs, int theirLowest, long theirEntered) {
        entries = theirs;
        lowest = theirLowest;
        entered = theirEntered;
    }

    /** Enters something under the lowest free number. The caller's reference becomes the entry's. */
    synchronized int enter(OpenFile file, long limit) {
        int fd = lowestFree(limit);
        if (fd == entries.length) {
            entries = Arrays.copyOf(entries, Math.max(LEAST, 2 * fd));
        }
        entries[fd] = new Entry(fd, file, entered++);
        lowest = fd + 1;
        return fd;
    }

    /** The lowest free number; there is one below the limit, or it is EMFILE. */
    synchronized int lowestFree(long limit) {
        requireOpen();
        int fd = lowest;
        while (fd < entries.length && entries[fd] != null) {
            fd++;
        }
        if (fd >= limit) {
            throw new KernelException(
                    Errno.EMFILE,
                    "descriptor " + fd + " is not below RLIMIT_NOFILE, which is " + limit
                            + "; close something, or raise the limit");
        }
        return fd;
    }

    /** A closer of the last lwp may try: what it would open now, nobody would close. */
    @GuardedBy("this")
    private void requireOpen() {
        if (sharers == 0) {
            throw closed();
        }
    }

    static KernelException closed() {
        return new KernelException(Errno.ESRCH, "the last lwp of this process has ended: nothing can be opened in it");
    }

    /** What a number stands for, with a reference more, for a call on it. */
    synchronized OpenFile hold(int fd) {
        OpenFile file = entry(fd).file;
        file.ref();
        return file;
    }

    /** Takes an entry out; its reference becomes the caller's. */
    synchronized OpenFile remove(int fd) {
        OpenFile file = entry(fd).file;
        entries[fd] = null;
        lowest = Math.min(lowest, fd);
        return file;
    }

    @GuardedBy("this")
    private Entry entry(int fd) {
        Entry entry = fd < 0 || fd >= entries.length ? null : entries[fd];
        if (entry == null) {
            throw new KernelException(Errno.EBADF, "descriptor " + fd + " is not open in this process");
        }
        return entry;
    }

    /** What is open, as {@code number name}, by number. */
    List<String> names() {
        List<Entry> all;
        synchronized (this) {
            all = entries();
        }
        List<String> names = new ArrayList<>();
        for (Entry entry : all) {
            names.add(entry.fd + " " + entry.file);
        }
        return names;
    }

    @GuardedBy("this")
    private List<Entry> entries() {
        List<Entry> all = new ArrayList<>();
        for (Entry entry : entries) {
            if (entry != null) {
                all.add(entry);
            }
        }
        return all;
    }

    /** One process less has this table; with the last one everything in it is closed. Tells what was thrown. */
    void unshare(Consumer<Throwable> thrown) {
        List<Entry> all;
        synchronized (this) {
            assert sharers > 0 : "a table is closed once";
            sharers--;
            if (sharers > 0) {
                return;
            }
            all = entries();
            entries = NONE;
        }
        all.sort(Comparator.comparingLong(Entry::order).reversed());
        for (Entry entry : all) {
            try {
                entry.file.drop();
            } catch (Throwable t) {
                thrown.accept(t); // an unwinding too
            }
        }
    }
}
