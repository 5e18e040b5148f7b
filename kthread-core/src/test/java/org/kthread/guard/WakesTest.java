package org.kthread.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.Kernel;
import org.kthread.proc.CurThread;
import org.kthread.proc.Proc;
import org.kthread.proc.ResumeOutcome;
import org.kthread.proc.Suspension;
import org.kthread.proc.Verdict;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Action;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;

@DisplayName("By the JVM's count of how often a thread has begun to wait")
class WakesTest extends KernelTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Duration STEP = Duration.ofMillis(10);
    private static final int STEPS_A_SECOND = 100;

    private final ManualClock manual = new ManualClock();

    @Override
    protected KernelClock clock() {
        return manual;
    }

    /** The host threads whose names begin so: how often each has begun to wait. */
    private static long waits(String name) {
        long waits = 0;
        for (ThreadInfo info : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (info != null && info.getThreadName().startsWith(name)) {
                waits += info.getWaitedCount();
            }
        }
        return waits;
    }

    private Proc asleep(String name, Action main) {
        Proc proc = create(name, main);
        eventually(() -> row(proc).state() == 'S' && isWaiting(name));
        return proc;
    }

    private static boolean isWaiting(String name) {
        for (ThreadInfo info : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (info != null && info.getThreadName().equals(name)) {
                return info.getThreadState() == Thread.State.WAITING;
            }
        }
        return false;
    }

    /** A daemon that sleeps until it is woken, which nobody does. */
    private Action sleeps(int pri) {
        Object chan = new Object();
        return () -> {
            for (; ; ) {
                CurThread.suspendCheck();
                kernel.sleepQueues().tsleep(chan, pri, "guarded", Duration.ofDays(1));
            }
        };
    }

    private void suspendOften(Proc proc) throws Exception {
        for (int i = 0; i < 1_000; i++) {
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            assertEquals(ResumeOutcome.Kind.RUNNING, proc.resume().kind());
        }
    }

    @Test
    @DisplayName("a suspendable sleeper is suspended and resumed 1,000 times without a single switch to it")
    void suspendable() throws Exception {
        Proc proc = asleep("suspendable", sleeps(SleepPriority.SUSPENDABLE));
        long before = waits("suspendable");
        suspendOften(proc);
        assertEquals(before, waits("suspendable"));
    }

    @Test
    @DisplayName("so is a daemon in a region")
    void region() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        Proc proc = asleep("inregion", () -> CurThread.quiescent("guarded", (Action) never::await));
        long before = waits("inregion");
        suspendOften(proc);
        assertEquals(before, waits("inregion"));
    }

    @Test
    @DisplayName("(and a sleeper that has to come and park is seen to do so)")
    void planted() throws Exception {
        Proc proc = asleep("catching", sleeps(SleepPriority.PCATCH));
        long before = waits("catching");
        for (int i = 0; i < 10; i++) {
            assertEquals(Verdict.SUSPENDED, proc.suspend(LIMIT).verdict());
            proc.resume();
            eventually(() -> row(proc).state() == 'S' && isWaiting("catching"));
        }
        assertTrue(waits("catching") >= before + 10, () -> before + " -> " + waits("catching"));
    }

    @Test
    @DisplayName("who joins a process without a limit begins to wait once, whatever else the process tells")
    @DisabledForJreRange(min = JRE.JAVA_21, max = JRE.JAVA_23) // there a virtual thread would keep its carrier so
    void join() throws Exception {
        Door ready = new Door();
        Door end = new Door();
        Proc proc = create("joined", () -> {
            ready.await();
            CurThread.ready();
            end.await();
        });
        Caller<Boolean> joiner = Caller.start("joiner", () -> proc.join(KernelClock.FOREVER));
        joiner.awaitWaiting();
        ready.open();
        eventually(proc::isReady);
        joiner.awaitWaiting();
        assertEquals(1, waits("joiner"));
        end.open();
        assertTrue(joiner.result());
    }

    @Test
    @DisplayName("a quiesce of 100 sleepers switches to none of them")
    void quiesce() throws Exception {
        for (int i = 0; i < 100; i++) {
            asleep("many" + i, sleeps(SleepPriority.SUSPENDABLE));
        }
        long before = waits("many");
        for (int i = 0; i < 20; i++) {
            try (Suspension quiet = kernel.kernel().quiesce("guard", Kernel.ALL, LIMIT)) {
                assertEquals("guard", quiet.owner());
            }
        }
        assertEquals(before, waits("many"));
    }

    /** Moves the clock on for some seconds, a little at a time, and lets the one who waits for it do what it then does. */
    private void pass(int seconds) {
        for (int i = 0; i < seconds * STEPS_A_SECOND; i++) {
            manual.advance(STEP);
            eventually(() -> manual.waiters() == 1 && manual.nextDeadline() > manual.nanoTime());
        }
    }

    private long wakesASecond(Duration pause) {
        int seconds = 3;
        Proc proc = create("idle", () -> {
            for (; ; ) {
                CurThread.suspendCheck();
                kernel.sleepQueues().pause(SleepPriority.SUSPENDABLE, "idle", pause);
            }
        });
        eventually(() -> manual.waiters() == 1 && row(proc).state() == 'S');
        long before = waits("idle");
        pass(seconds);
        return (waits("idle") - before) / seconds;
    }

    @Test
    @DisplayName("an idle daemon wakes once a second")
    void idle() {
        assertEquals(1, wakesASecond(Duration.ofSeconds(1)));
    }

    @Test
    @DisplayName("(and one that polls is seen to wake more often)")
    void plantedPoll() {
        assertEquals(STEPS_A_SECOND, wakesASecond(STEP));
    }

    @Test
    @DisplayName("a kernel without daemons does not wake at all: none of its threads waits for a time")
    void idleKernel() {
        List<String> own = List.of("init", "shutdown");
        for (String name : List.of("init", "shutdown", "shutdown-runner", "shutdown-console")) {
            eventually(() -> isWaiting(name));
        }
        long before = own.stream().mapToLong(WakesTest::waits).sum();
        for (int i = 0; i < 100; i++) {
            assertEquals(0, manual.waiters());
            manual.advance(Duration.ofHours(1));
        }
        assertEquals(before, own.stream().mapToLong(WakesTest::waits).sum());
    }
}
