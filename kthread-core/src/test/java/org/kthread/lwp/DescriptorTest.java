package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.lwp.Syscalls.O_APPEND;
import static org.kthread.lwp.Syscalls.O_CREAT;
import static org.kthread.lwp.Syscalls.O_EXCL;
import static org.kthread.lwp.Syscalls.O_RDONLY;
import static org.kthread.lwp.Syscalls.O_RDWR;
import static org.kthread.lwp.Syscalls.O_TRUNC;
import static org.kthread.lwp.Syscalls.O_WRONLY;
import static org.kthread.lwp.Syscalls.RLIMIT_NOFILE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.proc.Lwp;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("Descriptors")
class DescriptorTest extends LwpTest {
    @TempDir
    private Path dir;

    private final List<String> closed = new ArrayList<>();
    private Lwp mine;

    @BeforeEach
    void enter() {
        mine = fork(Lwps.RUMP_RFCFDG);
        sys.chdir(dir.toString());
    }

    @AfterEach
    void leave() {
        if (!mine.isReleased()) {
            if (lwps.curLwp() != mine) {
                lwps.switchTo(mine);
            }
            lwps.releaseLwp();
        }
        lwps.switchTo(null);
    }

    private AutoCloseable closer(String name) {
        return () -> closed.add(name);
    }

    private AutoCloseable failing(String name) {
        return () -> {
            closed.add(name);
            throw new IOException(name + " fails");
        };
    }

    @Test
    @DisplayName("take the lowest free number")
    void lowestFree() {
        for (int i = 0; i < 10; i++) {
            assertEquals(i, sys.install(closer("x")));
        }
        sys.close(7);
        sys.close(3);
        assertEquals(3, sys.install(closer("x")));
        assertEquals(7, sys.open("f", O_RDWR | O_CREAT));
        assertEquals(10, sys.dup(7));
    }

    @Test
    @DisplayName("stay below RLIMIT_NOFILE, at first 128: EMFILE, and what could not be installed is not closed")
    void emfile() {
        assertEquals(128, sys.getrlimit(RLIMIT_NOFILE).cur());
        for (int i = 0; i < 128; i++) {
            sys.install(closer("x"));
        }
        assertErrno(Errno.EMFILE, () -> sys.install(closer("too many")));
        assertEquals(24, Errno.EMFILE.number());
        assertErrno(Errno.EMFILE, () -> sys.open("f", O_RDWR | O_CREAT));
        assertErrno(Errno.ENOENT, () -> sys.stat("f")); // nothing was made
        assertErrno(Errno.EMFILE, () -> sys.dup(0));
        assertEquals(List.of(), closed);
        sys.close(5);
        assertEquals(5, sys.install(closer("x")));
    }

