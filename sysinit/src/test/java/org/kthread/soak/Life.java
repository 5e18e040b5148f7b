package org.kthread.soak;

import org.kthread.proc.Kthread;

/** One kernel thread that lives, as the soak sees it. */
final class Life {
    final Kthread thread;
    final Thread host;

    private volatile boolean working; // written by the thread itself
    private volatile long worked; // written by the thread itself

    Life(Kthread thread, Thread host) {
        this.thread = thread;
        this.host = host;
    }

    /** A round of work: what no daemon does while it is suspended. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void work(int rounds) {
        working = true;
        for (int i = 0; i < rounds; i++) {
            worked++;
        }
        working = false;
    }

    /** What it has done so far; -1: it is at it. */
    long worked() {
        return working ? -1 : worked;
    }
}
