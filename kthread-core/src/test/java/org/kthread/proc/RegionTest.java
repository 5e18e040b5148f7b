package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Unwind;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Stuck;

/** Regions: {@link CurThread#quiescent}. */
class RegionTest extends KernelTest {
    private final List<String> told = new CopyOnWriteArrayList<>();
    private final Door inside = new Door();
    private final Door leave = new Door();

    private void body() {
        inside.open();
        leave.await();
        told.add("body");
    }

    @Test
    @DisplayName(
            "inside, the daemon counts as parked: an ask is answered at once, the body runs on, leaving waits for resume")
    void countsAsParked() throws Exception {
        Proc proc = create("region", () -> {
            CurThread.quiescent("reg", this::body);
            told.add("after");
        });
        inside.await();
        assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
        assertEquals('T', row(proc).state());
        assertEquals("reg", row(proc).wmesg());
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertEquals(List.of("body"), told);
        proc.resume();
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of("body", "after"), told);
    }

    @Test
    @DisplayName("entering is a check: who was asked before parks before the body")
    void entering() throws Exception {
        Stuck stuck = new Stuck(() -> CurThread.quiescent("reg", this::body));
        Proc proc = create("entering", stuck);
        SuspendRequest request = proc.ask("a");
        leave.open();
        stuck.release();
        assertEquals(Verdict.SUSPENDED, request.await(LIMIT).verdict());
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertFalse(inside.isOpen());
        request.withdraw();
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of("body"), told);
    }

    @Test
    @DisplayName("a blocking call inside may complete: one element is taken; nothing is done with it before resume")
    void takesOne() throws Exception {
        BlockingQueue<String> queue = new ArrayBlockingQueue<>(10);
        Proc proc = create("consumer", () -> {
            for (; ; ) {
                String job = CurThread.quiescent("jobwait", queue::take);
                told.add(job);
            }
        });
        eventually(() -> "jobwait".equals(row(proc).wmesg()));
        try (Suspension hold = proc.hold("backup", Duration.ZERO)) {
            queue.add("1");
            queue.add("2");
            queue.add("3");
            eventually(() -> queue.size() == 2);
            eventually(() -> "kpsusp".equals(row(proc).wmesg()));
            assertEquals(List.of(), told);
            assertEquals(2, queue.size());
            assertEquals("backup", hold.owner());
        }
        eventually(() -> told.size() == 3);
        assertEquals(List.of("1", "2", "3"), told);
    }

    @Test
    @DisplayName("what the body throws comes out, but not before resume")
    void exceptional() throws Exception {
        IOException planted = new IOException("planted");
        AtomicReference<Throwable> caught = new AtomicReference<>();
        Proc proc = create("thrower", () -> {
            try {
                CurThread.quiescent("reg", () -> {
                    body();
                    throw planted;
                });
            } catch (IOException e) {
                caught.set(e);
            }
        });
        inside.await();
        SuspendRequest request = proc.ask("a");
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertNull(caught.get());
        request.withdraw();
        assertTrue(proc.join(LIMIT));
        assertSame(planted, caught.get());
    }

    @Test
    @DisplayName("after a stop leaving throws the unwinding in place of what the body threw, and suppresses nothing")
    void unwindingInPlace() throws Exception {
        AtomicReference<Throwable> caught = new AtomicReference<>();
        Proc proc = create("thrower", () -> {
            try {
                CurThread.quiescent("reg", () -> {
                    body();
                    throw new IOException("planted");
                });
            } catch (Throwable t) {
                caught.set(t);
                throw t;
            }
        });
        inside.await();
        proc.stop(Duration.ZERO);
        leave.open();
        awaitReaped(proc);
        assertInstanceOf(Unwind.class, caught.get());
        assertEquals(0, caught.get().getSuppressed().length);
        assertNull(caught.get().getCause());
        assertEquals(0, proc.exitStatus().getAsInt());
        assertTrue(proc.cause().isEmpty());
    }

    @Test
    @DisplayName("the interrupt of a stop that the body did not use up is gone when the region is left")
    void interruptOfStop() throws Exception {
        AtomicReference<Thread> host = new AtomicReference<>();
        Proc proc = create("unused", () -> {
            host.set(Thread.currentThread());
            try {
                CurThread.quiescent("reg", () -> {
                    inside.open();
                    while (!leave.isOpen()) {
                        Thread.onSpinWait();
                    }
                });
            } finally {
                told.add("flag " + Thread.currentThread().isInterrupted());
            }
        });
        inside.await();
        proc.stop(Duration.ZERO);
        eventually(() -> host.get().isInterrupted());
        leave.open();
        awaitReaped(proc);
        assertEquals(List.of("flag false"), told);
    }

    @Test
    @DisplayName("regions nest: inside any it counts as parked, and leaving an inner one waits as well")
    void nested() throws Exception {
        Door between = new Door();
        Proc proc = create(
                "nested",
                () -> CurThread.quiescent("outer", () -> {
                    CurThread.quiescent("inner", this::body);
                    told.add("between");
                    between.await();
                }));
        inside.await();
        assertEquals("inner", row(proc).wmesg());
        SuspendRequest first = proc.ask("a");
        assertEquals(Verdict.SUSPENDED, first.verdict());
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertEquals(List.of("body"), told);
        first.withdraw();
        eventually(() -> "outer".equals(row(proc).wmesg()));
        SuspendRequest second = proc.ask("b");
        assertEquals(Verdict.SUSPENDED, second.verdict());
        between.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        second.withdraw();
        assertTrue(proc.join(LIMIT));
    }

    @Test
    @DisplayName("nested after a stop: the inner leaving unwinds, the outer too, and the flag is clear at the end")
    void nestedStop() throws Exception {
        Proc proc = create("nested", () -> {
            try {
                CurThread.quiescent("outer", () -> {
                    CurThread.quiescent("inner", () -> {
                        inside.open();
                        new CountDownLatch(1).await();
                    });
                    told.add("between");
                });
                told.add("after");
            } finally {
                told.add("flag " + Thread.currentThread().isInterrupted());
            }
        });
        inside.await();
        assertTrue(proc.stop(LIMIT).isExited());
        assertEquals(List.of("flag false"), told);
    }

    @Test
    @DisplayName("after it the daemon does not count as parked")
    void after() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("after", () -> {
            CurThread.quiescent("reg", () -> {});
            stuck.run();
        });
        stuck.awaitInside();
        assertEquals(Verdict.TIMED_OUT, proc.suspend(Duration.ZERO).verdict());
        assertNull(row(proc).wmesg());
        stuck.release();
        proc.resume();
    }

    @Test
    @DisplayName("a check inside parks, and then the body goes on")
    void checkInside() throws Exception {
        Proc proc = create(
                "checks",
                () -> CurThread.quiescent("reg", () -> {
                    body();
                    CurThread.suspendCheck();
                    told.add("checked");
                }));
        inside.await();
        assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        assertEquals(List.of("body"), told);
        proc.resume();
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of("body", "checked"), told);
    }

    @Test
    @DisplayName("a plain sleep inside counts as parked too, and so does what comes after it in the body")
    void sleepInside() throws Exception {
        Door asleep = new Door();
        Proc proc = create(
                "sleeps",
                () -> CurThread.quiescent("reg", () -> {
                    asleep.open();
                    kernel.sleepQueues().pause("inner", Duration.ofMillis(1));
                    body();
                }));
        asleep.await();
        assertEquals(Verdict.SUSPENDED, proc.suspend(Duration.ZERO).verdict());
        inside.await();
        assertEquals(Verdict.SUSPENDED, proc.ask("b").verdict());
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
    }

    @Test
    @DisplayName("exit inside ends the thread: leaving lets it pass, and no ask is answered SUSPENDED any more")
    void exitInside() throws Exception {
        Proc proc = create(
                "exits",
                () -> CurThread.quiescent("reg", () -> {
                    try {
                        CurThread.exit(6);
                    } finally {
                        body();
                    }
                }));
        inside.await();
        assertEquals(Verdict.TIMED_OUT, proc.ask("a").verdict());
        leave.open();
        awaitReaped(proc);
        assertEquals(6, proc.exitStatus().getAsInt());
    }

    @Test
    @DisplayName("an interrupt that is not of a stop reaches the body, as it would without a region")
    void interruptOfOthers() throws Exception {
        AtomicReference<Thread> host = new AtomicReference<>();
        AtomicReference<Throwable> caught = new AtomicReference<>();
        Proc proc = create("interrupted", () -> {
            host.set(Thread.currentThread());
            try {
                CurThread.quiescent("reg", () -> {
                    inside.open();
                    new CountDownLatch(1).await();
                });
            } catch (InterruptedException e) {
                caught.set(e);
            }
        });
        inside.await();
        host.get().interrupt();
        assertTrue(proc.join(LIMIT));
        assertInstanceOf(InterruptedException.class, caught.get());
    }

    @Test
    @DisplayName("an interrupt that comes while leaving waits is not eaten: the flag is set when it returns")
    void interruptWhileLeaving() throws Exception {
        AtomicReference<Thread> host = new AtomicReference<>();
        Proc proc = create("interrupted", () -> {
            host.set(Thread.currentThread());
            CurThread.quiescent("reg", this::body);
            told.add("flag " + Thread.interrupted());
        });
        inside.await();
        SuspendRequest request = proc.ask("a");
        leave.open();
        eventually(() -> "kpsusp".equals(row(proc).wmesg()));
        host.get().interrupt();
        eventually(() -> !host.get().isInterrupted());
        request.withdraw();
        assertTrue(proc.join(LIMIT));
        assertEquals(List.of("body", "flag true"), told);
    }

    @Test
    @DisplayName("outside a kernel thread it is a panic, and the body does not run")
    void panic() {
        assertThrows(KernelPanic.class, () -> CurThread.quiescent("reg", this::body));
        assertThrows(KernelPanic.class, () -> CurThread.quiescent("reg", () -> 1));
        assertEquals(List.of(), told);
    }
}
