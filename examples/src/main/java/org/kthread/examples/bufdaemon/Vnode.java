package org.kthread.examples.bufdaemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One file of the trace, opened on demand and closed by vnlru when it was not used lately.
 *
 * <p>The handle is a {@link RandomAccessFile}: an interrupt of a thread in {@code FileChannel} would close the file under all
 * others. Reads, writes and syncs of one file exclude each other; those of different files do not.
 */
final class Vnode {
    /*
     * Locking key: (f) final; (i) the io lock; (c) the lock of the buffer cache.
     * Order: io lock, then the lock of the file table; never the cache's lock while holding the io lock.
     */
    final int index; // (f)
    final String name; // (f)
    final Path path; // (f)
    private final FileTable table; // (f)
    private final Object key; // (f) device and inode: the file that is ours

    private final ReentrantLock io = new ReentrantLock();

    @GuardedBy("io")
    private @Nullable RandomAccessFile handle;

    @GuardedBy("io")
    private boolean unforced;

    /** After a failed force the kernel may have dropped the pages, and a second force would succeed without them. */
    @GuardedBy("io")
    private boolean lost;

    /** Nanoseconds of the system clock; vnlru closes the smallest first. A file the trace closed is at 0. */
    volatile long lastUsed;

    /** Highest write of this file whose data is in the cache or below, with all writes of the file before it. */
    long written; // (c)

    /** Highest write promised to be on disk, with all before it. */
    long durable; // (c)

    /** One past the last byte that was written, flushed or not: a flush never writes beyond it. */
    long size; // (c)

    /** Its dirty buffers, oldest first. */
    final Set<Buf> dirty = new LinkedHashSet<>(); // (c)

    Vnode(FileTable table, int index, Path path) throws IOException {
        this.table = table;
        this.index = index;
        this.path = path;
        this.name = String.valueOf(path.getFileName());
        this.key = keyOf(path);
    }

    /** Reads {@code length} bytes; what lies beyond the end of the file is zeros. */
    void read(byte[] data, int length, long position) throws IOException {
        io.lock();
        try {
            RandomAccessFile file = handle();
            file.seek(position);
            int done = 0;
            for (int n = 0; done < length && n >= 0; done += Math.max(n, 0)) {
                n = file.read(data, done, length - done);
            }
            Arrays.fill(data, done, length, (byte) 0);
        } finally {
            io.unlock();
        }
    }

    void write(byte[] data, int length, long position) throws IOException {
        io.lock();
        try {
            RandomAccessFile file = handle();
            unforced = true;
            file.seek(position);
            file.write(data, 0, length);
        } finally {
            io.unlock();
        }
    }

    /** Returns when everything written before is on disk, in the file that bears this name. */
    void force() throws IOException {
        io.lock();
        try {
            forceHandle(handle());
        } finally {
            io.unlock();
        }
    }

    /** Whether something was written since the last force. */
    boolean isUnforced() {
        io.lock();
        try {
            return unforced;
        } finally {
            io.unlock();
        }
    }

    void open() throws IOException {
        io.lock();
        try {
            handle();
        } finally {
            io.unlock();
        }
    }

    /** Closes the file unless somebody is at work on it. What was written is forced first: its errors come to this handle. */
    boolean closeIfIdle() throws IOException {
        if (!io.tryLock()) {
            return false;
        }
        try {
            return closeHandle();
        } finally {
            io.unlock();
        }
    }

    void close() throws IOException {
        io.lock();
        try {
            closeHandle();
        } finally {
            io.unlock();
        }
    }

    @GuardedBy("io")
    private RandomAccessFile handle() throws IOException {
        lastUsed = System.nanoTime();
        RandomAccessFile file = handle;
        if (file == null) {
            checkSame();
            table.reserve(this);
            try {
                // "rw" would create a file that is gone; checkSame has seen it, and force looks again.
                file = new RandomAccessFile(path.toFile(), "rw");
            } catch (IOException e) {
                table.release(this);
                throw e;
            }
            handle = file;
        }
        return file;
    }

    @GuardedBy("io")
    private boolean closeHandle() throws IOException {
        RandomAccessFile file = handle;
        if (file == null) {
            return false;
        }
        try {
            if (unforced) {
                forceHandle(file);
            }
        } finally {
            handle = null;
            table.release(this);
            file.close();
        }
        return true;
    }

    @GuardedBy("io")
    private void forceHandle(RandomAccessFile file) throws IOException {
        if (lost) {
            throw new IOException(name + ": an earlier sync failed, what it should have written is not known");
        }
        try {
            file.getFD().sync();
            checkSame();
            unforced = false;
        } catch (IOException e) {
            lost = true;
            throw new IOException(name + ": " + e.getMessage(), e);
        }
    }

    private void checkSame() throws IOException {
        if (!keyOf(path).equals(key)) {
            throw new IOException(name + ": the file was replaced by another");
        }
    }

    private static Object keyOf(Path path) throws IOException {
        try {
            BasicFileAttributes a = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return Objects.requireNonNullElse(a.fileKey(), ""); // Windows has none
        } catch (NoSuchFileException e) {
            throw new IOException(path.getFileName() + ": the file is gone", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
