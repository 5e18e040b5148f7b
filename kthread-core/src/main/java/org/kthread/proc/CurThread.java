package org.kthread.proc;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.kthread.sys.Action;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.KernelPanic;

/**
 * What a kernel thread does to itself. Every method is for kernel threads only: elsewhere it is a {@link KernelPanic}.
 *
 * <pre>{@code
 * static void bufDaemon() {
 *     CurThread.ready();
 *     for (;;) {
 *         CurThread.suspendCheck();
 *         flushSomeBuffers();
 *         sleepQueues.pause(SleepPriority.SUSPENDABLE, "psleep", Duration.ofSeconds(1));
 *     }
 * }
 * }</pre>
 *
 * @see <a href="https://man.freebsd.org/kthread/9">kthread(9)</a>
 */
public final class CurThread {
    private CurThread() {}

    /**
     * The calling kernel thread.
     *
     * @return {@code curthread}
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static Kthread curthread() {
        return current("curthread");
    }

    /**
     * The process of the calling kernel thread.
     *
     * @return {@code curproc}
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static Proc curproc() {
        return current("curproc").proc;
    }

    /**
     * Whether the caller is a kernel thread, of whatever kernel.
     *
     * @return true if so
     */
    public static boolean isKernelThread() {
        return CurrentThread.get() instanceof Kthread;
    }

    /**
     * Parks here while anybody asks this thread to be still ({@code kthread_suspend_check}); returns when nobody does. After a
     * stop it does not return but unwinds the thread. With nothing pending it is one volatile read.
     *
     * <p>Call it where the daemon holds nothing that others wait for.
     *
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static void suspendCheck() {
        current("suspendCheck").gate.check();
    }

    /**
     * Whether this thread was told to stop, has called exit, or has left its main. For bodies that wish to end by returning.
     *
     * @return true from then on
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static boolean shouldStop() {
        return (current("shouldStop").gate.pending & ~SuspendGate.ASKED) != 0;
    }

    /**
     * Ends the calling thread ({@code kthread_exit}), and with its last thread the process. Does not return: it unwinds the
     * stack, and {@code finally} blocks run. The status is recorded before; a body that catches everything ends at its next
     * check, or when it returns.
     *
     * @param ecode the exit status
     * @return never; so that {@code throw CurThread.exit(0)} tells the compiler
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static Error exit(int ecode) {
        Kthread me = current("exit");
        exiting(me, ecode);
        throw me.gate.unwinding();
    }

    /**
     * Ends the calling thread's process ({@code kproc_exit}): its other threads are told to stop, and the caller ends. Does
     * not return. Those that have not ended after 100 ms are interrupted, once.
     *
     * @param ecode the exit status of the process
     * @return never; so that {@code throw CurThread.exitProc(0)} tells the compiler
     * @throws KernelPanic if the caller is no kernel thread, or one of process 0
     */
    public static Error exitProc(int ecode) {
        Kthread me = current("exitProc");
        me.proc.table.requireMayEnd(me);
        exiting(me, ecode); // first: in a region it may have to wait for resume, and so have its siblings
        me.proc.table.exitProc(me, ecode);
        throw me.gate.unwinding();
    }

    /** The first exit counts; in a handler of the end, a main that has failed, which has given a status already. */
    private static void exiting(Kthread me, int ecode) {
        if ((me.gate.pending & SuspendGate.EXITING) == 0) {
            if (me.status == 0) {
                me.status = ecode;
            }
            me.gate.exiting();
        }
    }

    /**
     * Says that this daemon does its work from now on. A boot step may wait for it.
     *
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static void ready() {
        current("ready").proc.becomeReady();
    }

    /**
     * Runs something that may block, and touches nothing shared, in a region: inside, the thread counts as parked, and an ask
     * to suspend is answered at once. Leaving it waits for resume, also when the body throws. A stop interrupts the body, and
     * leaving then unwinds the thread, in place of whatever the body threw.
     *
     * <pre>{@code
     * Job job = CurThread.quiescent("jobwait", () -> queue.take());   // may take one; works on it only after resume
     * work(job);
     * }</pre>
     *
     * @param <T> what the body gives
     * @param wmesg why, in a word, for {@code ps}
     * @param body runs with nothing of ours held
     * @return what the body gave
     * @throws Exception what the body throws
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static <T> T quiescent(String wmesg, Callable<T> body) throws Exception {
        SuspendGate gate = current("quiescent").gate;
        Objects.requireNonNull(wmesg, "wmesg");
        Objects.requireNonNull(body, "body");
        String outer = gate.wmesg();
        gate.enterRegion(wmesg);
        try {
            return body.call();
        } finally {
            gate.leaveRegion(outer);
        }
    }

    /**
     * Runs something in a region, as {@link #quiescent(String, Callable)}.
     *
     * @param wmesg why, in a word, for {@code ps}
     * @param body runs with nothing of ours held
     * @throws Exception what the body throws
     * @throws KernelPanic if the caller is no kernel thread
     */
    public static void quiescent(String wmesg, Action body) throws Exception {
        SuspendGate gate = current("quiescent").gate;
        Objects.requireNonNull(wmesg, "wmesg");
        Objects.requireNonNull(body, "body");
        String outer = gate.wmesg();
        gate.enterRegion(wmesg);
        try {
            body.run();
        } finally {
            gate.leaveRegion(outer);
        }
    }

    private static Kthread current(String what) {
        if (CurrentThread.get() instanceof Kthread me) {
            return me;
        }
        throw new KernelPanic(what + ": curthread is not a valid kthread: "
                + Thread.currentThread().getName()
                + " is a thread of the program; call this on a thread made by Kthreads");
    }
}
