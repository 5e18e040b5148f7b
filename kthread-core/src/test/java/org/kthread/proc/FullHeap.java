package org.kthread.proc;

import java.time.Duration;
import org.kthread.Kernel;
import org.kthread.sys.KernelClock;

/**
 * A program, with a small heap of its own to fill: its daemon is interrupted while it is held and not a byte is left for the
 * exception. What it prints is when the daemon went on, and its exit status.
 */
final class FullHeap {
    private static volatile boolean held;
    private static volatile String wentOn = "never";

    private FullHeap() {}

    public static void main(String[] args) throws InterruptedException {
        Kernel kernel = Kernel.start();
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("held").main(FullHeap::worksUntilInterrupted));
        Suspension hold = proc.hold("heap", Duration.ofSeconds(10));
        held = true;
        Thread host = proc.kthreads().get(0).host;
        interruptWithoutMemory(host);
        held = false;
        hold.close();
        proc.join(KernelClock.FOREVER);
        System.out.println(wentOn + ", status " + proc.exitStatus().orElseThrow());
        kernel.close();
    }

    private static void worksUntilInterrupted() {
        try {
            while (!Thread.interrupted()) {
                CurThread.suspendCheck();
            }
        } finally {
            wentOn = held ? "while it was held" : "after resume";
        }
    }

    private static void interruptWithoutMemory(Thread host) {
        while (host.getState() != Thread.State.WAITING) { // also so that nothing has to be loaded later
            Thread.onSpinWait();
        }
        Object[] all = fill();
        host.interrupt();
        while (host.isInterrupted() || (host.isAlive() && host.getState() != Thread.State.WAITING)) {
            Thread.onSpinWait();
        }
        keep(all);
    }

    /** All the memory there is, to the last byte. */
    static Object[] fill() {
        Object[] all = {};
        int size = 1 << 20;
        for (int vain = 0; vain < 20; ) { // what is collected late leaves room again
            try {
                Object[] more = new Object[size];
                more[0] = all;
                all = more;
                vain = 0;
            } catch (OutOfMemoryError e) {
                size = Math.max(1, size / 2);
                vain++;
            }
        }
        return all;
    }

    /** It is not collected before. */
    static void keep(Object[] all) {
        if (all.length == 0) {
            throw new AssertionError();
        }
    }
}
