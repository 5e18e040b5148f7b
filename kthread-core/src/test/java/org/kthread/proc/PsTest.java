package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** ps(1). */
class PsTest extends KernelTest {
    private static final Duration HOUR = Duration.ofHours(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    private Proc sleeper(String wmesg, int pri) {
        int before = clock.waiters();
        Proc proc = create(wmesg + "er", () -> kernel.sleepQueues().pause(pri, wmesg, HOUR));
        eventually(() -> clock.waiters() == before + 1);
        return proc;
    }

    @Test
    @DisplayName("rows come in the order of pids, the kernel and init first")
    void order() {
        for (int i = 0; i < 5; i++) {
            create("p" + i, new Rounds());
        }
        kernel.kthreads().kthreadCreate(named("high", new Rounds()).flags(KthreadSpec.RFHIGHPID));
        List<Integer> pids = kernel.ps().rows().stream().map(PsRow::pid).toList();
        assertEquals(List.of(0, 1, 2, 3, 4, 5, 6, 10), pids);
        int count = 0;
        for (PsRow row : kernel.ps()) {
            assertEquals(pids.get(count++), row.pid());
        }
    }

    @Test
    @DisplayName("R: it runs, and waits for nothing")
    void running() {
        AtomicBoolean end = new AtomicBoolean();
        Door runs = new Door();
        Proc proc = create("runs", () -> {
            runs.open();
            while (!end.get()) {
                Thread.onSpinWait();
            }
        });
        runs.await();
        PsRow row = row(proc);
        assertEquals('R', row.state());
        assertNull(row.wmesg());
        assertEquals(Duration.ZERO, row.age());
        assertNotNull(row.cpu());
        assertTrue(row.cpu().toNanos() > 0);
        end.set(true);
    }

    @Test
    @DisplayName("D: a plain sleep, or a wait of its own; S: a sleep that an interrupt or an ask may end")
    void sleeping() {
        assertEquals('D', row(sleeper("plain", 0)).state());
        assertEquals('S', row(sleeper("catch", SleepPriority.PCATCH)).state());
        assertEquals('S', row(sleeper("susp", SleepPriority.SUSPENDABLE)).state());
        Stuck stuck = new Stuck();
        Proc proc = create("latch", stuck);
        eventually(() -> row(proc).state() == 'D');
        assertNull(row(proc).wmesg());
        stuck.release();
    }

    @Test
    @DisplayName("T: suspended, at a check, in a sleep, in a region; with wmesg, and who holds it since when")
    void suspended() throws Exception {
        Proc checks = create("checks", new Rounds());
        Proc sleeps = sleeper("psleep", SleepPriority.SUSPENDABLE);
        Door inside = new Door();
        Door leave = new Door();
        Proc region = create(
                "region",
                () -> CurThread.quiescent("jobwait", () -> {
                    inside.open();
                    leave.await();
                }));
        inside.await();
        Suspension hold = kernel.quiesceAll("backup", LIMIT);
        eventually(() -> row(checks).wmesg() != null);
        clock.advance(Duration.ofMillis(1500));
        checks.ask(null);
        clock.advance(Duration.ofMillis(1500));
        for (Proc proc : List.of(checks, sleeps, region)) {
            assertEquals('T', row(proc).state());
        }
        assertEquals("kpsusp", row(checks).wmesg());
        assertEquals("psleep", row(sleeps).wmesg());
        assertEquals("jobwait", row(region).wmesg());
        assertEquals(List.of("backup 3.0s", "suspend 1.5s"), row(checks).holds());
        assertEquals(List.of("backup 3.0s"), row(sleeps).holds());
        hold.close();
        leave.open();
    }

    @Test
    @DisplayName("Z: ended; such a process has a row of its own, without a thread")
    void zombie() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("zombie", stuck);
        Kthread thread = proc.kthreads().get(0);
        stuck.release();
        awaitReaped(proc);
        assertEquals('Z', Ps.state(thread, false), "a row that was begun before");
        Ps ps = Ps.of(List.of(proc), 0);
        assertEquals(1, ps.rows().size());
        assertEquals('Z', ps.rows().get(0).state());
        assertEquals(0, ps.rows().get(0).tid());
        assertEquals(1, ps.rows().get(0).ppid());
    }

