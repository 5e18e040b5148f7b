package org.kthread.proc;

import java.util.function.Consumer;

/** A JVM that refuses a host thread, for tests of other packages. */
public final class RefusedHost {

    private RefusedHost() {}

    /** The next host thread is refused, those after it are not. */
    public static void next(Kthreads kthreads) {
        Consumer<Thread> starter = kthreads.starter;
        kthreads.starter = host -> {
            kthreads.starter = starter;
            throw new OutOfMemoryError("planted");
        };
    }
}
