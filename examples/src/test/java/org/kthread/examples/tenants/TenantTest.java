package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.Kernel;
import org.kthread.lwp.Syscalls;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("A tenant that is destroyed under a request")
class TenantTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Kernel kernel = Kernel.start();
    private final Syscalls sys = kernel.syscalls();
    private final CountDownLatch opened = new CountDownLatch(1);

    @TempDir
    private Path dir;

    private Tenant tenant;

    @BeforeEach
    void create() throws IOException {
        Files.writeString(dir.resolve("a"), "a");
        tenant = Tenant.create(kernel, "acme", dir.toString(), 1000, 4);
    }

    @AfterEach
    void close() {
        kernel.close();
    }

    /** Opens a file inside, is there until the files are closed, and does one thing more. */
    private FutureTask<Status> startRequest(Tenant.Request last) {
        FutureTask<Status> request = new FutureTask<>(() -> assertThrows(
                Status.class,
                () -> tenant.run(() -> {
                    assertEquals(0, sys.open("a", Syscalls.O_RDONLY));
                    opened.countDown();
                    awaitClosed();
                    last.serve();
                })));
        new Thread(request, "request").start();
        return request;
    }

    private void awaitClosed() {
        while (!(tenant.isGone() && tenant.descriptors().isEmpty())) {
            Thread.onSpinWait();
        }
    }

    private void destroy() throws InterruptedException {
        assertTrue(opened.await(LIMIT.toSeconds(), TimeUnit.SECONDS));
        assertTrue(tenant.destroy(LIMIT));
        assertEquals(List.of(), tenant.descriptors());
    }

    @Test
    @DisplayName("its file is closed: it ends as if there were no such tenant, and nothing is wrong")
    void closed() throws Exception {
        FutureTask<Status> request = startRequest(() -> sys.pread(0, ByteBuffer.allocate(1), 0));
        destroy();
        assertEquals(Status.NOT_FOUND, request.get(60, TimeUnit.SECONDS).code());
    }

    @Test
    @DisplayName("nothing is opened in it any more, so that no request reads another's file under a number of its own")
    void nothingOpened() throws Exception {
        FutureTask<Status> request = startRequest(() -> {
            KernelException e = assertThrows(KernelException.class, () -> sys.open("a", Syscalls.O_RDONLY));
            assertEquals(Errno.EMFILE, e.errno());
            throw e;
        });
        destroy();
        assertEquals(Status.NOT_FOUND, request.get(60, TimeUnit.SECONDS).code());
    }

    @Test
    @DisplayName("one that is there keeps what its requests run into")
    void there() {
        KernelException e =
                assertThrows(KernelException.class, () -> tenant.run(() -> sys.open("b", Syscalls.O_RDONLY)));
        assertEquals(Errno.ENOENT, e.errno());
        assertEquals(0, tenant.requests());
    }
}