    @Test
    @DisplayName("the age of a sleep is told by the kernel's clock")
    void age() {
        clock.advance(Duration.ofSeconds(30)); // so that it does not begin at 0
        Proc proc = sleeper("aging", 0);
        clock.advance(Duration.ofSeconds(90));
        assertEquals(Duration.ofSeconds(90), row(proc).age());
    }

    @Test
    @DisplayName("each thread of a process has a row; the host thread's name is the full one")
    void threads() {
        Proc proc = create("a-process-with-a-long-name", new Rounds());
        Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", new Rounds()));
        List<PsRow> rows = rows(proc);
        assertEquals(2, rows.size());
        assertEquals("a-process-with-a-long-name", rows.get(0).hostThread());
        assertEquals("a-process-with-a-lo", rows.get(0).comm());
        assertEquals(second.tid(), rows.get(1).tid());
        assertEquals("second", rows.get(1).thread());
    }

    @Test
    @DisplayName("the wmesg of a region is there again after a sleep inside it")
    void regionAfterSleep() {
        Stuck stuck = new Stuck();
        Proc proc = create(
                "region",
                () -> CurThread.quiescent("jobwait", () -> {
                    kernel.sleepQueues().pause("inner", Duration.ZERO);
                    stuck.run();
                }));
        stuck.awaitInside();
        assertEquals("jobwait", row(proc).wmesg());
        stuck.release();
    }

    @Test
    @DisplayName("toString is the table: a title, and a line for each row, names in brackets")
    void table() throws Exception {
        Proc proc = sleeper("biowr", 0);
        Proc bufdaemon = create("bufdaemon", new Rounds());
        kernel.kthreads().kthreadAdd(bufdaemon, named("bufspace-0", new Rounds()));
        SuspendRequest request = bufdaemon.ask("backup");
        assertTrue(request.await(LIMIT).isQuiet());
        clock.advance(Duration.ofMillis(2500));
        List<String> lines = kernel.ps().toString().lines().toList();
        assertEquals("  PID  PPID     TID STAT WMESG        AGE      CPU COMMAND", lines.get(0));
        assertEquals("    0     0       - S    -              -        - [kernel]", lines.get(1));
        assertEquals("    1     0       - S    -              -        - [init]", lines.get(2));
        assertTrue(
                lines.get(3)
                        .matches(" +2 +0 +" + proc.kthreads().get(0).tid()
                                + " D    biowr +2\\.5s +\\d+\\.\\ds \\[biowrer\\]"),
                lines.get(3));
        assertTrue(lines.get(4).endsWith("[bufdaemon] held by backup 2.5s"), lines.get(4));
        assertTrue(lines.get(5).endsWith("[bufdaemon/bufspace-0] held by backup 2.5s"), lines.get(5));
        assertEquals(6, lines.size());
    }

    @Test
    @DisplayName("a daemon may look, at itself too; on a virtual thread there is no CPU time")
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtual() throws Exception {
        PsRow[] rows = new PsRow[1];
        Proc proc = kernel.kthreads()
                .kthreadCreate(named("virtual", () -> rows[0] = row(CurThread.curproc()))
                        .virtual());
        assertTrue(proc.join(LIMIT));
        assertTrue(proc.cause().isEmpty(), () -> "" + proc.cause());
        assertEquals("virtual", rows[0].hostThread());
        assertEquals('R', rows[0].state());
        assertNull(rows[0].cpu());
    }

    @Test
    @DisplayName("it may be called while processes come and go")
    void whileTheyComeAndGo() throws Exception {
        AtomicBoolean end = new AtomicBoolean();
        Proc looker = create("looker", () -> {
            while (!end.get()) {
                assertTrue(kernel.ps().toString().contains("[looker]"));
            }
        });
        for (int i = 0; i < 200; i++) {
            assertTrue(create("brief", () -> CurThread.exit(0)).join(LIMIT));
        }
        end.set(true);
        assertTrue(looker.join(LIMIT));
        assertTrue(looker.cause().isEmpty(), () -> "" + looker.cause());
    }
}
