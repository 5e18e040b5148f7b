package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.shutdown.PhaseRunner.Ended;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Caller;

@Timeout(60)
class PhaseRunnerTest {
    @Test
    @DisplayName("A task that was begun and, after a failure between, never given up does not hold up the end")
    void closeDoesNotWaitForWhatIsStuck() throws InterruptedException {
        PhaseRunner runner = new PhaseRunner(KernelClock.system());
        Stuck stuck = new Stuck();
        runner.start();
        try {
            assertNotNull(runner.begin(stuck));
            stuck.awaitInside();

            assertEquals(List.of("shutdown-runner"), runner.close());
        } finally {
            stuck.release();
        }
    }

    @Test
    @DisplayName("An action for which there is no thread runs on the coordinator's, until there is one again")
    void noThread() {
        KernelClock clock = KernelClock.system();
        long deadline = clock.deadline(Caller.LIMIT);
        PhaseRunner runner = new PhaseRunner(clock);
        List<Thread> hosts = new CopyOnWriteArrayList<>();
        IllegalStateException planted = new IllegalStateException("planted");
        Action failing = () -> {
            throw planted;
        };
        Ended done = new Ended(null, false, List.of());
        runner.starter = host -> {
            throw new OutOfMemoryError("planted");
        };
        assertEquals(done, runner.run(() -> hosts.add(Thread.currentThread()), deadline));
        assertEquals(new Ended(planted, false, List.of()), runner.run(failing, deadline));
        runner.starter = Thread::start;
        assertEquals(done, runner.run(() -> hosts.add(Thread.currentThread()), deadline));

        assertEquals(List.of(), runner.close());
        assertEquals(2, hosts.size());
        assertSame(Thread.currentThread(), hosts.get(0));
        assertNotSame(Thread.currentThread(), hosts.get(1));
    }
}
