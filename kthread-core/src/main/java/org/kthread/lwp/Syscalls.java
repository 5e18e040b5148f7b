package org.kthread.lwp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import org.kthread.proc.Container;
import org.kthread.proc.Lwproc;
import org.kthread.proc.OpenFile;
import org.kthread.proc.ProcTable;
import org.kthread.proc.Pwd;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.Sleeper;

/**
 * The calls of the current process: that of the lwp the calling thread is bound to, of the kernel thread it is, else process
 * 1. What calls change in process 1 stays changed.
 *
 * <pre>{@code
 * Syscalls sys = kernel.syscalls();
 * int fd = sys.open("journal", Syscalls.O_WRONLY | Syscalls.O_CREAT | Syscalls.O_APPEND);
 * sys.write(fd, record);
 * sys.fsync(fd);
 * sys.close(fd);   // or not: the process's end closes it
 * }</pre>
 *
 * <p>Any thread may call any method. No call is interruptible: an interrupt is left pending, and never closes what others
 * share. What a descriptor stands for is not closed while a call on it is under way.
 *
 * <p><b>Differences from BSD.</b> The JVM cannot change its own directory or user: these are how <em>our</em> calls resolve
 * names and check rights, and the system sees the JVM's. So files have the JVM's owner, and their modes are not checked
 * against the process's uid. There is one uid and one gid, not three each. No descriptor is open at the beginning: the first is
 * 0. A signed result with {@code errno} is a {@link KernelException}. Any {@link AutoCloseable} can be a descriptor. A write
 * that the disk has room for a part of is an exception, never a smaller count. With {@link #O_APPEND} a {@link #pwrite} is at the
 * end, whatever its offset, as on Linux; with {@link #O_WRONLY} as well {@link #SEEK_CUR} is from the end, for the JDK does not
 * tell the offset; with {@link #O_RDWR} a write to a pipe or a terminal is ESPIPE. The JDK tells some errors
 * only in words: where the system speaks another language than English (its {@code LC_MESSAGES}), EISDIR, ENOTDIR, ELOOP,
 * ENAMETOOLONG, ENOSPC and others come as EIO, with the words in the message.
 *
 * @see <a href="https://man.netbsd.org/intro.2">intro(2)</a>
 */
public final class Syscalls {
    /** Open for reading. */
    public static final int O_RDONLY = 0x0000;
    /** Open for writing. */
    public static final int O_WRONLY = 0x0001;
    /** Open for both. */
    public static final int O_RDWR = 0x0002;
    /**
     * Each write is at the end, a {@link #pwrite} too. With {@link #O_WRONLY} the system sees to it. With {@link #O_RDWR} we look
     * for the end and then write there: who opened the file a second time, in this program or another, may write there at the
     * same moment, and one of the two is lost. Descriptors that share an open file ({@code dup}, {@code rfork}) share the end.
     */
    public static final int O_APPEND = 0x0008;
    /** Create it if it is not there. */
    public static final int O_CREAT = 0x0200;
    /** Cut it to nothing; needs writing. */
    public static final int O_TRUNC = 0x0400;
    /** With {@link #O_CREAT}: it must not be there. */
    public static final int O_EXCL = 0x0800;

    /** For {@link #lseek}: from the begin. */
    public static final int SEEK_SET = 0;
    /** For {@link #lseek}: from the offset. */
    public static final int SEEK_CUR = 1;
    /** For {@link #lseek}: from the end. */
    public static final int SEEK_END = 2;

    /** The limit on descriptors: numbers stay below. The only one there is. */
    public static final int RLIMIT_NOFILE = 8;

    static final int O_ACCMODE = 0x0003;
    static final int O_KNOWN = O_ACCMODE | O_APPEND | O_CREAT | O_TRUNC | O_EXCL;

    private final Lwproc lwproc;
    private final Uninterruptible uninterruptible = new Uninterruptible();

    /**
     * The calls of one kernel.
     *
     * @param table its processes
     */
    public Syscalls(ProcTable table) {
        this.lwproc = Objects.requireNonNull(table, "table").lwproc();
    }

    /* ---- Identity. ---- */

    /**
     * The current process.
     *
     * @return its pid; 1 in the implicit context
     */
    public int getpid() {
        return lwproc.current().pid();
    }

    /**
     * The parent of the current process.
     *
     * @return its pid; 1 if it has gone
     */
    public int getppid() {
        return lwproc.current().proc().ppid();
    }

    /**
     * The user.
     *
     * @return 0 for the superuser, as all begin
     */
    public int getuid() {
        return lwproc.current().uid();
    }

