package org.kthread.sysinit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.event.EventList;
import org.kthread.proc.CurThread;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;

/** A kernel for one test, what happened in it, and daemons and resources to boot. */
public final class Machine implements AutoCloseable {

    /** How long a test waits for what must come. */
    public static final Duration SOON = Duration.ofSeconds(20);

    public final List<String> history = Collections.synchronizedList(new ArrayList<>());
    public final List<String> console = Collections.synchronizedList(new ArrayList<>());
    public final Kernel kernel;

    public Machine() {
        this(KernelConfig.defaults());
    }

    public Machine(KernelConfig config) {
        kernel = Kernel.start(config.withConsole(console::add));
        kernel.events().processExit().register(this::exited, EventList.PRI_ANY);
    }

    private void exited(Proc proc) {
        history.add("exit " + proc.comm());
    }

    /** A step that notes that it ran, and that it was undone. */
    public Sysinit noted(String name, int subsystem, int order) {
        return Sysinit.of(name, subsystem, order, () -> history.add(name)).undo(() -> history.add("undo " + name));
    }

    /** A step that fails. */
    public static Sysinit failing(String name, int subsystem, Throwable failure) {
        return Sysinit.of(name, subsystem, 0, () -> {
            if (failure instanceof Exception e) {
                throw e;
            }
            throw (Error) failure;
        });
    }

    /** What the others say that failed besides. */
    public static List<String> messages(Throwable e) {
        return Arrays.stream(e.getSuppressed()).map(Throwable::getMessage).toList();
    }

    /** A daemon that sleeps until it is told to stop. The end of every process is noted. */
    public Proc daemon(String name) {
        return kernel.kthreads().kthreadCreate(KthreadSpec.named("%s", name).main(sleeper()));
    }

    public Action sleeper() {
        return () -> {
            CurThread.ready();
            CountDownLatch never = new CountDownLatch(1);
            CurThread.quiescent("idle", () -> never.await());
        };
    }

    /** The daemons, by pid. What has ended may still wait for init to reap it: it is left out. */
    public List<String> processes() {
        List<String> names = new ArrayList<>();
        kernel.ps().forEach(row -> {
            if (row.pid() > 1 && row.state() != 'Z') {
                names.add(row.comm());
            }
        });
        return names;
    }

    @Override
    public void close() {
        kernel.close();
    }
}
