package org.kthread.shutdown;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.kthread.event.EventHandler;
import org.kthread.sys.Action;

/** Does not return, whoever interrupts it, until it is let go; joins the threads that were inside. */
public final class Stuck implements Action, EventHandler<Howto> {
    private final CountDownLatch release = new CountDownLatch(1);
    private final List<Thread> inside = new CopyOnWriteArrayList<>();
    private volatile boolean interrupted;

    @Override
    public void run() {
        inside.add(Thread.currentThread());
        while (release.getCount() > 0) {
            try {
                release.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }

    @Override
    public void handle(Howto howto) {
        run();
    }

    public void awaitInside() {
        await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1)).until(() -> !inside.isEmpty());
    }

    public boolean wasInterrupted() {
        return interrupted;
    }

    public void release() throws InterruptedException {
        release.countDown();
        for (Thread thread : inside) {
            thread.join();
        }
    }

    @Override
    public String toString() {
        return "stuck";
    }
}
