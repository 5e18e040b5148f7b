package org.kthread.lwp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.lwp.Syscalls.O_APPEND;
import static org.kthread.lwp.Syscalls.O_CREAT;
import static org.kthread.lwp.Syscalls.O_RDONLY;
import static org.kthread.lwp.Syscalls.O_RDWR;
import static org.kthread.lwp.Syscalls.O_TRUNC;
import static org.kthread.lwp.Syscalls.O_WRONLY;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.proc.Lwp;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("Files and pipes")
class FileTest extends LwpTest {
    @TempDir
    private Path dir;

    @BeforeEach
    void enter() {
        lwps.rfork(Lwps.RUMP_RFCFDG);
        sys.chdir(dir.toString());
    }

    @AfterEach
    void leave() {
        lwps.releaseLwp();
    }

    @Test
    @DisplayName("are written at the offset, at the end only with O_APPEND; nothing is created without O_CREAT")
    void appending() throws IOException {
        assertErrno(Errno.ENOENT, () -> sys.open("f", O_WRONLY));
        assertErrno(Errno.ENOENT, () -> sys.open("f", O_RDWR));
        Files.writeString(dir.resolve("f"), "1234");
        write(sys.open("f", O_WRONLY), "A");
        write(sys.open("f", O_RDWR), "B");
        assertEquals("B234", Files.readString(dir.resolve("f")));
        write(sys.open("f", O_WRONLY | O_APPEND), "5");
        assertEquals("B2345", Files.readString(dir.resolve("f")));
    }

    @Test
    @DisplayName("take each call only if they are open for it, at the offset or at one of its own: EBADF")
    void access() {
        int writer = sys.open("f", O_WRONLY | O_CREAT);
        int reader = sys.open("f", O_RDONLY | O_CREAT);
        ByteBuffer buf = ByteBuffer.allocate(1);
        assertErrno(Errno.EBADF, () -> sys.read(writer, buf));
        assertErrno(Errno.EBADF, () -> sys.pread(writer, buf, 0));
        assertErrno(Errno.EBADF, () -> sys.write(reader, buf));
        assertErrno(Errno.EBADF, () -> sys.pwrite(reader, buf, 0));
        assertEquals(0, sys.fstat(reader).size());
    }

