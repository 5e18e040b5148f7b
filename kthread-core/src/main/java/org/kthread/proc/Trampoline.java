package org.kthread.proc;

import java.nio.channels.ClosedByInterruptException;
import org.jspecify.annotations.Nullable;
import org.kthread.event.EventList;
import org.kthread.sys.Action;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.Unwind;

/**
 * What runs on the host thread of a kernel thread: the birth park, main, and the end, in whatever way main ends. Nothing
 * thrown is swallowed, and nothing leaves here.
 */
final class Trampoline implements Runnable {
    /** The status of a main that throws: {@code EX_SOFTWARE}. */
    static final int EX_SOFTWARE = 70;

    private final Action main;
    final Thread host;

    @SuppressWarnings("NullAway.Init") // set by the kernel thread when it is made: before the host thread is started
    private Kthread thread;

    /**
     * With a host thread, for a kernel thread yet to be made. To be called with nothing held: JDK 17 asks the calling thread, which
     * may be of a class of the program's, for its class loader.
     */
    Trampoline(KthreadSpec spec, Action main) {
        this.main = main;
        this.host = HostThreads.make(spec, this);
    }

    void bind(Kthread made) {
        thread = made;
    }

    @Override
    public void run() {
        if (thread.claim()) {
            live();
        }
    }

    private void live() {
        ProcTable table = thread.proc.table;
        Throwable thrown = null;
        boolean born = false;
        try {
            CurrentThread.set(thread);
            thread.gate.birth();
            born = true;
            table.invoke(table.events.threadCtor(), thread);
            main.run();
            tellPremature();
        } catch (Throwable t) {
            thrown = t;
        }
        try {
            endOrTell(born, thrown);
        } finally {
            leave();
        }
    }

    private void endOrTell(boolean born, @Nullable Throwable thrown) {
        boolean dies = isUnforeseen(thrown);
        boolean exits = (thread.gate.pending & SuspendGate.EXITING) != 0;
        if (dies && !exits) {
            thread.status = EX_SOFTWARE;
        }
        try {
            if (thrown != null && dies) {
                tellDeath(thrown, exits);
            }
        } catch (Throwable t) {
            // lack of memory: who cannot tell why it dies comes to its end all the same
        }
        try {
            end(born, dies && !exits ? thrown : null);
        } catch (Throwable t) {
            if (!(t instanceof Unwind)) {
                Log.error(t, "the end of ", thread, " failed");
            }
        }
    }

    private void leave() {
        ProcTable table = thread.proc.table;
        try {
            table.leave(thread);
            CurrentThread.set(null);
        } finally {
            table.reap(thread);
        }
    }

    /** Main has returned: it should have called exit, unless it was told to stop. */
    private void tellPremature() {
        if ((thread.gate.pending & (SuspendGate.STOPPED | SuspendGate.EXITING)) == 0) {
            thread.proc.table.console(
                    "Kernel thread \"" + thread.comm() + "\" (pid " + thread.proc.pid() + ") exited prematurely.");
        }
    }

    /** Whether, of all that main may throw, this is none of the ways to end. */
    private boolean isUnforeseen(@Nullable Throwable thrown) {
        if (thrown == null || thrown instanceof Unwind) {
            return false;
        }
        boolean interrupted = thrown instanceof InterruptedException || thrown instanceof ClosedByInterruptException;
        return !interrupted
                || (thread.gate.pending & SuspendGate.STOPPED) == 0; // a stop interrupts: that is how it ends
    }

    /** The failure is logged here, once. */
    private void tellDeath(Throwable thrown, boolean exits) {
        if (exits) {
            Log.error(thrown, "", thread, " threw after it had called exit(", thread.status, "), which stands");
        } else {
            Log.error(thrown, "", thread, " died");
        }
    }

    private void end(boolean born, @Nullable Throwable failure) {
        ProcTable table = thread.proc.table;
        thread.gate.ending();
        try {
            table.lwproc().goHome(thread);
            if (born) {
                tell(table, table.events.threadExit(), thread);
            }
        } finally {
            endToldOf(failure);
        }
    }

    /** What is due when the handlers of the thread's end have run. */
    private void endToldOf(@Nullable Throwable failure) {
        try {
            if (thread.proc.table.beginEnd(thread, thread.status, failure)) {
                endProcess(thread.proc, true);
            }
        } finally {
            endLwp();
        }
    }

    private void endLwp() {
        try {
            thread.proc.table.lwproc().end(thread);
        } finally {
            if (thread.proc.container.phase() == Container.Phase.GONE) {
                closeHolds(thread.proc); // that a closer took: who ran the closers need not be who began its end last
            }
        }
    }

    /** What is due when no thread of a process is left to run. */
    static void endProcess(Proc proc, boolean announced) {
        ProcTable table = proc.table;
        try {
            if (announced) {
                tell(table, table.events.processExit(), proc);
            }
        } finally {
            closeHolds(proc);
        }
    }

    private static void closeHolds(Proc proc) {
        for (Suspension hold : proc.table.takenBy(proc)) {
            try {
                hold.close();
                Log.warning("{0} has ended and left open: {1}; it is closed", proc, hold);
            } catch (RuntimeException | Error e) {
                Log.error(e, "closing ", hold, ", which ", proc, " left open, failed");
            }
        }
    }

    /** Runs the handlers of an end; one that calls exit has no further to go. */
    private static <A> void tell(ProcTable table, EventList<A> list, A arg) {
        try {
            table.invoke(list, arg);
        } catch (Throwable t) {
            if (!(t instanceof Unwind)) {
                throw t;
            }
        }
    }
}
