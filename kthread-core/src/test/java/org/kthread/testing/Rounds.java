package org.kthread.testing;

import static org.kthread.testing.Caller.eventually;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.kthread.proc.CurThread;
import org.kthread.sys.Action;

/** A daemon as the manual draws it: round after round, a check at the head of each. Its work is a number. */
public final class Rounds implements Action {
    private static final long WORK = 100_000;

    private final AtomicLong done = new AtomicLong();

    @Override
    public void run() {
        for (; ; ) {
            CurThread.suspendCheck();
            done.incrementAndGet();
            LockSupport.parkNanos(WORK);
        }
    }

    /** How many rounds there were. */
    public long done() {
        return done.get();
    }

    /** Returns when it has done another two: it works. */
    public void awaitWork() {
        long now = done.get();
        eventually(() -> done.get() > now + 1);
    }
}