    @Test
    @DisplayName("are not read into a buffer that is read-only, nor is anything else")
    void readOnlyBuffer() {
        ByteBuffer buf = ByteBuffer.allocate(1).asReadOnlyBuffer();
        for (int fd : new int[] {sys.open("f", O_RDONLY | O_CREAT), sys.install(() -> {}), 100}) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> sys.read(fd, buf))
                    .getMessage()
                    .startsWith("read of " + fd + ": the buffer is read-only"));
            assertTrue(assertThrows(IllegalArgumentException.class, () -> sys.pread(fd, buf, 0))
                    .getMessage()
                    .startsWith("pread of " + fd + ": the buffer is read-only"));
        }
    }

    @Test
    @DisplayName("are named in what is said of them")
    void messages() throws IOException {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        String file = dir.toRealPath().resolve("f").toString();
        write(fd, "1234");
        assertMessage(
                "EINVAL: lseek in " + file + " by 9223372036854775807 from 4 is beyond any offset",
                () -> sys.lseek(fd, Long.MAX_VALUE, Syscalls.SEEK_CUR));
        assertMessage(
                "EINVAL: lseek in " + file + " to -5 from 4 is below 0", () -> sys.lseek(fd, -5, Syscalls.SEEK_CUR));
        assertEquals(0, sys.lseek(fd, -4, Syscalls.SEEK_CUR));
        assertMessage(
                "EINVAL: descriptor " + fd + " is " + file + ", no java.lang.Thread", () -> sys.fget(fd, Thread.class));
        assertMessage("ENOENT: chdir none: " + dir.toRealPath().resolve("none"), () -> sys.chdir("none"));
        assertMessage("ENOENT: confine none: " + dir.toRealPath().resolve("none"), () -> sys.confine("none"));
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(KernelException.class, call).getMessage());
    }

    @Test
    @DisplayName("are closed with their last number")
    void closed() throws IOException {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        sys.dup(fd);
        sys.close(fd);
        assertEquals(List.of(dir.toRealPath().resolve("f")), openBeneath(dir));
        sys.close(1);
        assertEquals(List.of(), openBeneath(dir));
    }

    @Test
    @DisplayName("that are pipes cannot be synced: EINVAL, which the system says")
    void syncOfAPipe() throws Exception {
        mkfifo(dir.resolve("pipe"));
        int fd = sys.open("pipe", O_RDWR);
        assertErrno(Errno.EINVAL, () -> sys.fsync(fd));
    }

    @Test
    @DisplayName("that are pipes have no offset: ESPIPE")
    void offsetOfAPipe() throws Exception {
        mkfifo(dir.resolve("pipe"));
        int fd = sys.open("pipe", O_RDWR);
        for (int whence : new int[] {Syscalls.SEEK_SET, Syscalls.SEEK_CUR, Syscalls.SEEK_END}) {
            assertErrno(Errno.ESPIPE, () -> sys.lseek(fd, 0, whence));
        }
        assertErrno(Errno.ESPIPE, () -> sys.pread(fd, ByteBuffer.allocate(1), 0));
        assertErrno(Errno.ESPIPE, () -> sys.pwrite(fd, ByteBuffer.allocate(1), 0));
        assertEquals(1, write(fd, "x"));
        assertEquals("x", read(fd, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {O_WRONLY, O_RDWR})
    @DisplayName("opened with O_APPEND are written at the end by pwrite too, and that leaves the offset alone")
    void appendingAtAnOffset(int access) throws IOException {
        Files.writeString(dir.resolve("f"), "1234");
        int fd = sys.open("f", access | O_APPEND);
        assertEquals(1, sys.pwrite(fd, ByteBuffer.wrap(new byte[] {'5'}), 0));
        assertEquals("12345", Files.readString(dir.resolve("f")));
        if (access == O_RDWR) {
            assertEquals(0, sys.lseek(fd, 0, Syscalls.SEEK_CUR));
        }
    }

    @Test
    @DisplayName("that are pipes take what is appended")
    void appendingToAPipe() throws Exception {
        mkfifo(dir.resolve("pipe"));
        int reader = sys.open("pipe", O_RDWR);
        int fd = sys.open("pipe", O_WRONLY | O_APPEND);
        assertEquals(1, write(fd, "x"));
        assertErrno(Errno.ESPIPE, () -> sys.pwrite(fd, ByteBuffer.allocate(1), 0));
        assertErrno(Errno.ESPIPE, () -> sys.lseek(fd, 0, Syscalls.SEEK_CUR));
        assertEquals("x", read(reader, 1));
    }

    @Test
    @DisplayName("that cannot be cut do not stay open")
    void failingOpen() throws Exception {
        mkfifo(dir.resolve("pipe"));
        assertThrows(KernelException.class, () -> sys.open("pipe", O_RDWR | O_TRUNC));
        assertEquals(List.of(), openBeneath(dir));
    }

    @Test
    @DisplayName("have their number before they are opened: it is nobody else's, and not open, until they are")
    void numberFirst() throws Exception {
        Path pipe = mkfifo(dir.resolve("pipe"));
        sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(1, 128));
        Lwp mine = curLwp();
        int pid = sys.getpid();
        AtomicReference<Thread> opener = new AtomicReference<>();
        try (HostThread host = new HostThread("opener")) {
            Future<Integer> opening = host.start(() -> {
                opener.set(Thread.currentThread());
                lwps.newLwp(pid);
                int fd = sys.open("pipe", O_RDONLY);
                lwps.releaseLwp();
                return fd;
            });
            try {
                await().until(() -> isInside(opener.get(), Vnode.class)); // it waits for a writer
                assertErrno(Errno.EMFILE, () -> sys.install(() -> {}));
                assertErrno(Errno.EMFILE, () -> sys.open("f", O_RDWR | O_CREAT));
                assertErrno(Errno.EBADF, () -> sys.fstat(0));
                assertErrno(Errno.EBADF, () -> sys.dup(0));
                assertErrno(Errno.EBADF, () -> sys.close(0));
                lwps.rfork(Lwps.RUMP_RFFDG);
                assertEquals(0, sys.install(() -> {}), "a copy has it free");
                lwps.releaseLwp();
                lwps.switchTo(mine);
                sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(0, 128));
            } finally {
                FileChannel.open(pipe, StandardOpenOption.READ, StandardOpenOption.WRITE)
                        .close();
            }
            assertEquals(0, opening.get());
        }
        assertFalse(Files.exists(dir.resolve("f")));
        sys.close(0);
        assertEquals(List.of(), openBeneath(dir));
    }

    @Test
    @DisplayName("that could not be opened leave their number free")
    void numberBack() {
        assertErrno(Errno.ENOENT, () -> sys.open("none", O_RDONLY));
        assertErrno(Errno.EINVAL, () -> sys.open("f", -1));
        assertEquals(0, sys.open("f", O_RDWR | O_CREAT));
    }

    private static boolean isInside(Thread thread, Class<?> type) {
        return thread != null
                && Arrays.stream(thread.getStackTrace())
                        .anyMatch(frame -> frame.getClassName().equals(type.getName()));
    }

    @Test
    @DisplayName("of a file system without file channels are closed again: EOPNOTSUPP")
    void noFileChannel() throws IOException {
        try (FileSystem zip = FileSystems.newFileSystem(dir.resolve("zip"), Map.of("create", "true"))) {
            Path file = Files.writeString(zip.getPath("/f"), "in a zip");
            SeekableByteChannel channel = Files.newByteChannel(file);
            assertErrno(Errno.EOPNOTSUPP, () -> Namei.requireFile(channel, file));
            assertFalse(channel.isOpen());
            assertErrno(
                    Errno.EOPNOTSUPP, () -> new AnyNames(file.getParent()).open(file, Set.of(StandardOpenOption.READ)));
        }
    }

    @Test
    @DisplayName("whose directory cannot be read to the end: a failure like any other, with an errno")
    void unreadableDirectory() {
        IOException cause = new IOException("Input/output error");
        DirectoryStream<Path> failing = new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                throw new DirectoryIteratorException(cause);
            }

            @Override
            public void close() {}
        };
        assertSame(cause, assertThrows(IOException.class, () -> Namei.names(failing)));
    }

    @Test
    @DisplayName("fail with the errno of what the JDK throws, or of the reason it gives")
    void errnos() {
        assertErrno(Errno.EACCES, new AccessDeniedException("f"));
        assertErrno(Errno.ENOTEMPTY, new DirectoryNotEmptyException("d"));
        assertErrno(Errno.ENOTEMPTY, new FileSystemException("d", null, "Directory not empty"));
        assertErrno(Errno.EFBIG, new IOException("File too large"));
        assertErrno(Errno.EDQUOT, new IOException("Disk quota exceeded"));
        assertErrno(Errno.ENOSPC, new IOException("No space left on device"));
        assertErrno(Errno.EIO, new FileSystemException("f"));
        assertErrno(Errno.EIO, new IOException("Input/output error"));
    }

    private static void assertErrno(Errno errno, IOException thrown) {
        KernelException e = Errnos.of("call", thrown);
        assertEquals(errno, e.errno());
        assertEquals(errno + ": call: " + thrown.getMessage(), e.getMessage());
        assertEquals(thrown, e.getCause());
    }
}
