package org.kthread.faults;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.SyncTarget;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.Sysinit;

/**
 * A program for {@link ProgramTest}: a kernel with a hook, which says where it is. At the place that its argument names it waits
 * for a line of input; for {@code memory} it fills the heap first, for {@code exit} its second boot step exits.
 * With a second argument a handler of the shutdown closes the kernel, too.
 */
final class Program {
    private static final List<byte[]> HOARD = new ArrayList<>();

    private final String place;
    private final boolean reenters;
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final Kernel kernel = Kernel.start(KernelConfig.defaults()
            .withConsole(Program::say)
            .withShutdownBudget(Duration.ofSeconds(60))
            .withJvmHook(Howto.HALT));

    private Program(String place, boolean reenters) {
        this.place = place;
        this.reenters = reenters;
    }

    @SuppressWarnings("SystemOut") // a program, not the library
    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    /** Says where it is, and waits there if it is told to. */
    private void at(String here) throws IOException {
        say("AT " + here);
        if (here.equals(place)) {
            in.readLine();
            say("ON");
        }
    }

    private void run() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> say("TERM")));
        kernel.shutdownEvents().preSync().register(howto -> at("pre_sync"), EventList.PRI_ANY);
        kernel.syncTargets().register(SyncTarget.of("disk", () -> 0L, () -> at("sync")));
        kernel.shutdownEvents().postSync().register(howto -> at("post_sync"), EventList.PRI_ANY);
        kernel.shutdownEvents().finalEvent().register(howto -> at("final"), EventList.PRI_ANY);
        kernel.kthreads().kthreadCreate(KthreadSpec.named("daemon").main(() -> {
            try {
                CurThread.quiescent("idle", () -> new CountDownLatch(1).await());
            } finally {
                at("stop");
            }
        }));
        if (reenters) {
            kernel.shutdownEvents().preSync().register(howto -> kernel.close(), EventList.PRI_FIRST);
        }
        try {
            Boot.of(kernel)
                    .add(Sysinit.of("step", 1, 0, () -> at("boot")).undo(() -> at("undo")))
                    .add(Sysinit.of("next", 2, 0, this::exitIfTold))
                    .run();
        } catch (BootException e) {
            say("BOOT STOPPED");
            return;
        }
        if (place.equals("memory")) {
            hoard();
        }
        at("running");
        kernel.reboot(Howto.HALT);
    }

    /** In a boot step. */
    private void exitIfTold() {
        if (place.equals("exit")) {
            System.exit(3);
        }
    }

    private static void hoard() {
        for (int size = 1 << 20; size > 64; size /= 2) {
            try {
                while (true) {
                    HOARD.add(new byte[size]);
                }
            } catch (OutOfMemoryError e) {
                // then smaller ones
            }
        }
    }

    /** The entry point. */
    public static void main(String[] args) throws Exception {
        new Program(args[0], args.length > 1).run();
        say("END OF MAIN");
    }
}
