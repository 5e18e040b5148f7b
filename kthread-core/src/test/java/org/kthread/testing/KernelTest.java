package org.kthread.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.kthread.proc.KthreadSpec;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.proc.PsRow;
import org.kthread.sys.Action;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelClock;
import org.kthread.sys.KernelException;

/** A test with a kernel of its own, closed after each test. */
@Timeout(60)
public abstract class KernelTest {
    /** Long enough for what must happen. */
    protected static final Duration LIMIT = Caller.LIMIT;

    protected TestKernel kernel;

    /** For subclasses. */
    protected KernelTest() {}

    /** By which the kernel is timed. */
    protected KernelClock clock() {
        return KernelClock.system();
    }

    /** On what the daemons run: a subclass may choose virtual threads. */
    protected KthreadSpec host(KthreadSpec spec) {
        return spec;
    }

    @BeforeEach
    void startKernel() {
        kernel = TestKernel.start(clock());
    }

    @AfterEach
    void closeKernel() {
        kernel.close();
    }

    /** A specification with a name and a main. */
    protected KthreadSpec named(String name, Action main) {
        return host(KthreadSpec.named("%s", name).main(main));
    }

    /** A new daemon. */
    protected Proc create(String name, Action main) {
        return kernel.kthreads().kthreadCreate(named(name, main));
    }

    /** A new daemon, which works. */
    protected Proc create(String name, Rounds rounds) {
        Proc proc = create(name, (Action) rounds);
        rounds.awaitWork();
        return proc;
    }

    /** A new daemon, which is deaf. */
    protected Proc create(String name, Stuck stuck) {
        Proc proc = create(name, (Action) stuck);
        stuck.awaitInside();
        return proc;
    }

    /** Does something on a kernel thread, and joins it. */
    protected <T> T onKernelThread(String name, Callable<T> call) throws Exception {
        AtomicReference<T> given = new AtomicReference<>();
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Proc proc = create(name, () -> {
            try {
                given.set(call.call());
            } catch (Exception | AssertionError e) {
                thrown.set(e);
            }
        });
        assertTrue(proc.join(LIMIT), () -> proc + " does not end");
        if (thrown.get() != null) {
            throw new AssertionError("on kernel thread " + name, thrown.get());
        }
        return given.get();
    }

    /** The lines of ps for a process. */
    protected List<PsRow> rows(Proc proc) {
        return kernel.ps().rows().stream()
                .filter(row -> row.pid() == proc.pid())
                .toList();
    }

    /** The line of ps for a process with one thread. */
    protected PsRow row(Proc proc) {
        List<PsRow> rows = rows(proc);
        assertEquals(1, rows.size(), () -> rows.toString());
        return rows.get(0);
    }

    /** Returns when every thread of a process is suspended. */
    protected void awaitParked(Proc proc) {
        eventually(() -> rows(proc).stream().allMatch(row -> row.state() == 'T'));
    }

    /** Joins a process, and sees it reaped. */
    protected void awaitReaped(Proc proc) throws InterruptedException {
        assertTrue(proc.join(LIMIT), () -> proc + " does not end");
        eventually(() -> proc.state() == ProcState.REAPED);
    }

    /** The call fails with this errno. */
    protected static KernelException assertErrno(Errno errno, Executable call) {
        KernelException e = assertThrows(KernelException.class, call);
        assertEquals(errno, e.errno(), e::getMessage);
        return e;
    }
}
