package org.kthread.architecture.planted.sys;

/** May wait and read the time. */
public final class KernelClock {
    private boolean done;

    synchronized long await() throws InterruptedException {
        while (!done) {
            wait();
        }
        return System.nanoTime();
    }

    synchronized void done() {
        done = true;
        notifyAll();
    }
}