    @Test
    @DisplayName("have a limit that 0 may raise, and others lower; what is open above it stays open")
    void rlimit() {
        sys.setrlimit(RLIMIT_NOFILE, new Rlimit(200_000, 200_000));
        sys.install(closer("a"));
        sys.install(closer("b"));
        sys.setuid(7);
        sys.setrlimit(RLIMIT_NOFILE, new Rlimit(1, 10));
        sys.fstat(1);
        assertErrno(Errno.EMFILE, () -> sys.dup(0));
        assertErrno(Errno.EPERM, () -> sys.setrlimit(RLIMIT_NOFILE, new Rlimit(1, 11)));
        assertErrno(Errno.EINVAL, () -> sys.setrlimit(RLIMIT_NOFILE, new Rlimit(11, 10)));
        assertErrno(Errno.EINVAL, () -> sys.setrlimit(RLIMIT_NOFILE, new Rlimit(-1, 10)));
        assertErrno(Errno.EINVAL, () -> sys.setrlimit(5, new Rlimit(1, 1)));
        assertErrno(Errno.EINVAL, () -> sys.getrlimit(-1));
        sys.setrlimit(RLIMIT_NOFILE, new Rlimit(10, 10));
        assertEquals(2, sys.dup(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 1, 127, 100_000, Integer.MAX_VALUE, Integer.MIN_VALUE})
    @DisplayName("out of range or not open are EBADF in every call")
    void badNumbers(int fd) {
        sys.install(closer("0"));
        ByteBuffer buf = ByteBuffer.allocate(1);
        assertErrno(Errno.EBADF, () -> sys.read(fd, buf));
        assertErrno(Errno.EBADF, () -> sys.write(fd, buf));
        assertErrno(Errno.EBADF, () -> sys.pread(fd, buf, 0));
        assertErrno(Errno.EBADF, () -> sys.pwrite(fd, buf, 0));
        assertErrno(Errno.EBADF, () -> sys.lseek(fd, 0, Syscalls.SEEK_SET));
        assertErrno(Errno.EBADF, () -> sys.dup(fd));
        assertErrno(Errno.EBADF, () -> sys.fstat(fd));
        assertErrno(Errno.EBADF, () -> sys.fsync(fd));
        assertErrno(Errno.EBADF, () -> sys.close(fd));
        assertErrno(Errno.EBADF, () -> sys.fget(fd, AutoCloseable.class));
        assertEquals(9, Errno.EBADF.number());
    }

    @Test
    @DisplayName("used after close are EBADF")
    void afterClose() {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        sys.close(fd);
        assertErrno(Errno.EBADF, () -> sys.close(fd));
        assertErrno(Errno.EBADF, () -> write(fd, "x"));
    }

    @Test
    @DisplayName("read and write at the offset, and at one of their own")
    void readAndWrite() {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        assertEquals(10, write(fd, "0123456789"));
        assertEquals("", read(fd, 4), "the end of the file is 0 bytes");
        assertEquals(2, sys.lseek(fd, 2, Syscalls.SEEK_SET));
        assertEquals("2345", read(fd, 4));
        assertEquals(5, sys.lseek(fd, -1, Syscalls.SEEK_CUR));
        assertEquals(10, sys.lseek(fd, 0, Syscalls.SEEK_END));
        assertEquals(2, sys.pwrite(fd, ByteBuffer.wrap("AB".getBytes(StandardCharsets.UTF_8)), 3));
        ByteBuffer buf = ByteBuffer.allocate(4);
        assertEquals(4, sys.pread(fd, buf, 2));
        assertEquals("2AB5", new String(buf.array(), StandardCharsets.UTF_8));
        assertEquals(0, sys.pread(fd, ByteBuffer.allocate(1), 100));
        assertEquals(10, sys.lseek(fd, 0, Syscalls.SEEK_CUR), "pread and pwrite leave the offset alone");
        assertEquals(new Stat(sys.getcwd().resolve("f").toString(), true, 10), sys.fstat(fd));
        sys.fsync(fd);

        assertErrno(Errno.EINVAL, () -> sys.lseek(fd, -1, Syscalls.SEEK_SET));
        assertErrno(Errno.EINVAL, () -> sys.lseek(fd, Long.MAX_VALUE, Syscalls.SEEK_END));
        assertErrno(Errno.EINVAL, () -> sys.lseek(fd, 0, 3));
        assertErrno(Errno.EINVAL, () -> sys.pread(fd, buf, -1));
        assertErrno(Errno.EINVAL, () -> sys.pwrite(fd, buf, -1));
    }

    @Test
    @DisplayName("open with the flags of open(2)")
    void flags() throws IOException {
        assertErrno(Errno.ENOENT, () -> sys.open("f", O_RDONLY));
        int fd = sys.open("f", O_WRONLY | O_CREAT | O_EXCL);
        write(fd, "12345");
        assertErrno(Errno.EBADF, () -> read(fd, 1));
        assertErrno(Errno.EEXIST, () -> sys.open("f", O_WRONLY | O_CREAT | O_EXCL));
        int reader = sys.open("f", O_RDONLY);
        assertErrno(Errno.EBADF, () -> write(reader, "x"));
        assertEquals("12345", read(reader, 10));
        int appender = sys.open("f", O_WRONLY | O_APPEND);
        int both = sys.open("f", O_RDWR | O_APPEND);
        write(appender, "6");
        write(both, "7");
        write(appender, "8");
        assertEquals("12345678", Files.readString(dir.resolve("f")));
        sys.close(sys.open("f", O_RDWR | O_TRUNC));
        assertEquals(0, sys.fstat(reader).size());
        int created = sys.open("g", O_RDONLY | O_CREAT);
        assertErrno(Errno.EBADF, () -> write(created, "x"));
        for (int bad : new int[] {3, O_RDONLY | O_TRUNC, 0x4000_0000, -1}) {
            assertErrno(Errno.EINVAL, () -> sys.open("f", bad));
        }
    }

    @Test
    @DisplayName("are refused as the system says")
    void errors() throws IOException {
        Files.createDirectory(dir.resolve("d"));
        Files.createDirectory(dir.resolve("d/e"));
        Files.createFile(dir.resolve("f"));
        assertErrno(Errno.ENOTDIR, () -> sys.chdir("f"));
        assertErrno(Errno.ENOTDIR, () -> sys.readdir("f"));
        assertErrno(Errno.ENOTDIR, () -> sys.open("f/g", O_RDONLY));
        assertErrno(Errno.ENOENT, () -> sys.chdir("nowhere"));
        assertErrno(Errno.EISDIR, () -> sys.open("d", O_RDWR));
        assertErrno(Errno.EISDIR, () -> sys.unlink("d"));
        assertErrno(Errno.ENOENT, () -> sys.unlink("nothing"));
        assertErrno(Errno.ENAMETOOLONG, () -> sys.open("x".repeat(5000), O_RDONLY));
        assertErrno(Errno.EINVAL, () -> sys.open("nul\0name", O_RDONLY));
        assertErrno(Errno.EINVAL, () -> sys.chdir("\0"));
        assertErrno(Errno.ENOENT, () -> sys.open("", O_RDONLY));
        int fd = sys.open("d", O_RDONLY);
        assertErrno(Errno.EISDIR, () -> read(fd, 1));
    }

    @Test
    @DisplayName("names begin at the working directory, which chdir changes for the whole process")
    void workingDirectory() throws IOException {
        Files.createDirectory(dir.resolve("d"));
        Files.writeString(dir.resolve("d/f"), "inside");
        sys.chdir("d");
        assertEquals(dir.toRealPath().resolve("d"), sys.getcwd());
        assertEquals("inside", read(sys.open("f", O_RDONLY), 10));
        sys.chdir("..");
        assertEquals(dir.toRealPath(), sys.getcwd());
        assertEquals(List.of("d"), sys.readdir("."));
        sys.rename("d/f", "g");
        assertEquals(List.of("d", "g"), sys.readdir("."));
        sys.unlink("g");
        assertEquals(List.of("d"), sys.readdir("."));
    }

    @Test
    @DisplayName("made by dup share the offset; the file closes with the last")
    void dup() {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        int copy = sys.dup(fd);
        write(fd, "1234");
        assertEquals(4, sys.lseek(copy, 0, Syscalls.SEEK_CUR));
        sys.close(fd);
        assertEquals(2, write(copy, "56"));
        sys.close(copy);
        assertErrno(Errno.EBADF, () -> write(copy, "7"));
    }

    @Test
    @DisplayName("can stand for anything that can be closed; file calls on it are refused")
    void installed() {
        AutoCloseable object = closer("it");
        int fd = sys.install(object);
        assertSame(object, sys.fget(fd, AutoCloseable.class));
        assertErrno(Errno.EINVAL, () -> sys.fget(fd, Thread.class));
        ByteBuffer buf = ByteBuffer.allocate(1);
        assertErrno(Errno.EOPNOTSUPP, () -> sys.read(fd, buf));
        assertErrno(Errno.EOPNOTSUPP, () -> sys.pwrite(fd, buf, 0));
        assertErrno(Errno.ESPIPE, () -> sys.lseek(fd, 0, Syscalls.SEEK_SET));
        assertErrno(Errno.EINVAL, () -> sys.fsync(fd));
        assertFalse(sys.fstat(fd).regular());
        assertThrows(NullPointerException.class, () -> sys.install(null));
        sys.close(fd);
        assertEquals(List.of("it"), closed);
    }

    @Test
    @DisplayName("close in the reverse of the order in which they entered this table, whatever their numbers")
    void reverseOrder() {
        sys.install(closer("a"));
        int b = sys.install(closer("b"));
        sys.install(closer("c"));
        sys.close(b);
        closed.clear();
        assertEquals(b, sys.install(closer("d")), "a low number that came late");
        lwps.releaseLwp();
        assertEquals(List.of("d", "c", "a"), closed);
    }

    @Test
    @DisplayName("that were copied keep the order of the original; an object closes with its last entry anywhere")
    void lastEntryAnywhere() {
        sys.install(closer("a"));
        sys.install(closer("b"));
        sys.dup(0); // so that a is the last to come, and goes first
        Lwp child = fork(Lwps.RUMP_RFFDG);
        sys.install(closer("c"));
        release(mine);
        assertEquals(List.of(), closed);
        release(child);
        assertEquals(List.of("c", "b", "a"), closed);
    }

    @Test
    @DisplayName("whose close fails: the others close all the same, and the failures come back together")
    void failuresTogether() {
        int pid = sys.getpid();
        sys.install(failing("a"));
        sys.install(closer("b"));
        sys.install(failing("c"));
        KernelException e = assertThrows(KernelException.class, lwps::releaseLwp);
        assertEquals(Errno.EIO, e.errno());
        assertEquals(List.of("c", "b", "a"), closed);
        assertEquals("c fails", e.getCause().getMessage());
        assertEquals("a fails", e.getSuppressed()[0].getMessage());
        assertTrue(kernel.pfind(pid).isEmpty(), "the process is gone all the same");
        assertEquals(1, sys.getpid());
    }

    @Test
    @DisplayName("whose closer is interrupted: a failure like any other, and the flag is set again")
    void interruptedCloser() {
        sys.install(closer("a"));
        sys.install(() -> {
            throw new InterruptedException("in a closer");
        });
        assertThrows(KernelException.class, lwps::releaseLwp);
        assertTrue(Thread.interrupted());
        assertEquals(List.of("a"), closed);
    }

    @Test
    @DisplayName("whose close fails in close: EIO, and the number is free all the same")
    void closeFails() {
        int fd = sys.install(failing("a"));
        assertErrno(Errno.EIO, () -> sys.close(fd));
        assertErrno(Errno.EBADF, () -> sys.close(fd));
        int interrupted = sys.install(() -> {
            throw new InterruptedException("in a closer");
        });
        assertErrno(Errno.EIO, () -> sys.close(interrupted));
        assertTrue(Thread.interrupted(), "the flag is set again");
    }

    @Test
    @DisplayName("may be used by a closer, which is in the implicit context, with nothing of ours held")
    void closerCalls() {
        List<Integer> pids = new ArrayList<>();
        sys.install(() -> {
            pids.add(sys.getpid());
            lwps.rfork(Lwps.RUMP_RFCFDG);
            sys.install(closer("inner"));
            lwps.releaseLwp();
            HostThread.runAndEnd("other", () -> {
                lwps.rfork(0);
                lwps.releaseLwp();
            });
        });
        lwps.releaseLwp();
        assertEquals(List.of(1), pids);
        assertEquals(List.of("inner"), closed);
    }

    @Test
    @DisplayName("closed by one thread while another is inside a call: the call ends well, or says EBADF")
    void closeDuringCalls() throws Exception {
        Files.writeString(dir.resolve("f"), "data");
        int pid = sys.getpid();
        try (HostThread host = new HostThread("reader")) {
            Future<Integer> reads = host.start(() -> {
                lwps.newLwp(pid);
                int good = 0;
                while (good < 2_000) {
                    try {
                        assertEquals(4, sys.pread(0, ByteBuffer.allocate(4), 0));
                        good++;
                    } catch (KernelException e) {
                        assertEquals(Errno.EBADF, e.errno(), e::toString);
                    }
                }
                lwps.releaseLwp();
                return good;
            });
            while (!reads.isDone()) {
                int fd = sys.open("f", O_RDONLY);
                sys.dup(fd);
                sys.close(fd);
                sys.close(1);
            }
            assertEquals(2_000, reads.get());
        }
    }
}
