package org.kthread.examples.bufdaemon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** How the run ends: told by the daemons, awaited by main. The first failure of a kind is kept. */
final class Outcome {
    static final int OK = 0;
    static final int BAD_INPUT = 1;
    static final int MISMATCH = 2;
    static final int LEFT_BEHIND = 3;
    static final int IO_FAILURE = 4;

    private final CountDownLatch ended = new CountDownLatch(1);

    @GuardedBy("this")
    private @Nullable String mismatch;

    @GuardedBy("this")
    private @Nullable Exception ioFailure;

    @GuardedBy("this")
    private @Nullable Throwable death;

    /** The replay is over, or will not go on. */
    void end() {
        ended.countDown();
    }

    boolean awaitEnd(long millis) throws InterruptedException {
        return ended.await(millis, TimeUnit.MILLISECONDS);
    }

    synchronized void ioFailed(Exception e) {
        if (ioFailure == null) {
            ioFailure = e;
        }
        end();
    }

    synchronized void mismatched(String what) {
        if (mismatch == null) {
            mismatch = what;
        }
        end();
    }

    /** A daemon dies of the unforeseen: what others wait for from it does not come. */
    synchronized void died(Throwable cause) {
        if (death == null) {
            death = cause;
        }
        end();
    }

    synchronized @Nullable Exception ioFailure() {
        return ioFailure;
    }

    synchronized @Nullable String mismatch() {
        return mismatch;
    }

    synchronized @Nullable Throwable death() {
        return death;
    }
}
