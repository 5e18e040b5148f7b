package org.kthread.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
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

    /** What is still to be opened: no number for anybody else, and not open. It is in no table's order. */
    private static final Entry RESERVED = new Entry(-1, new OpenFile(() -> {}));

    @GuardedBy("this")
    private @Nullable Entry[] entries = NONE; // (d) by number; null: free; or RESERVED

    @GuardedBy("this")
    private int lowest; // (d) no number below is free

    @GuardedBy("this")
    private @Nullable Entry youngest; // (d) the last that came

    @GuardedBy("this")
    private int sharers = 1; // (d) processes

    /** One entry, among those that came before and after it: so that a table is closed without any memory. */
    private static final class Entry {
        final int fd; // (f)
        final OpenFile file; // (f)

        @Nullable
        Entry older; // (d)

        @Nullable
        Entry younger; // (d)

        Entry(int fd, OpenFile file) {
            this.fd = fd;
            this.file = file;
        }
    }

    /** Called while there is memory, and stack: an initializer that fails for want of them fails for the life of the JVM. */
    static void initialize() {
        Objects.requireNonNull(RESERVED);
    }

    /** One more process has this table. */
    synchronized Filedesc share() {
        requireOpen();
        sharers++;
        return this;
    }

    /** A table with the same entries, in the same order; what is open is shared, with its offset. */
    synchronized Filedesc copy() {
        requireOpen();
        Filedesc copy = new Filedesc();
        copy.adopt(entries.length, youngest);
        for (Entry entry = youngest; entry != null; entry = entry.older) {
            entry.file.ref(); // all at the end: nothing can fail any more
        }
        return copy;
    }

    private synchronized void adopt(int size, @Nullable Entry theirYoungest) {
        entries = new Entry[size]; // what is reserved in theirs is free here, so that lowest is 0
        Entry last = null;
        for (Entry entry = theirYoungest; entry != null; entry = entry.older) {
            Entry mine = new Entry(entry.fd, entry.file);
            entries[mine.fd] = mine;
            if (last == null) {
                youngest = mine;
            } else {
                mine.younger = last;
                last.older = mine;
            }
            last = mine;
        }
    }

    /** Enters something under the lowest free number. The caller's reference becomes the entry's. */
    synchronized int enter(OpenFile file, long limit) {
        int fd = lowestFree(limit);
        Entry entry = new Entry(fd, file);
        take(fd, entry);
        append(entry);
        return fd;
    }

    /** Takes the lowest free number before something is opened: or a file would be made, or cut, that nobody can open. */
    synchronized int reserve(long limit) {
        int fd = lowestFree(limit);
        take(fd, RESERVED);
        return fd;
    }

    /** Enters something under a number that is reserved. The caller's reference becomes the entry's. */
    synchronized void fill(int fd, OpenFile file) {
        requireOpen();
        assert entries[fd] == RESERVED : fd + " is not reserved";
        Entry entry = new Entry(fd, file);
        entries[fd] = entry;
        append(entry);
    }

    /** Gives a number back that is reserved. */
    synchronized void free(int fd) {
        if (sharers > 0) {
            assert entries[fd] == RESERVED : fd + " is not reserved";
            entries[fd] = null;
            lowest = Math.min(lowest, fd);
        }
    }

    @GuardedBy("this")
    private void take(int fd, Entry entry) {
        if (fd == entries.length) {
            entries = Arrays.copyOf(entries, Math.max(LEAST, 2 * fd));
        }
        entries[fd] = entry;
        lowest = fd + 1;
    }

    @GuardedBy("this")
    private void append(Entry entry) {
        entry.older = youngest;
        if (youngest != null) {
            youngest.younger = entry;
        }
        youngest = entry;
    }

    /** The lowest free number; there is one below the limit, or it is EMFILE. */
    @GuardedBy("this")
    private int lowestFree(long limit) {
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
        Entry entry = entry(fd);
        if (entry.younger == null) {
            youngest = entry.older;
        } else {
            entry.younger.older = entry.older;
        }
        if (entry.older != null) {
            entry.older.younger = entry.younger;
        }
        entries[fd] = null;
        lowest = Math.min(lowest, fd);
        return entry.file;
    }

    @GuardedBy("this")
    private Entry entry(int fd) {
        Entry entry = fd < 0 || fd >= entries.length ? null : entries[fd];
        if (entry == null || entry == RESERVED) {
            throw new KernelException(Errno.EBADF, "descriptor " + fd + " is not open in this process");
        }
        return entry;
    }

    /** What is open, as {@code number name}, by number. */
    List<String> names() {
        List<String> names = new ArrayList<>();
        synchronized (this) {
            for (Entry entry : entries) {
                if (entry != null && entry != RESERVED) {
                    names.add(entry.fd + " " + entry.file);
                }
            }
        }
        return names;
    }

    private static void tell(@Nullable Consumer<Throwable> thrown, Throwable t) {
        try {
            if (thrown != null) {
                thrown.accept(t);
            }
        } catch (OutOfMemoryError e) {
            // what comes behind it is to be closed all the same
        }
    }

    /**
     * One process less has this table; with the last one everything in it is closed. Tells what was thrown, if it can. The flag
     * of an interrupt is set when all is closed: it is not for the closers behind the one that it met.
     */
    void unshare(@Nullable Consumer<Throwable> thrown) {
        Entry last;
        synchronized (this) {
            assert sharers > 0 : "a table is closed once";
            sharers--;
            if (sharers > 0) {
                return;
            }
            last = youngest;
            youngest = null;
            entries = NONE;
        }
        boolean interrupted = false;
        for (Entry entry = last; entry != null; entry = entry.older) {
            try {
                entry.file.drop();
            } catch (Throwable t) {
                interrupted |= t instanceof InterruptedException;
                tell(thrown, t); // an unwinding too
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
