package org.kthread.shutdown;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether this kernel has panicked. A wait for a daemon ends when it does. */
final class Panic {
    /*
     * A waiter is interrupted only between beginWait and endWait, both under this monitor; so an interrupt sent from here
     * never reaches anything else, and endWait can take it back. Nothing of a program's runs there, no operation of a channel
     * that the interrupt would close.
     */
    private volatile @Nullable String text; // written under this monitor

    @GuardedBy("this")
    private final List<Thread> waiting = new ArrayList<>(1);

    /** Declares it. The first text stays. */
    synchronized void declare(String what) {
        if (text == null) {
            text = what;
            waiting.forEach(Thread::interrupt);
        }
    }

    @Nullable
    String text() {
        return text;
    }

    boolean isDeclared() {
        return text != null;
    }

    /** The calling thread is about to wait for a daemon: not if this is false. */
    synchronized boolean beginWait() {
        return text == null && waiting.add(Thread.currentThread());
    }

    /** The wait is over. */
    synchronized void endWait() {
        Thread me = Thread.currentThread();
        waiting.removeIf(each -> each == me); // not by equals, which may be the program's
        if (text != null) {
            Thread.interrupted(); // that was us
        }
    }
}
