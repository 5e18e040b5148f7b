package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.errno;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.testing.badinput.Expected;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

/** The package {@code org.kthread.lwp}: the calls of the current process. */
final class SyscallRows {
    private static final String NOT_OPEN = "is not open in this process";
    private static final String EMPTY = "the empty name leads nowhere";

    private SyscallRows() {}

    static void in(Table table) {
        table.of(Syscalls.class).call("new Syscalls(ProcTable table)");
        Rows sys = table.of(Syscalls.class, world -> world.kernel().syscalls())
                .demand(Kind.STATE, Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED);
        sys.reads("getpid()", "getppid()", "getuid()", "getgid()", "getcwd()");
        identity(sys);
        limits(sys);
        names(sys);
        descriptors(sys);
        input(sys);
    }

    private static void identity(Rows sys) {
        for (String id : new String[] {"uid", "gid"}) {
            String call = "set" + id;
            everywhere(
                    sys.call(call + "(int " + id + ")")
                            .with(Kind.ZERO, id, returns())
                            .with(Kind.NEGATIVE, id, errno(Errno.EINVAL, "an id is 0 or more"))
                            .with(Kind.OVERFLOW, id, returns())
                            .when(
                                    Kind.STATE,
                                    errno(Errno.EPERM, call + "(6) in init (pid 1), which has uid 5"),
                                    world -> {
                                        Syscalls own = world.kernel().syscalls();
                                        own.setuid(5);
                                        return call(() -> {
                                            if (id.equals("uid")) {
                                                own.setuid(6);
                                            } else {
                                                own.setgid(6);
                                            }
                                        });
                                    }),
                    returns());
        }
    }

    private static void limits(Rows sys) {
        everywhere(
                sys.call("getrlimit(int resource)")
                        .sample("resource", world -> Syscalls.RLIMIT_NOFILE)
                        .with(Kind.ZERO, "resource", errno(Errno.EINVAL, "resource 0 has no limit; RLIMIT_NOFILE has"))
                        .with(Kind.NEGATIVE, "resource", errno(Errno.EINVAL, "has no limit"))
                        .with(Kind.OVERFLOW, "resource", errno(Errno.EINVAL, "has no limit"))
                        .returnsWhen(Kind.STATE),
                returns());
        everywhere(
                sys.call("setrlimit(int resource, Rlimit limit)")
                        .sample("resource", world -> Syscalls.RLIMIT_NOFILE)
                        .with(Kind.ZERO, "resource", errno(Errno.EINVAL, "has no limit"))
                        .with(Kind.NEGATIVE, "resource", errno(Errno.EINVAL, "has no limit"))
                        .with(Kind.OVERFLOW, "resource", errno(Errno.EINVAL, "has no limit"))
                        .when(
                                Kind.STATE,
                                errno(Errno.EINVAL, "is not 0 <= cur <= max"),
                                world -> setNofile(world, 2, 1))
                        .when(
                                Kind.STATE,
                                errno(Errno.EINVAL, "is not 0 <= cur <= max"),
                                world -> setNofile(world, -1, 1))
                        .when(Kind.STATE, errno(Errno.EMFILE, "descriptor 0 is not below RLIMIT_NOFILE"), world -> {
                            setNofile(world, 0, 0);
                            return world.kernel().syscalls().install(world);
                        })
                        .when(Kind.STATE, errno(Errno.EPERM, "only uid 0 may"), world -> {
                            world.kernel().syscalls().setuid(5);
                            return setNofile(world, 0, Long.MAX_VALUE);
                        }),
                returns());
    }

