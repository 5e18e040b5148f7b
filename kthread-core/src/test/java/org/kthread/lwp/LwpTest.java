package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;

/** A test with a kernel, whose calling thread is in the implicit context at the beginning and at the end. */
@Timeout(60)
public abstract class LwpTest {
    protected static final Duration LIMIT = Duration.ofSeconds(20);

    protected Kernel kernel;
    protected Lwps lwps;
    protected Syscalls sys;

    @BeforeEach
    void startKernel() {
        kernel = Kernel.start(config());
        lwps = kernel.lwps();
        sys = kernel.syscalls();
    }

    protected KernelConfig config() {
        return KernelConfig.defaults().withConsole(line -> {});
    }

    @AfterEach
    void closeKernel() {
        Lwp left = lwps.curLwp();
        if (left != null) {
            lwps.switchTo(null);
        }
        kernel.close();
        assertNull(left, "a test leaves its thread bound");
    }

    protected Lwp curLwp() {
        Lwp lwp = lwps.curLwp();
        assertNotNull(lwp, "the caller is bound");
        return lwp;
    }

    /** Makes a process, and tells its lwp, which the caller runs. */
    protected Lwp fork(int flags) {
        lwps.rfork(flags);
        return curLwp();
    }

    /** Makes an lwp, which the caller runs. */
    protected Lwp newLwp(int pid) {
        lwps.newLwp(pid);
        return curLwp();
    }

    protected void release(Lwp lwp) {
        lwps.switchTo(lwp);
        lwps.releaseLwp();
    }

    protected int write(int fd, String text) {
        return sys.write(fd, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    protected String read(int fd, int most) {
        ByteBuffer buf = ByteBuffer.allocate(most);
        int count = sys.read(fd, buf);
        assertEquals(count, buf.position());
        return new String(buf.array(), 0, count, StandardCharsets.UTF_8);
    }

    /** Makes a pipe that has a name. */
    protected static Path mkfifo(Path pipe) throws IOException, InterruptedException {
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        return pipe;
    }

    /** What this JVM has open beneath a directory, as the system sees it; the directory itself included. */
    protected static List<Path> openBeneath(Path dir) throws IOException {
        Path real = dir.toRealPath();
        List<Path> open = new ArrayList<>();
        try (DirectoryStream<Path> fds = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path fd : fds) {
                try {
                    open.add(Files.readSymbolicLink(fd));
                } catch (NoSuchFileException e) {
                    // somebody has closed it meanwhile
                }
            }
        }
        open.removeIf(file -> !file.startsWith(real));
        return open;
    }

    /** Does something on a kernel thread, and joins it; what it throws is thrown here. */
    protected Proc onKernelThread(String name, Action action) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("%s", name).main(() -> {
                    try {
                        action.run();
                        done.complete(true);
                    } catch (Exception | AssertionError | KernelPanic e) {
                        done.completeExceptionally(e);
                    }
                }));
        join(proc);
        done.join();
        return proc;
    }

    protected void join(Proc proc) {
        try {
            assertTrue(proc.join(LIMIT), () -> proc + " does not end");
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The call fails with this errno, and the current lwp stays what it was. */
    protected KernelException assertErrno(Errno errno, Executable call) {
        Lwp before = lwps.curLwp();
        KernelException e = assertThrows(KernelException.class, call);
        assertEquals(errno, e.errno(), e::getMessage);
        assertEquals(before, lwps.curLwp(), "a failing call never changes curlwp");
        return e;
    }

    /** The call is fatal misuse, and the current lwp stays what it was. */
    protected KernelPanic assertPanic(String text, Executable call) {
        Lwp before = lwps.curLwp();
        KernelPanic panic = assertThrows(KernelPanic.class, call);
        assertTrue(panic.getMessage().contains(text), panic::getMessage);
        assertEquals(before, lwps.curLwp(), "a failing call never changes curlwp");
        return panic;
    }
}