    /**
     * The group.
     *
     * @return 0 for wheel, as all begin
     */
    public int getgid() {
        return lwproc.current().gid();
    }

    /**
     * Changes the user, for every lwp of the process.
     *
     * @param uid 0 or more
     * @throws KernelException EPERM unless the user is 0, or this one already; EINVAL if it is negative
     */
    public void setuid(int uid) {
        lwproc.current().setuid(uid);
    }

    /**
     * Changes the group, for every lwp of the process.
     *
     * @param gid 0 or more
     * @throws KernelException EPERM unless the user is 0, or the group this one already; EINVAL if it is negative
     */
    public void setgid(int gid) {
        lwproc.current().setgid(gid);
    }

    /* ---- Limits. ---- */

    /**
     * A limit.
     *
     * @param resource {@link #RLIMIT_NOFILE}
     * @return the limit; at the beginning 128, up to 65,536
     * @throws KernelException EINVAL for any other resource
     */
    public Rlimit getrlimit(int resource) {
        requireNofile(resource);
        return lwproc.current().nofile();
    }

    /**
     * Changes a limit. Descriptors above it stay open.
     *
     * @param resource {@link #RLIMIT_NOFILE}
     * @param limit the new
     * @throws KernelException EPERM if it raises the maximum and the user is not 0; EINVAL if it is above its own maximum, or
     *     for any other resource
     */
    public void setrlimit(int resource, Rlimit limit) {
        Objects.requireNonNull(limit, "limit");
        requireNofile(resource);
        lwproc.current().nofile(limit);
    }

    private static void requireNofile(int resource) {
        if (resource != RLIMIT_NOFILE) {
            throw new KernelException(Errno.EINVAL, "resource " + resource + " has no limit; RLIMIT_NOFILE has");
        }
    }

    /* ---- Names. ---- */

    /**
     * The working directory.
     *
     * @return absolute, also for a confined process
     */
    public Path getcwd() {
        return lwproc.current().pwd().cwd();
    }

    /**
     * Changes the working directory, for every lwp of the process.
     *
     * @param name of the directory
     * @throws KernelException ENOENT, ENOTDIR, EACCES, ELOOP, EINVAL as of any name; ENOTCAPABLE if it leads out
     */
    public void chdir(String name) {
        change(name, false);
    }

    /**
     * Confines the current process, and all it will fork, to a directory, which becomes its working directory. From now on
     * every name is resolved beneath it ({@code O_RESOLVE_BENEATH}): one that leads out, by {@code ..}, by being absolute or
     * by a symbolic link, is ENOTCAPABLE, also if the link is swapped in while it is looked up. Never undone; a confined
     * process may confine itself further. Descriptors that are open stay so. A name of 1,024 characters, and one that leads more
     * than 512 directories down, is ENAMETOOLONG.
     *
     * <p>Needs the platform's secure directory streams, which Linux has, and Windows has not: there every name is EOPNOTSUPP
     * from now on. The first directory is found by its path, so whoever can rename it or what is above it is trusted; one
     * further down is found from there, and where somebody has put a link in its place every name is ENOTDIR.
     *
     * @param name of the directory
     * @throws KernelException as {@link #chdir}
     */
    public void confine(String name) {
        change(name, true);
    }

    private void change(String name, boolean confine) {
        Path dir = Namei.parse(name);
        Container container = lwproc.current();
        for (; ; ) {
            Pwd from = container.pwd();
            Path to;
            try {
                to = Namei.of(from).directory(dir);
            } catch (IOException e) {
                throw Errnos.of((confine ? "confine " : "chdir ") + name, e);
            }
            if (container.pwd(from, confine ? from.confine(to) : from.chdir(to))) {
                return;
            }
        }
    }

    /**
     * What is in a directory.
     *
     * @param name of the directory
     * @return names, sorted, without {@code .} and {@code ..}
     * @throws KernelException as {@link #chdir}
     */
    public List<String> readdir(String name) {
        try {
            return names().list(Namei.parse(name));
        } catch (IOException e) {
            throw Errnos.of("readdir " + name, e);
        }
    }

    /**
     * What a name leads to; links are followed. Nothing is opened, so a pipe without a writer does not hold up the caller.
     *
     * @param name of anything
     * @return the name as given, whether it is a regular file, and its size if so
     * @throws KernelException as {@link #chdir}
     */
    public Stat stat(String name) {
        try {
            BasicFileAttributes found = names().attributes(Namei.parse(name));
            return new Stat(name, found.isRegularFile(), found.isRegularFile() ? found.size() : 0);
        } catch (IOException e) {
            throw Errnos.of("stat " + name, e);
        }
    }

