package org.kthread.examples.tenants;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.lwp.Syscalls;

/** The tenants by name. */
final class TenantTable {
    /*
     * Locking key: (f) final; (m) this monitor: one tenant is made at a time.
     */
    private static final int FIRST_UID = 1000;
    private static final Duration LEAVING = Duration.ofSeconds(10);

    private final Kernel kernel; // (f)
    private final Path root; // (f)
    private final ConcurrentMap<String, Tenant> tenants = new ConcurrentHashMap<>(); // (f)

    @GuardedBy("this")
    private int nextUid = FIRST_UID; // (m)

    TenantTable(Kernel kernel, Path root) {
        this.kernel = kernel;
        this.root = root;
    }

    /** Makes a tenant; its directory may be there from before. */
    synchronized Tenant create(String name, int nofile) throws IOException, Status {
        if (tenants.containsKey(name)) {
            throw new Status(Status.CONFLICT, "tenant " + name + " is there already");
        }
        Path dir = root.resolve(name);
        makeDirectory(dir);
        Tenant tenant = Tenant.create(kernel, name, dir.toString(), nextUid, nofile);
        nextUid++;
        tenants.put(name, tenant);
        return tenant;
    }

    private void makeDirectory(Path dir) throws IOException, Status {
        try {
            Files.createDirectory(dir);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(dir, LinkOption.NOFOLLOW_LINKS)) {
                throw new Status(Status.CONFLICT, "what has this name in --root is no directory");
            }
        }
        syncRoot(); // in any case: who made the directory may have failed to
    }

    private void syncRoot() {
        Syscalls sys = kernel.syscalls();
        int fd = sys.open(root.toString(), Syscalls.O_RDONLY);
        try {
            sys.fsync(fd);
        } finally {
            sys.close(fd);
        }
    }

    Tenant get(String name) throws Status {
        @Nullable Tenant tenant = tenants.get(name);
        if (tenant == null) {
            throw new Status(Status.NOT_FOUND, "no such tenant");
        }
        return tenant;
    }

    /** Destroys a tenant; its directory stays. Tells whether its requests have left. */
    boolean destroy(String name) throws InterruptedException, Status {
        @Nullable Tenant tenant = tenants.remove(name);
        if (tenant == null) {
            throw new Status(Status.NOT_FOUND, "no such tenant");
        }
        return tenant.destroy(LEAVING);
    }

    /** All of them, by name. */
    List<Tenant> list() {
        List<Tenant> all = new ArrayList<>(tenants.values());
        all.sort(Comparator.comparing(Tenant::name));
        return all;
    }

    /* ---- Shutdown. ---- */

    /** How many directories may not be on disk. */
    long unsynced() {
        return tenants.values().stream().mapToLong(t -> t.unsynced().size()).sum();
    }

    /** Brings them to disk. */
    void sync() throws IOException, Status {
        for (Tenant tenant : tenants.values()) {
            tenant.syncAll();
        }
    }

    /** Destroys all. No request is left. */
    void destroyAll() throws InterruptedException {
        for (Tenant tenant : list()) {
            tenant.destroy(Duration.ZERO);
        }
        tenants.clear();
    }
}
