package org.kthread.examples.tenants;

import static org.kthread.shutdown.ShutdownEvents.SHUTDOWN_PRI_FIRST;
import static org.kthread.sysinit.Order.SI_ORDER_ANY;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Subsystem.SI_SUB_PROTO_IF;
import static org.kthread.sysinit.Subsystem.SI_SUB_VFS;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventHandler;
import org.kthread.examples.AfterSignal;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.Sysinit;

/**
 * One run: boot, serve until a signal, shut down.
 *
 * <p>Shutdown, pre_sync: the administration closes, then the files' port: what runs may finish, for a quarter of the budget,
 * and is broken off then. The sync brings to disk what a failure has left. The undos end the tenants' processes.
 */
final class Run {
    static final int OK = 0;
    static final int BAD_INPUT = 1;
    static final int LEFT_BEHIND = 3;
    static final int BOOT_FAILED = 4;

    private static final Duration HOOK_GRACE = Duration.ofSeconds(30);

    // Parts of the budget, together less than the 45 % that the pre_sync handlers have at least.
    private static final int FILES_SHARE = 4;
    private static final int ADMIN_SHARE = 20;
    private static final int BREAKING_SHARE = 20;

    /** What to run. */
    record Config(
            InetSocketAddress address,
            int adminPort,
            String token,
            Path root,
            int threads,
            int nofile,
            Upload.Limits limits,
            Duration budget) {}

    private final Config config;
    private final AtomicReference<@Nullable Port> files = new AtomicReference<>();
    private final AtomicReference<@Nullable Port> admin = new AtomicReference<>();

    Run(Config config) {
        this.config = config;
    }

    /** Runs to the end; returns the exit code. */
    int call() throws InterruptedException {
        AfterSignal hook = new AfterSignal("tenants", config.budget().plus(HOOK_GRACE));
        int code = Tenants.EX_SOFTWARE;
        try (Kernel kernel = start(hook)) {
            code = kernel == null ? OK : bootAndServe(kernel);
            return code;
        } finally {
            System.out.flush();
            hook.finished(code);
        }
    }

    /** Null if a signal came before anything was touched: the JVM is ending. */
    private @Nullable Kernel start(AfterSignal hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return Kernel.start(KernelConfig.defaults()
                    .withConsole(System.out::println)
                    .withShutdownBudget(config.budget())
                    .withJvmHook(Howto.HALT));
        } catch (IllegalStateException e) {
            return null;
        }
    }

    private int bootAndServe(Kernel kernel) throws InterruptedException {
        try {
            System.out.println(boot(kernel).run());
            tell(files, "serving", "/t/");
            tell(admin, "administration", "/tenants");
        } catch (BootException e) {
            if (!AfterSignal.stopped(e)) {
                System.err.println("tenants: " + e.getMessage());
                return BOOT_FAILED;
            }
        }
        ShutdownReport report = kernel.awaitShutdown();
        System.out.println(report);
        return report.isClean() ? OK : LEFT_BEHIND;
    }

    private static void tell(AtomicReference<@Nullable Port> port, String what, String path) {
        Port open = port.get();
        if (open != null) {
            System.out.println("tenants: " + what + " " + open.url() + path);
        }
    }

    private Boot boot(Kernel kernel) {
        TenantTable tenants = new TenantTable(kernel, config.root());
        FileHandler fileHandler = new FileHandler(tenants, kernel.syscalls(), config.limits());
        AdminHandler adminHandler = new AdminHandler(tenants, config.token(), config.nofile());
        InetSocketAddress adminAddress = new InetSocketAddress(InetAddress.getLoopbackAddress(), config.adminPort());
        return Boot.of(kernel)
                .add(
                        Sysinit.of(
                                        "tenants",
                                        SI_SUB_VFS,
                                        SI_ORDER_ANY,
                                        () -> kernel.syncTargets()
                                                .register(SyncTarget.of("tenants", tenants::unsynced, tenants::sync)))
                                .undo(tenants::destroyAll),
                        Sysinit.of("files", SI_SUB_PROTO_IF, SI_ORDER_FIRST, () -> {
                                    files.set(Port.open("files", config.address(), config.threads(), fileHandler));
                                    onShutdown(kernel, new Closing(files, FILES_SHARE), SHUTDOWN_PRI_FIRST + 1);
                                })
                                .undo(() -> close(files, FILES_SHARE)),
                        Sysinit.of("admin", SI_SUB_PROTO_IF, SI_ORDER_ANY, () -> {
                                    admin.set(Port.open("admin", adminAddress, 1, adminHandler));
                                    onShutdown(kernel, new Closing(admin, ADMIN_SHARE), SHUTDOWN_PRI_FIRST);
                                })
                                .undo(() -> close(admin, ADMIN_SHARE)));
    }

    private static void onShutdown(Kernel kernel, Closing closing, int priority) {
        kernel.shutdownEvents().preSync().register(closing, priority);
    }

    /** Closes a port; the report calls it by its name. */
    private final class Closing implements EventHandler<Howto> {
        private final AtomicReference<@Nullable Port> port;
        private final int share;

        Closing(AtomicReference<@Nullable Port> port, int share) {
            this.port = port;
            this.share = share;
        }

        @Override
        public void handle(Howto howto) throws IOException, InterruptedException {
            close(port, share);
        }

        @Override
        public String toString() {
            return "close " + port.get();
        }
    }

    private void close(AtomicReference<@Nullable Port> port, int share) throws IOException, InterruptedException {
        Port open = port.get();
        if (open != null) {
            open.close(config.budget().dividedBy(share), config.budget().dividedBy(BREAKING_SHARE));
        }
    }
}