    /**
     * Removes a file, or a symbolic link. Who has it open may go on.
     *
     * @param name of the file
     * @throws KernelException as {@link #open}; EISDIR for a directory
     */
    public void unlink(String name) {
        try {
            names().unlink(Namei.parse(name));
        } catch (IOException e) {
            throw Errnos.of("unlink " + name, e);
        }
    }

    /**
     * Renames a file, in one step, in place of one that was there.
     *
     * @param from the name it has
     * @param to the name it gets
     * @throws KernelException as {@link #open}
     */
    public void rename(String from, String to) {
        try {
            names().rename(Namei.parse(from, "from"), Namei.parse(to, "to"));
        } catch (IOException e) {
            throw Errnos.of("rename " + from + " to " + to, e);
        }
    }

    private Namei names() {
        return Namei.of(lwproc.current().pwd());
    }

    /* ---- Descriptors. ---- */

    /**
     * Opens a file, beginning at the working directory.
     *
     * @param name of the file
     * @param flags one of {@code O_RDONLY}, {@code O_WRONLY}, {@code O_RDWR}, with others of the constants
     * @return the lowest number that was free
     * @throws KernelException EMFILE at the limit, before anything is made or cut; ENOENT, EEXIST, EACCES, EISDIR, ENOTDIR, ELOOP,
     *     ENAMETOOLONG, ENOSPC as the system says; EINVAL for an unknown flag or a name with NUL; ENOTCAPABLE if the name leads
     *     out of the directory the process is confined to; EOPNOTSUPP where the JVM or the platform cannot keep our promises
     */
    public int open(String name, int flags) {
        Path path = Namei.parse(name);
        Sleeper.requireStack(); // or a number might stay taken for nothing
        Container container = lwproc.current();
        int fd = container.reserve();
        boolean opened = false;
        try {
            fill(container, fd, Vnode.open(Namei.of(container.pwd()), path, flags, uninterruptible));
            opened = true;
            return fd;
        } catch (IOException e) {
            throw Errnos.of("open " + name, e);
        } finally {
            if (!opened) {
                container.free(fd);
            }
        }
    }

    private static void fill(Container container, int fd, Vnode file) throws IOException {
        boolean filled = false;
        try {
            container.fill(fd, file);
            filled = true;
        } finally {
            if (!filled) {
                file.close();
            }
        }
    }

    /**
     * Puts anything that can be closed under a number: it is closed by {@link #close}, or with the process. If this fails it
     * stays open. Reports show it by what its {@code toString} says now.
     *
     * @param object what
     * @return the lowest number that was free
     * @throws KernelException EMFILE at the limit
     */
    public int install(AutoCloseable object) {
        return lwproc.current().install(Objects.requireNonNull(object, "object"));
    }

    /**
     * What was installed under a number. It is not kept open for the caller.
     *
     * @param <T> what it is
     * @param fd a descriptor
     * @param type what it is to be
     * @return the object
     * @throws KernelException EBADF if the number is not open; EINVAL if it stands for something else
     */
    public <T> T fget(int fd, Class<T> type) {
        Objects.requireNonNull(type, "type");
        Container container = lwproc.current();
        OpenFile file = container.hold(fd);
        try {
            if (type.isInstance(file.object())) {
                return type.cast(file.object());
            }
            throw new KernelException(Errno.EINVAL, "descriptor " + fd + " is " + file + ", no " + type.getName());
        } finally {
            Container.dropLogged(file);
        }
    }

    /**
     * One more number for what is open. The offset is shared.
     *
     * @param fd a descriptor
     * @return the lowest number that was free
     * @throws KernelException EBADF if it is not open; EMFILE at the limit
     */
    public int dup(int fd) {
        return lwproc.current().dup(fd);
    }

