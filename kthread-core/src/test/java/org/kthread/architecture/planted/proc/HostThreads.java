package org.kthread.architecture.planted.proc;

import org.kthread.architecture.planted.sys.UsesAbove;

/** May make threads. */
public final class HostThreads {
    UsesAbove cycle = new UsesAbove();

    Thread make(Runnable body) {
        return new Thread(body);
    }
}
