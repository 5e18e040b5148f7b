package org.kthread.examples.bufdaemon;

import static org.kthread.sleep.SleepPriority.PVFS;
import static org.kthread.sleep.SleepPriority.SUSPENDABLE;

import java.io.IOException;
import java.time.Duration;
import org.kthread.proc.CurThread;
import org.kthread.sleep.SleepQueues;

/** vnlru: closes files not used lately while more than nine tenths of the limit are open. */
final class Vnlru {
    private final FileTable files;
    private final SleepQueues sleepQueues;
    private final Outcome outcome;

    Vnlru(FileTable files, SleepQueues sleepQueues, Outcome outcome) {
        this.files = files;
        this.sleepQueues = sleepQueues;
        this.outcome = outcome;
    }

    void main() {
        CurThread.ready();
        for (; ; ) {
            CurThread.suspendCheck();
            boolean stuck = false;
            try {
                int target = files.limit() * 9 / 10;
                stuck = files.openFiles() > target && files.reclaim(target) == 0;
            } catch (IOException e) {
                outcome.ioFailed(e);
            }
            // Its own process is its channel, as in the kernel.
            sleepQueues.tsleep(
                    CurThread.curproc(),
                    PVFS | SUSPENDABLE,
                    stuck ? "vlrup" : "vlruwt",
                    Duration.ofSeconds(stuck ? 3 : 1));
        }
    }
}
