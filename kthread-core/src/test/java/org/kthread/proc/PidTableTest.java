package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.SleepQueues;
import org.kthread.sys.ManualClock;

class PidTableTest {
    private static final int PID_MAX = 12;

    private final PidTable pids = new PidTable(PID_MAX);
    private final ManualClock clock = new ManualClock();
    private final ProcTable owner =
            new ProcTable(clock, new SleepQueues(clock), new KernelEvents(), line -> {}, 6, PID_MAX);

    private Proc take() {
        Proc proc = new Proc(owner, pids.next(), owner.proc0(), "p", true);
        pids.put(proc);
        return proc;
    }

    private Proc takeHigh() {
        Proc proc = new Proc(owner, pids.nextHigh(), owner.proc0(), "h", true);
        pids.put(proc);
        return proc;
    }

    @Test
    @DisplayName("the first pid is 2, and each next one follows the last given, freed or not")
    void following() {
        Proc two = take();
        assertEquals(2, two.pid());
        assertEquals(3, take().pid());
        pids.remove(two);
        assertEquals(4, take().pid());
    }

    @Test
    @DisplayName("past the end it goes on from 2")
    void wraps() {
        for (int pid = 2; pid <= PID_MAX; pid++) {
            Proc proc = take();
            assertEquals(pid, proc.pid());
            pids.remove(proc);
        }
        assertEquals(2, take().pid());
    }

    @Test
    @DisplayName("a pid in use is never given again, however often the numbers wrap")
    void inUse() {
        Deque<Proc> alive = new ArrayDeque<>();
        Set<Integer> used = new HashSet<>();
        Proc old = take();
        for (int i = 0; i < 100; i++) {
            Proc proc = take();
            assertTrue(used.add(proc.pid()), () -> proc.pid() + " is in use");
            assertFalse(proc.pid() == old.pid());
            alive.add(proc);
            if (alive.size() == 4) {
                Proc dead = alive.remove();
                pids.remove(dead);
                used.remove(dead.pid());
            }
        }
    }

    @Test
    @DisplayName("RFHIGHPID: the first free one from 10, and the next search begins where it would have")
    void high() {
        assertEquals(2, take().pid());
        assertEquals(10, takeHigh().pid());
        assertEquals(11, takeHigh().pid());
        assertEquals(3, take().pid());
        for (int pid = 4; pid < 10; pid++) {
            assertEquals(pid, take().pid());
        }
        assertEquals(12, take().pid(), "10 and 11 are taken");
    }

    @Test
    @DisplayName("lookup, and the list in the order of pids")
    void lookup() {
        Proc high = takeHigh();
        Proc two = take();
        assertSame(two, pids.get(2));
        assertNull(pids.get(3));
        assertEquals(List.of(two, high), pids.all());
        pids.remove(two);
        assertNull(pids.get(2));
        assertEquals(1, pids.size());
    }

    @Test
    @DisplayName("thousands of pids, some freed: lookup and list show the rest, in order")
    void many() {
        PidTable wide = new PidTable(5_000);
        List<Proc> live = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            Proc proc = new Proc(owner, wide.next(), owner.proc0(), "p", true);
            wide.put(proc);
            if (i % 1_000 < 600) {
                wide.remove(proc); // whole stretches become empty
            } else {
                live.add(proc);
            }
        }
        assertEquals(live, wide.all());
        assertEquals(live.size(), wide.size());
        live.forEach(proc -> assertSame(proc, wide.get(proc.pid())));
        assertNull(wide.get(2));
        assertNull(wide.get(5_000), "never reached");
        assertNull(wide.get(-1));
        assertNull(wide.get(Integer.MAX_VALUE));
    }

    @Test
    @DisplayName("what has a reused pid is not removed by its predecessor")
    void removeOnlyOneself() {
        Proc first = take();
        pids.remove(first);
        Proc second = new Proc(owner, first.pid(), owner.proc0(), "second", true);
        pids.put(second);
        pids.remove(first);
        assertSame(second, pids.get(second.pid()));
    }

    @Test
    @DisplayName("a pid far beyond the others finds its place, and its neighbors are free")
    void far() {
        Proc far = new Proc(owner, 5_000, owner.proc0(), "far", true);
        pids.put(far);
        assertSame(far, pids.get(5_000));
        assertNull(pids.get(4_999));
        assertNull(pids.get(5_001));
        assertEquals(List.of(far), pids.all());
    }
}
