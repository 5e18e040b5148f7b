package org.kthread.benchmarks.growth;

import java.util.concurrent.Callable;
import java.util.concurrent.ThreadFactory;

/** Bare threads that wait, each on a monitor of its own: what daemons are held against. */
final class Bare {
    private final Object[] monitors;
    private final Thread[] threads;
    private final Count waiting = new Count();
    private volatile boolean over;

    private Bare(int n) {
        this.monitors = new Object[n];
        this.threads = new Thread[n];
    }

    /** Starts n threads, and returns when all of them wait. */
    static Bare start(int n, boolean virtual) throws Exception {
        Bare bare = new Bare(n);
        ThreadFactory factory = factory(virtual);
        for (int i = 0; i < n; i++) {
            Object monitor = new Object();
            bare.monitors[i] = monitor;
            bare.threads[i] = factory.newThread(() -> bare.await(monitor));
            bare.threads[i].start();
        }
        bare.waiting.await(n);
        return bare;
    }

    private void await(Object monitor) {
        synchronized (monitor) {
            waiting.add();
            while (!over) {
                try {
                    monitor.wait();
                } catch (InterruptedException e) {
                    return; // nobody does
                }
            }
        }
    }

    void end() throws InterruptedException {
        over = true;
        for (Object monitor : monitors) {
            synchronized (monitor) {
                monitor.notifyAll();
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Whether this JVM has virtual threads that can wait on monitors by the million. */
    static boolean hasVirtual() {
        return Runtime.version().feature() >= 24;
    }

    /** Named as daemons are: a name of its own for each. */
    static ThreadFactory factory(boolean virtual) throws Exception {
        if (virtual) {
            Callable<ThreadFactory> made = VirtualThreads::factory;
            return made.call();
        }
        return body -> {
            Thread thread = new Thread(body);
            thread.setDaemon(true);
            return thread;
        };
    }
}
