package org.kthread.examples.bufdaemon;

import java.io.IOException;
import org.kthread.proc.CurThread;

/** bufdaemon: flushes dirty buffers when more than half way between the marks, so that writers rarely wait. */
final class Flusher {
    private final BufferCache cache;
    private final Outcome outcome;

    Flusher(BufferCache cache, Outcome outcome) {
        this.cache = cache;
        this.outcome = outcome;
    }

    void main() {
        CurThread.ready();
        for (; ; ) {
            CurThread.suspendCheck();
            int target = cache.takeRequest();
            try {
                while (cache.flushOne(target)) {
                    CurThread.suspendCheck(); // between two buffers nothing is held
                }
            } catch (IOException e) {
                outcome.ioFailed(e); // and go on: the next buffer may be of another disk
            }
            cache.bdSleep();
        }
    }
}