    private static Object setNofile(World world, long cur, long max) {
        world.kernel().syscalls().setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(cur, max));
        return max;
    }

    private static void names(Rows sys) {
        for (String signature : new String[] {"chdir", "confine", "readdir", "stat", "unlink"}) {
            Row row = sys.call(signature + "(String name)")
                    .sample("name", world -> "no such thing")
                    .with(Kind.ZERO, "name", errno(Errno.ENOENT, EMPTY));
            everywhere(
                    row.when(Kind.STATE, errno(Errno.ENOENT, signature + " no such thing")),
                    errno(Errno.ENOENT, "no such thing"));
        }
        everywhere(
                sys.call("rename(String from, String to)")
                        .with(Kind.ZERO, "from", errno(Errno.ENOENT, EMPTY))
                        .with(Kind.ZERO, "to", errno(Errno.ENOENT, EMPTY))
                        .when(
                                Kind.STATE,
                                errno(Errno.EINVAL, "is no name"),
                                world -> call(() -> world.kernel().syscalls().rename("a\0b", "good"))),
                errno(Errno.ENOENT, "rename good to good"));
        everywhere(
                sys.call("open(String name, int flags)")
                        .sample("name", world -> "no such thing")
                        .sample("flags", world -> Syscalls.O_RDONLY)
                        .with(Kind.ZERO, "name", errno(Errno.ENOENT, EMPTY))
                        .with(Kind.ZERO, "flags", errno(Errno.ENOENT, "open no such thing"))
                        .with(Kind.NEGATIVE, "flags", errno(Errno.EINVAL, "make no sense"))
                        .with(Kind.OVERFLOW, "flags", errno(Errno.EINVAL, "open: flags 0x7fffffff make no sense"))
                        .when(
                                Kind.STATE,
                                errno(Errno.EISDIR, "open ."),
                                world -> world.kernel().syscalls().open(".", Syscalls.O_WRONLY)),
                errno(Errno.ENOENT, "open no such thing"));
    }

    private static void descriptors(Rows sys) {
        everywhere(
                sys.call("install(AutoCloseable object)")
                        .when(Kind.STATE, gives(1), world -> {
                            AutoCloseable same = new ByteArrayInputStream(new byte[0]);
                            world.kernel().syscalls().install(same);
                            return world.kernel().syscalls().install(same); // twice: two numbers
                        })
                        .when(Kind.REENTRANT, gives("closed"), world -> {
                            Syscalls own = world.kernel().syscalls();
                            own.install(() -> own.install(() -> {}));
                            own.close(0);
                            return "closed";
                        }),
                returns());
        numbers(sys.call("fget(int fd, Class type)"))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "no java.lang.String"),
                        world -> world.kernel().syscalls().fget(installed(world), String.class));
        numbers(sys.call("dup(int fd)"));
        numbers(sys.call("close(int fd)"))
                .when(
                        Kind.STATE,
                        errno(Errno.EBADF, NOT_OPEN),
                        world -> call(() -> {
                            int fd = installed(world);
                            world.kernel().syscalls().close(fd);
                            world.kernel().syscalls().close(fd); // twice
                        }))
                .when(
                        Kind.STATE,
                        errno(Errno.EIO, "planted"),
                        world -> call(() -> {
                            int fd = world.kernel().syscalls().install(() -> {
                                throw new IllegalStateException("planted");
                            });
                            world.kernel().syscalls().close(fd);
                        }));
        numbers(sys.call("fstat(int fd)"));
        numbers(sys.call("fsync(int fd)"))
                .when(
                        Kind.STATE,
                        errno(Errno.EINVAL, "no file"),
                        world -> call(() -> world.kernel().syscalls().fsync(installed(world))));
    }

    private static void input(Rows sys) {
        numbers(sys.call("read(int fd, ByteBuffer buf)"))
                .when(
                        Kind.STATE,
                        errno(Errno.EOPNOTSUPP, "no file"),
                        world -> world.kernel().syscalls().read(installed(world), ByteBuffer.allocate(1)))
                .when(
                        Kind.STATE,
                        errno(Errno.EBADF, "is not open for reading"),
                        world -> inFile(world, Syscalls.O_WRONLY, (own, fd) -> own.read(fd, ByteBuffer.allocate(1))))
                .when(
                        Kind.STATE,
                        refuses("the buffer is read-only and cannot receive anything; give a writable one"),
                        world -> inFile(
                                world,
                                Syscalls.O_RDONLY,
                                (own, fd) -> own.read(fd, ByteBuffer.allocate(1).asReadOnlyBuffer())));
        numbers(sys.call("write(int fd, ByteBuffer buf)"))
                .when(
                        Kind.STATE,
                        errno(Errno.EBADF, "is not open for writing"),
                        world -> inFile(world, Syscalls.O_RDONLY, (own, fd) -> own.write(fd, ByteBuffer.allocate(1))));
        numbers(sys.call("pread(int fd, ByteBuffer buf, long offset)"))
                .with(Kind.ZERO, "offset", errno(Errno.EBADF, NOT_OPEN))
                .with(Kind.NEGATIVE, "offset", errno(Errno.EINVAL, "offset"))
                .with(
                        Kind.OVERFLOW,
                        "offset",
                        errno(Errno.EINVAL, "pread"),
                        world -> inFile(
                                world,
                                Syscalls.O_RDONLY,
                                (own, fd) -> own.pread(fd, ByteBuffer.allocate(1), Long.MAX_VALUE)))
                .when(
                        Kind.STATE,
                        refuses("the buffer is read-only and cannot receive anything; give a writable one"),
                        world -> inFile(
                                world,
                                Syscalls.O_RDONLY,
                                (own, fd) ->
                                        own.pread(fd, ByteBuffer.allocate(1).asReadOnlyBuffer(), 0)));
        numbers(sys.call("pwrite(int fd, ByteBuffer buf, long offset)"))
                .with(Kind.ZERO, "offset", errno(Errno.EBADF, NOT_OPEN))
                .with(Kind.NEGATIVE, "offset", errno(Errno.EINVAL, "offset"))
                .with(
                        Kind.OVERFLOW,
                        "offset",
                        errno(Errno.EINVAL, "pwrite"),
                        world -> inFile(
                                world,
                                Syscalls.O_WRONLY,
                                (own, fd) -> own.pwrite(fd, ByteBuffer.allocate(1), Long.MAX_VALUE)));
        numbers(sys.call("lseek(int fd, long offset, int whence)"))
                .with(Kind.ZERO, "offset", errno(Errno.EBADF, NOT_OPEN))
                .with(
                        Kind.NEGATIVE,
                        "offset",
                        errno(Errno.EINVAL, "is below 0"),
                        world -> inFile(world, Syscalls.O_RDONLY, (own, fd) -> own.lseek(fd, -1, Syscalls.SEEK_CUR)))
                .with(
                        Kind.OVERFLOW,
                        "offset",
                        errno(Errno.EINVAL, "lseek"),
                        world -> inFile(
                                world,
                                Syscalls.O_RDONLY,
                                (own, fd) -> own.lseek(fd, Long.MAX_VALUE, Syscalls.SEEK_SET)))
                .with(
                        Kind.OVERFLOW,
                        "offset",
                        errno(Errno.EINVAL, "from 1 is beyond any offset"),
                        world -> inFile(world, Syscalls.O_RDONLY, (own, fd) -> {
                            own.lseek(fd, 1, Syscalls.SEEK_SET);
                            return own.lseek(fd, Long.MAX_VALUE, Syscalls.SEEK_CUR);
                        }))
                .with(Kind.ZERO, "whence", errno(Errno.EBADF, NOT_OPEN))
                .with(Kind.NEGATIVE, "whence", errno(Errno.EINVAL, "lseek: whence -"))
                .with(Kind.OVERFLOW, "whence", errno(Errno.EINVAL, "lseek: whence 2147483647"))
                .when(
                        Kind.STATE,
                        errno(Errno.ESPIPE, "no file"),
                        world -> world.kernel().syscalls().lseek(installed(world), 0, Syscalls.SEEK_SET));
    }

    /** What is the same for all descriptors. */
    private static Row numbers(Row row) {
        row.with(Kind.ZERO, "fd", errno(Errno.EBADF, "descriptor 0 " + NOT_OPEN))
                .with(Kind.NEGATIVE, "fd", errno(Errno.EBADF, NOT_OPEN))
                .with(Kind.OVERFLOW, "fd", errno(Errno.EBADF, NOT_OPEN))
                .when(Kind.STATE, errno(Errno.EBADF, "descriptor 1 " + NOT_OPEN));
        return everywhere(row, errno(Errno.EBADF, NOT_OPEN));
    }

    /** The same on a daemon of another kernel, in a kernel that is down, in one that goes down, and when interrupted. */
    private static Row everywhere(Row row, Expected same) {
        for (Kind kind : new Kind[] {Kind.KERNEL, Kind.CLOSED, Kind.SHUTDOWN, Kind.INTERRUPTED}) {
            row.when(kind, same);
        }
        return row;
    }

    private static int installed(World world) {
        InputStream something = new ByteArrayInputStream(new byte[0]);
        return world.kernel().syscalls().install(something);
    }

    /** Something with an open file. */
    private interface OnFile {
        Object with(Syscalls own, int fd) throws Exception;
    }

    private static Object inFile(World world, int flags, OnFile call) throws Exception {
        Path file = Files.createTempFile("badinput", null);
        Syscalls own = world.kernel().syscalls();
        int fd = own.open(file.toString(), flags);
        try {
            return call.with(own, fd);
        } finally {
            own.close(fd);
            Files.delete(file);
        }
    }

    private static Object call(Runnable call) throws KernelException {
        call.run();
        return "returned";
    }
}
