package org.kthread.sysinit;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.proc.CurThread;
import org.kthread.proc.HostThreads;
import org.kthread.proc.Proc;
import org.kthread.sys.KernelClock;

/** The thread that runs a boot, which makes this: where it is, and which of its interrupts are ours. */
final class Booter {

    /*
     * Locking key: (f) final; (m) this monitor, in which a flag is set together with whose it is, and taken.
     */
    final Thread thread = Thread.currentThread(); // (f)
    private final KernelClock clock; // (f)

    /** The thread was interrupted from here, which is not for its caller to see. */
    @GuardedBy("this")
    private boolean interruptIsOurs; // (m)

    @GuardedBy("this")
    private boolean onItsWay; // (m) it has not come yet

    Booter(KernelClock clock) {
        this.clock = clock;
    }

    /** Announces an interrupt, which the caller is to {@link #send} then; false if one is on its way. */
    synchronized boolean announce() {
        interruptIsOurs = true;
        boolean first = !onItsWay;
        onItsWay = true;
        return first;
    }

    /** In a step: once. */
    synchronized boolean announceOnce() {
        return !interruptIsOurs && announce();
    }

    /**
     * With nothing held, and without waiting for it: a step, or an undo, may be in an operation of a channel, whose close is not
     * ours, and hangs.
     */
    void send() {
        try {
            HostThreads.interrupt(thread, this::hasCome);
        } catch (Throwable t) {
            hasCome(); // nobody is to wait for it
            throw t;
        }
    }

    private synchronized void hasCome() {
        onItsWay = false;
        notifyAll();
    }

    /** Takes the interrupt after a step, and tells whether it is one: ours is not. */
    boolean takeInterrupt() {
        if (!Thread.currentThread().isInterrupted()) {
            return false; // the usual case, without the monitor
        }
        synchronized (this) {
            return Thread.interrupted() && !interruptIsOurs;
        }
    }

    /**
     * Takes the interrupt of the thread that undoes, before and after each undo: the next one may be another's. An undo may have
     * {@code thrown} it. Tells whether it is one.
     */
    boolean takeLastInterrupt(boolean thrown) {
        if (Thread.currentThread() != thread) {
            Thread.interrupted();
            return false; // the shutdown's own business
        }
        synchronized (this) {
            awaitOurs();
            boolean flag = Thread.interrupted();
            boolean ours = interruptIsOurs;
            interruptIsOurs = false;
            return (flag || thrown) && !ours;
        }
    }

    /** What runs next is not to meet it. */
    @GuardedBy("this")
    private void awaitOurs() {
        while (onItsWay) {
            try {
                clock.await(this, KernelClock.NEVER);
            } catch (InterruptedException e) {
                // it comes
            }
        }
    }

    /** Whether the calling thread, which runs a boot, is one of this kernel's. */
    static boolean isKernelThreadOf(Kernel kernel) {
        if (!CurThread.isKernelThread()) {
            return false;
        }
        Proc mine = CurThread.curproc(); // of whatever kernel
        return kernel.pfind(mine.pid()).filter(proc -> proc == mine).isPresent();
    }

    /** Whether it waits for the end of the shutdown, and so does not leave where it is before. */
    boolean isAwaitingShutdown(Kernel kernel) {
        return kernel.isAwaitingShutdown(thread) || endsTheJvm(thread.getStackTrace());
    }

    /** Whether it is in {@link System#exit}: it waits there for the hooks, as ours may be, and never returns. */
    static boolean endsTheJvm(StackTraceElement[] stack) {
        return Arrays.stream(stack).anyMatch(frame -> frame.getClassName().equals("java.lang.Shutdown"));
    }

    /** Tells where it was left behind. */
    String whereabouts(@Nullable StepRun last) {
        StringBuilder text = new StringBuilder("the shutdown leaves behind a boot that does not end: thread ");
        text.append(thread.getName());
        if (last != null) {
            text.append(", last in boot step ").append(last.step);
        }
        for (StackTraceElement frame : thread.getStackTrace()) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }
}
