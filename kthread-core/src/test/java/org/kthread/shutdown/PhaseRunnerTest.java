package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.shutdown.PhaseRunner.Ended;
import org.kthread.shutdown.PhaseRunner.Worker;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

@Timeout(60)
class PhaseRunnerTest {
    private static final Ended DONE = new Ended(null, false, List.of());

    private final KernelClock clock = KernelClock.system();
    private final long deadline = clock.deadline(Caller.LIMIT);
    private final PhaseRunner runner = new PhaseRunner(clock);

    @Test
    @DisplayName("A task that was begun and, after a failure between, never given up does not hold up the end")
    void closeDoesNotWaitForWhatIsStuck() throws InterruptedException {
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
    @DisplayName("Of two workers that are done at the same time one is kept, and the other ends")
    void keepsOne() throws InterruptedException {
        runner.start();
        PhaseRunner.Worker one = runner.begin(() -> {});
        PhaseRunner.Worker two = runner.begin(() -> {});
        assertTrue(one.await(deadline) && two.await(deadline));
        assertEquals(DONE, runner.end(one));
        assertEquals(DONE, runner.end(two));
        two.host.join(Caller.LIMIT.toMillis());
        assertFalse(two.host.isAlive());
        assertTrue(one.host.isAlive());
        assertEquals(List.of(), runner.close());
    }

    @Test
    @DisplayName("An action for which there is no thread runs on the coordinator's, until there is one again")
    void noThread() {
        List<Thread> hosts = new CopyOnWriteArrayList<>();
        IllegalStateException planted = new IllegalStateException("planted");
        Action failing = () -> {
            throw planted;
        };
        runner.starter = host -> {
            throw new OutOfMemoryError("planted");
        };
        assertEquals(DONE, runner.run(() -> hosts.add(Thread.currentThread()), deadline));
        assertEquals(new Ended(planted, false, List.of()), runner.run(failing, deadline));
        runner.starter = Thread::start;
        assertEquals(DONE, runner.run(() -> hosts.add(Thread.currentThread()), deadline));

        assertEquals(List.of(), runner.close());
        assertEquals(2, hosts.size());
        assertSame(Thread.currentThread(), hosts.get(0));
        assertNotSame(Thread.currentThread(), hosts.get(1));
    }

    @Test
    @DisplayName("A task whose thread the machine does not come to run while another begins is run when it does")
    void lateThread() throws InterruptedException {
        List<Thread> held = startHeld();
        List<String> ran = new CopyOnWriteArrayList<>();
        Worker first = begin(() -> ran.add("first"));
        Worker second = begin(() -> ran.add("second"));
        assertTrue(second.await(deadline));
        assertEquals(DONE, runner.end(second));
        held.get(0).start();
        assertTrue(first.await(deadline));
        assertEquals(DONE, runner.end(first));

        assertEquals(List.of(), runner.close());
        assertEquals(List.of("second", "first"), ran);
    }

    @Test
    @DisplayName("A task that was given up before its thread came to run is not begun")
    void givenUp() throws InterruptedException {
        List<Thread> held = startHeld();
        List<String> ran = new CopyOnWriteArrayList<>();
        Worker first = begin(() -> ran.add("first"));
        assertTrue(runner.end(first).abandoned());
        held.get(0).start();
        held.get(0).join();

        assertEquals(List.of(), runner.close());
        assertEquals(List.of(), ran);
    }

    @Test
    @DisplayName("What came of a task that was late is told of it, not of the one that was begun behind it")
    void lateTask() {
        runner.start();
        Door door = new Door();
        IllegalStateException planted = new IllegalStateException("planted");
        Worker late = begin(() -> {
            door.await();
            throw planted;
        });
        assertFalse(late.await(0));
        door.open();
        eventually(() -> late.await(0));
        Worker next = begin(() -> {});
        assertTrue(next.await(deadline));
        assertEquals(new Ended(planted, false, List.of()), runner.end(late));
        assertEquals(DONE, runner.end(next));

        assertEquals(List.of(), runner.close());
    }

    @Test
    @DisplayName("A task that nobody gave up, and that has returned, leaves no thread behind at the end")
    void unended() {
        runner.start();
        Worker first = begin(() -> {});
        assertTrue(first.await(deadline));
        Worker second = begin(() -> {});
        assertTrue(second.await(deadline));

        assertEquals(List.of(), runner.close());
        assertFalse(first.host.isAlive());
        assertFalse(second.host.isAlive());
    }

    /** The first thread is made, and not run. */
    private List<Thread> startHeld() {
        List<Thread> held = new CopyOnWriteArrayList<>();
        runner.starter = held::add;
        runner.start();
        runner.starter = Thread::start;
        return held;
    }

    private Worker begin(Action action) {
        return Objects.requireNonNull(runner.begin(action));
    }
}
