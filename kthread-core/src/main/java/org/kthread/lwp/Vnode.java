package org.kthread.lwp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

/** An open file: a channel that no interrupt closes, with the offset that all its descriptors share. */
final class Vnode implements AutoCloseable {
    /*
     * Locking key: (f) final; (o) this monitor: the offset. A call with an offset of its own does not take it, but to
     * append. It is held during the file's input and output, as the kernel holds the offset's lock; nothing of a program's runs
     * under it.
     */
    private final FileChannel channel; // (f) its position is (o)
    private final Path path; // (f)
    private final boolean readable; // (f)
    private final boolean writable; // (f)
    private final boolean append; // (f)

    Vnode(FileChannel channel, Path path, int flags) {
        this.channel = channel;
        this.path = path;
        this.readable = (flags & Syscalls.O_ACCMODE) != Syscalls.O_WRONLY;
        this.writable = (flags & Syscalls.O_ACCMODE) != Syscalls.O_RDONLY;
        this.append = (flags & Syscalls.O_APPEND) != 0;
    }

    /** Opens what a name means. */
    static Vnode open(Namei names, Path name, int flags, Uninterruptible uninterruptible) throws IOException {
        Namei.Found found = names.open(name, options(flags));
        FileChannel channel = found.channel();
        boolean opened = false;
        try {
            uninterruptible.guard(channel, found.path());
            if ((flags & Syscalls.O_TRUNC) != 0) {
                channel.truncate(0);
            }
            opened = true;
            return new Vnode(channel, found.path(), flags);
        } finally {
            if (!opened) {
                channel.close();
            }
        }
    }

    /** What the JDK calls these flags. */
    private static Set<OpenOption> options(int flags) {
        int access = flags & Syscalls.O_ACCMODE;
        boolean reads = access == Syscalls.O_RDONLY;
        if ((flags & ~Syscalls.O_KNOWN) != 0
                || access == Syscalls.O_ACCMODE
                || (reads && (flags & Syscalls.O_TRUNC) != 0)) {
            throw new KernelException(Errno.EINVAL, "open: flags 0x" + Integer.toHexString(flags) + " make no sense");
        }
        Set<OpenOption> options = new HashSet<>();
        if (access != Syscalls.O_WRONLY) {
            options.add(StandardOpenOption.READ);
        }
        if (!reads || (flags & Syscalls.O_CREAT) != 0) {
            options.add(StandardOpenOption.WRITE); // the JDK creates nothing that is to be read only
        }
        if ((flags & Syscalls.O_CREAT) != 0) {
            boolean excl = (flags & Syscalls.O_EXCL) != 0;
            options.add(excl ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE);
        }
        if ((flags & Syscalls.O_APPEND) != 0 && access == Syscalls.O_WRONLY) {
            options.add(StandardOpenOption.APPEND);
        }
        return options;
    }

    synchronized int read(ByteBuffer buf) throws IOException {
        require(readable, "reading");
        return Math.max(0, channel.read(buf));
    }

    int pread(ByteBuffer buf, long offset) throws IOException {
        require(readable, "reading");
        return Math.max(0, channel.read(buf, offset));
    }

    synchronized int write(ByteBuffer buf) throws IOException {
        require(writable, "writing");
        if (append && readable) { // else the system appends, also to what has no end
            channel.position(channel.size());
        }
        int before = buf.remaining();
        while (buf.hasRemaining()) { // where the system writes a part it says why only of the rest
            channel.write(buf);
        }
        return before;
    }

    int pwrite(ByteBuffer buf, long offset) throws IOException {
        require(writable, "writing");
        return append ? writeAtEnd(buf) : writeAt(buf, offset);
    }

    /** What Linux makes of an append at an offset, made of it everywhere. */
    private synchronized int writeAtEnd(ByteBuffer buf) throws IOException {
        return writeAt(buf, channel.size());
    }

    private int writeAt(ByteBuffer buf, long offset) throws IOException {
        int before = buf.remaining();
        for (long at = offset; buf.hasRemaining(); ) {
            at += channel.write(buf, at);
        }
        return before;
    }

    synchronized long lseek(long offset, int whence) throws IOException {
        long base = whence == Syscalls.SEEK_SET ? 0 : whence == Syscalls.SEEK_CUR ? channel.position() : channel.size();
        long to;
        try {
            to = Math.addExact(base, offset);
        } catch (ArithmeticException e) {
            throw new KernelException(
                    Errno.EINVAL, "lseek in " + path + " by " + offset + " from " + base + " is beyond any offset", e);
        }
        if (to < 0) {
            throw new KernelException(
                    Errno.EINVAL, "lseek in " + path + " to " + offset + " from " + base + " is below 0");
        }
        channel.position(to);
        return to;
    }

    Stat stat() throws IOException {
        return new Stat(path.toString(), true, channel.size());
    }

    void fsync() throws IOException {
        channel.force(true);
    }

    private void require(boolean may, String what) {
        if (!may) {
            throw new KernelException(Errno.EBADF, path + " is not open for " + what);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