    /**
     * Frees a number. What it stood for is closed if no other number, in any process, stands for it.
     *
     * @param fd a descriptor
     * @throws KernelException EBADF if it is not open; EIO if closing failed: the number is free all the same
     */
    public void close(int fd) {
        OpenFile file = lwproc.current().remove(fd);
        try {
            file.drop();
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            throw new KernelException(Errno.EIO, "close of " + fd + ", " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads at the offset, and moves it.
     *
     * @param fd a descriptor
     * @param buf receives up to what it has room for
     * @return how many bytes; 0 at the end of the file
     * @throws KernelException EBADF if it is not open for reading; EOPNOTSUPP if it is no file; EISDIR; EIO
     */
    public int read(int fd, ByteBuffer buf) {
        requireRoom("read", fd, buf);
        return (int) call("read", fd, file -> file.read(buf));
    }

    /**
     * Writes at the offset, and moves it.
     *
     * @param fd a descriptor
     * @param buf all of it is written; if that fails, its position tells how much was, and the offset is behind that
     * @return how many bytes
     * @throws KernelException EBADF if it is not open for writing; EOPNOTSUPP if it is no file; ENOSPC, EDQUOT, EFBIG where
     *     the disk, the quota, the limit on files has no room for all of it; EIO
     */
    public int write(int fd, ByteBuffer buf) {
        Objects.requireNonNull(buf, "buf");
        return (int) call("write", fd, file -> file.write(buf));
    }

    /**
     * Reads at an offset of its own.
     *
     * @param fd a descriptor
     * @param buf receives up to what it has room for
     * @param offset from the begin
     * @return how many bytes; 0 at the end of the file
     * @throws KernelException as {@link #read}; EINVAL if the offset is negative; ESPIPE of a pipe
     */
    public int pread(int fd, ByteBuffer buf, long offset) {
        requireRoom("pread", fd, buf);
        requireOffset("pread", offset);
        return (int) call("pread", fd, file -> file.pread(buf, offset));
    }

    /**
     * Writes at an offset of its own; with {@link #O_APPEND} at the end. The offset that others share stays.
     *
     * @param fd a descriptor
     * @param buf all of it is written; if that fails, its position tells how much was
     * @param offset from the begin
     * @return how many bytes
     * @throws KernelException as {@link #write}; EINVAL if the offset is negative; ESPIPE of a pipe
     */
    public int pwrite(int fd, ByteBuffer buf, long offset) {
        Objects.requireNonNull(buf, "buf");
        requireOffset("pwrite", offset);
        return (int) call("pwrite", fd, file -> file.pwrite(buf, offset));
    }

    private static void requireOffset(String call, long offset) {
        if (offset < 0) {
            throw new KernelException(Errno.EINVAL, call + ": offset " + offset + " is negative");
        }
    }

    /**
     * Moves the offset.
     *
     * @param fd a descriptor
     * @param offset how far
     * @param whence {@link #SEEK_SET}, {@link #SEEK_CUR} or {@link #SEEK_END}
     * @return the new offset; it may be beyond the end
     * @throws KernelException EBADF if it is not open; ESPIPE if it is no file, or a pipe; EINVAL if it would be negative, or
     *     for any other whence
     */
    public long lseek(int fd, long offset, int whence) {
        if (whence < SEEK_SET || whence > SEEK_END) {
            throw new KernelException(Errno.EINVAL, "lseek: whence " + whence);
        }
        return call("lseek", fd, file -> file.lseek(offset, whence));
    }

    /**
     * What is known of something open.
     *
     * @param fd a descriptor
     * @return its name, kind and size
     * @throws KernelException EBADF if it is not open; EIO
     */
    public Stat fstat(int fd) {
        OpenFile file = lwproc.current().hold(fd);
        try {
            return file.object() instanceof Vnode vnode ? vnode.stat() : new Stat(file.toString(), false, 0);
        } catch (IOException e) {
            throw Errnos.of("fstat " + fd, e);
        } finally {
            Container.dropLogged(file);
        }
    }

    /**
     * Brings what was written to disk.
     *
     * @param fd a descriptor
     * @throws KernelException EBADF if it is not open; EINVAL if it is no file; EIO
     */
    public void fsync(int fd) {
        call("fsync", fd, file -> {
            file.fsync();
            return 0;
        });
    }

    private static void requireRoom(String call, int fd, ByteBuffer buf) {
        if (Objects.requireNonNull(buf, "buf").isReadOnly()) {
            throw new IllegalArgumentException(
                    call + " of " + fd + ": the buffer is read-only and cannot receive anything; give a writable one");
        }
    }

    /** A call on a file. */
    private interface Call {
        long on(Vnode file) throws IOException;
    }

    /** Keeps what the number stands for open during the call. */
    private long call(String name, int fd, Call call) {
        OpenFile file = lwproc.current().hold(fd);
        try {
            if (file.object() instanceof Vnode vnode) {
                return call.on(vnode);
            }
            Errno errno = name.equals("lseek") ? Errno.ESPIPE : name.equals("fsync") ? Errno.EINVAL : Errno.EOPNOTSUPP;
            throw new KernelException(errno, name + " of " + fd + ", which is " + file + ", no file");
        } catch (IOException e) {
            throw Errnos.of(name + " of " + fd + ", " + file, e);
        } finally {
            Container.dropLogged(file);
        }
    }
}
