package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.Kernel;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.Rlimit;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;

@DisplayName("A directory whose entries may not be on disk")
@Timeout(60)
class DurableTest {
    private final Kernel kernel = Kernel.start();
    private final Syscalls sys = kernel.syscalls();

    @TempDir
    private Path dir;

    @AfterEach
    void close() {
        kernel.close();
    }

    private Tenant tenant(int nofile) {
        return Tenant.create(kernel, "acme", dir.toString(), 1000, nofile);
    }

    private static void assertNoDescriptor(Runnable call) {
        assertEquals(
                Errno.EMFILE, assertThrows(KernelException.class, call::run).errno());
    }

    private static void make(Tenant tenant, String... names) {
        try {
            tenant.makeDirectories(List.of(names), Target.RESERVED + "d");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    @DisplayName("is synced by who finds it made, if who made it could not")
    void made() throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        Tenant tenant = tenant(1);
        tenant.run(() -> {
            int fd = sys.open("a", Syscalls.O_RDONLY);
            assertNoDescriptor(() -> make(tenant, "d"));
            assertTrue(Files.isDirectory(dir.resolve("d")));
            assertEquals(List.of("."), tenant.unsynced());
            assertNoDescriptor(() -> make(tenant, "d"));
            sys.close(fd);
            make(tenant, "d");
        });
        assertEquals(List.of(), tenant.unsynced());
    }

    @Test
    @DisplayName(
            "is synced also for a tenant that is made anew: who made what is in it may have failed to, or was killed")
    void madeBefore() throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        for (int i = 0; i < 2; i++) {
            Tenant tenant = tenant(1);
            tenant.run(() -> {
                assertEquals(0, sys.open("a", Syscalls.O_RDONLY));
                assertNoDescriptor(() -> make(tenant, "d"));
                assertTrue(Files.isDirectory(dir.resolve("d")));
            });
            assertTrue(tenant.destroy(Duration.ZERO));
        }
    }

    @Test
    @DisplayName("is not synced again for what is known to be there")
    void known() throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        Tenant tenant = tenant(1);
        tenant.run(() -> {
            make(tenant, "d", "e");
            assertEquals(0, sys.open("a", Syscalls.O_RDONLY));
            make(tenant, "d", "e");
            Files.delete(dir.resolve("d/e"));
            assertNoDescriptor(() -> make(tenant, "d", "e"));
            assertNoDescriptor(() -> make(tenant, "d", "e"));
        });
    }

    @Test
    @DisplayName(
            "is synced again when too many are known: they are forgotten, and a tenant with many keeps few in memory")
    void forgotten() throws Exception {
        Files.writeString(dir.resolve("a"), "a");
        Tenant tenant = tenant(1);
        tenant.run(() -> {
            for (int i = 0; i <= Tenant.MOST_DURABLE; i++) {
                make(tenant, "d" + i);
            }
            assertEquals(0, sys.open("a", Syscalls.O_RDONLY));
            make(tenant, "d" + Tenant.MOST_DURABLE);
            assertNoDescriptor(() -> make(tenant, "d0"));
        });
    }

    @Test
    @DisplayName("stays known if it changes while it is synced")
    void changed() throws Exception {
        Tenant tenant = tenant(4);
        boolean meanwhile;
        do {
            FutureTask<Void> sync = new FutureTask<>(() -> {
                tenant.run(() -> {
                    tenant.changed(".");
                    tenant.sync(".");
                });
                return null;
            });
            Thread syncing = new Thread(sync, "sync");
            syncing.start();
            while (!sync.isDone() && !isIn(syncing, "Syscalls.fsync(")) {
                Thread.onSpinWait();
            }
            tenant.changed(".");
            meanwhile = isIn(syncing, "Tenant.sync(");
            sync.get(60, TimeUnit.SECONDS);
            syncing.join();
        } while (!meanwhile);
        assertEquals(List.of("."), tenant.unsynced());
    }

    private static boolean isIn(Thread thread, String method) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.toString().contains(method));
    }

    @Test
    @DisplayName("is synced before a tenant is made in one of them, whoever made that")
    void root() throws Exception {
        TenantTable tenants = new TenantTable(kernel, dir);
        Rlimit before = sys.getrlimit(Syscalls.RLIMIT_NOFILE);
        sys.setrlimit(Syscalls.RLIMIT_NOFILE, new Rlimit(0, before.max()));
        for (int i = 0; i < 2; i++) {
            assertEquals(
                    Errno.EMFILE,
                    assertThrows(KernelException.class, () -> tenants.create("acme", 4))
                            .errno());
            assertTrue(Files.isDirectory(dir.resolve("acme")));
        }
        sys.setrlimit(Syscalls.RLIMIT_NOFILE, before);
        assertEquals("acme", tenants.create("acme", 4).name());
    }
}
