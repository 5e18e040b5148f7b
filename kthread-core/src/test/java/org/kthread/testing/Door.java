package org.kthread.testing;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Something one thread of a test opens for another. */
public final class Door {
    private final CountDownLatch latch = new CountDownLatch(1);

    public void open() {
        latch.countDown();
    }

    public boolean isOpen() {
        return latch.getCount() == 0;
    }

    /** Waits, whatever interrupts; the flag is set again. */
    public void await() {
        boolean interrupted = false;
        for (boolean open = false; !open; ) {
            try {
                open = latch.await(Caller.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
                if (!open) {
                    throw new AssertionError("nobody opens the door");
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits; an interrupt ends it. */
    public void awaitOrInterrupt() throws InterruptedException {
        if (!latch.await(Caller.LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError("nobody opens the door");
        }
    }
}
