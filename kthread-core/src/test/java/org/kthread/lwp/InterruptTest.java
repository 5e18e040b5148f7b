package org.kthread.lwp;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.lwp.Syscalls.O_CREAT;
import static org.kthread.lwp.Syscalls.O_RDWR;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
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
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("An interrupt")
class InterruptTest extends LwpTest {
    private static final int ROUNDS = 5_000;

    @TempDir
    private Path dir;

    @BeforeEach
    void enter() {
        lwps.rfork(Lwps.RUMP_RFCFDG);
        sys.chdir(dir.toString());
    }

    @AfterEach
    void leave() {
        Thread.interrupted();
        lwps.releaseLwp();
    }

    /** The call ends well, and the flag stays set. */
    private static void interrupted(Action call) {
        Thread.currentThread().interrupt();
        assertDoesNotThrow(call::run);
        assertTrue(Thread.interrupted(), "the interrupt is left pending");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("before a call ends no call, stays pending, and closes nothing; of a confined process neither")
    void before(boolean confined) {
        if (confined) {
            sys.confine(".");
        }
        interrupted(() -> assertEquals(0, sys.open("f", O_RDWR | O_CREAT)));
        interrupted(() -> assertEquals(4, write(0, "1234")));
        interrupted(() -> assertEquals(1, sys.lseek(0, 1, Syscalls.SEEK_SET)));
        interrupted(() -> assertEquals("234", read(0, 10)));
        interrupted(() -> assertEquals(2, sys.pwrite(0, ByteBuffer.allocate(2), 10)));
        interrupted(() -> assertEquals(4, sys.pread(0, ByteBuffer.allocate(4), 0)));
        interrupted(() -> assertEquals(12, sys.fstat(0).size()));
        interrupted(() -> sys.fsync(0));
        interrupted(() -> assertEquals(1, sys.dup(0)));
        interrupted(() -> sys.close(0));
        interrupted(() -> sys.chdir("."));
        interrupted(() -> sys.rename("f", "g"));
        interrupted(() -> sys.readdir("."));
        interrupted(() -> sys.unlink("g"));
        assertEquals(12, sys.fstat(1).size(), "still open");
        interrupted(() -> lwps.newLwp(sys.getpid()));
        interrupted(lwps::releaseLwp);
        interrupted(() -> lwps.rfork(Lwps.RUMP_RFCFDG));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("during calls closes no file that others share")
    void during(boolean confined) throws Exception {
        if (confined) {
            sys.confine(".");
        }
        int fd = sys.open("f", O_RDWR | O_CREAT);
        write(fd, "1234");
        int pid = sys.getpid();
        AtomicReference<Thread> target = new AtomicReference<>();
        try (HostThread host = new HostThread("target")) {
            Future<Integer> work = host.start(() -> {
                lwps.newLwp(pid);
                target.set(Thread.currentThread());
                ByteBuffer buf = ByteBuffer.allocate(4);
                for (int i = 0; i < ROUNDS; i++) {
                    assertEquals(4, sys.pread(fd, buf.clear(), 0));
                    assertEquals(4, sys.pwrite(fd, buf.flip(), 0));
                }
                target.set(null);
                Thread.interrupted();
                lwps.releaseLwp();
                return ROUNDS;
            });
            int interrupts = 0;
            while (!work.isDone()) {
                Thread thread = target.get();
                if (thread != null) {
                    thread.interrupt();
                    interrupts++;
                }
            }
            assertEquals(ROUNDS, work.get());
            assertTrue(interrupts > 0);
        }
        assertEquals(4, sys.fstat(fd).size());
    }

    @Test
    @DisplayName("of a daemon in a call, by a stop, leaves the file open for the others")
    void stopOfADaemon() throws InterruptedException {
        int fd = sys.open("f", O_RDWR | O_CREAT);
        int pid = sys.getpid();
        var daemon = kernel.kthreads()
                .kthreadCreate(org.kthread.proc.KthreadSpec.named("writer").main(() -> {
                    lwps.newLwp(pid);
                    while (!Thread.currentThread().isInterrupted()) {
                        sys.pwrite(fd, ByteBuffer.allocate(8), 0);
                    }
                    for (int i = 0; i < 100; i++) {
                        sys.pwrite(fd, ByteBuffer.allocate(8), 0);
                    }
                    lwps.releaseLwp();
                }));
        await().until(() -> Files.size(dir.resolve("f")) > 0);
        assertTrue(daemon.stop(Duration.ofSeconds(10)).stuck().isEmpty());
        assertTrue(daemon.cause().isEmpty());
        assertEquals(8, sys.fstat(fd).size());
    }

    @Test
    @DisplayName("closes a channel that is not marked: so these tests can fail")
    void unmarkedIsClosed() throws Exception {
        Path file = dir.resolve("g");
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertFalse(Uninterruptible.proves(channel));
            assertFalse(channel.isOpen());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Thread.currentThread().interrupt();
            assertThrows(ClosedByInterruptException.class, () -> channel.read(ByteBuffer.allocate(1)));
            assertTrue(Thread.interrupted());
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Uninterruptible.mark(channel);
            assertTrue(Uninterruptible.proves(channel));
        }
    }

    @Test
    @DisplayName("that would close a channel whatever is done to it is why no file is opened at all: EOPNOTSUPP")
    void unmarkable() throws Exception {
        Path file = Files.createFile(dir.resolve("g"));
        Uninterruptible uninterruptible = new Uninterruptible();
        try (FileChannel channel = new Foreign()) {
            KernelException e = assertErrno(Errno.EOPNOTSUPP, () -> uninterruptible.guard(channel, file));
            assertTrue(e.getMessage().startsWith("EOPNOTSUPP: open " + file + ": "), e::getMessage);
            assertFalse(channel.isOpen());
        }
        try (FileChannel marked = FileChannel.open(file, StandardOpenOption.READ);
                FileChannel foreign = new Foreign()) {
            uninterruptible.guard(marked, file);
            uninterruptible.guard(foreign, file);
            assertTrue(foreign.isOpen(), "one was tried, and the others are not");
        }
    }

    @Test
    @DisplayName("is kept away by a file system that is one channel, and refuses all that is not needed for that")
    void oneChannel() throws Exception {
        try (FileChannel channel = new Foreign()) {
            Uninterruptible.OneChannel provider = new Uninterruptible.OneChannel(channel);
            FileSystem system = provider.path.getFileSystem();
            assertSame(provider, system.provider());
            assertSame(channel, Files.newByteChannel(provider.path));
            List<Executable> others = List.of(
                    provider.path::getFileName,
                    provider::getScheme,
                    () -> provider.delete(provider.path),
                    system::isOpen,
                    system::isReadOnly,
                    system::getSeparator,
                    system::getRootDirectories,
                    () -> system.getPath("x"));
            others.forEach(each -> assertThrows(UnsupportedOperationException.class, each));
        }
    }

    /** A channel that is not the JDK's own, so that it cannot mark it. */
    private static final class Foreign extends RefusingChannel {
        @Override
        public long size() throws IOException {
            boolean completed = false;
            try {
                begin();
                completed = true;
                return 0;
            } finally {
                end(completed);
            }
        }
    }
}
