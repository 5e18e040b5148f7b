package org.kthread.proc;

import java.time.Duration;
import org.kthread.Kernel;

/**
 * A program, with a small heap of its own to fill: one thread of a daemon fills it, and ends the process with not a byte left.
 * What it prints is whether the other thread has ended too, and the exit status.
 */
final class FullHeapExit {
    private static final Thread JOINER = Thread.currentThread();
    private static final Duration LONG = Duration.ofSeconds(10);

    private static volatile boolean works;

    private FullHeapExit() {}

    public static void main(String[] args) throws InterruptedException {
        Kernel kernel = Kernel.start();
        kernel.kthreads()
                .kthreadCreate(
                        KthreadSpec.named("first").main(() -> CurThread.exitProc(1))) // so that nothing is loaded later
                .join(LONG);
        Proc proc = kernel.kthreads().kthreadCreate(KthreadSpec.named("poor").main(FullHeapExit::fillsAndExits));
        kernel.kthreads().kthreadAdd(proc, KthreadSpec.named("other").main(FullHeapExit::works));
        boolean ended = proc.join(LONG);
        System.out.println("ended " + ended + ", status " + proc.exitStatus().orElse(-1));
        kernel.close();
    }

    private static void works() {
        for (; ; ) {
            works = true;
            CurThread.suspendCheck();
        }
    }

    private static void fillsAndExits() {
        while (!works || JOINER.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        Object[] all = FullHeap.fill();
        try {
            CurThread.exitProc(1);
        } finally {
            FullHeap.keep(all);
        }
    }
}
