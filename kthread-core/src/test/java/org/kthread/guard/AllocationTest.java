package org.kthread.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.kthread.guard.Allocations.assertNone;
import static org.kthread.guard.Allocations.steady;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.kthread.event.EventList;
import org.kthread.lwp.Lwps;
import org.kthread.lwp.Syscalls;
import org.kthread.proc.CurThread;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcState;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.SleepQueues;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Action;
import org.kthread.testing.KernelTest;

@DisplayName("In steady state nothing is allocated by")
class AllocationTest extends KernelTest {
    /** Where a planted allocation goes: the compilers cannot do without it. */
    static volatile Object sink;

    @Test
    @DisplayName("suspendCheck, with nothing pending")
    void suspendCheck() throws Exception {
        assertNone("suspendCheck", onKernelThread("checks", () -> steady(CurThread::suspendCheck)));
    }

    @Test
    @DisplayName("wakeup and wakeupOne of a channel that nobody sleeps on")
    void wakeupOfNobody() throws Exception {
        SleepQueues sleepQueues = kernel.sleepQueues();
        Object chan = new Object();
        assertNone("wakeup", steady(() -> sleepQueues.wakeup(chan)));
        assertNone("wakeupOne", steady(() -> sleepQueues.wakeupOne(chan)));
    }

    @Test
    @DisplayName("an event with ten handlers")
    void invoke() throws Exception {
        EventList<Object> list = new EventList<>("ten");
        AtomicLong called = new AtomicLong();
        for (int i = 0; i < 10; i++) {
            list.register(arg -> called.incrementAndGet(), i);
        }
        Object arg = new Object();
        assertNone("invoke", steady(() -> list.invoke(arg)));
        assertEquals(10L * (Allocations.WARM + Allocations.CALLS), called.get());
    }

    @Test
    @DisplayName("a switch from one lwp to another, of a host thread and of a kernel thread that visits")
    void switchTo() throws Exception {
        Lwps lwps = kernel.kernel().lwps();
        assertNone("switchTo", switches(lwps));
        assertNone("switchTo on a kernel thread", onKernelThread("visits", () -> switches(lwps)));
    }

    private static long switches(Lwps lwps) throws Exception {
        lwps.rfork(Lwps.RUMP_RFCFDG);
        Lwp one = lwps.curLwp();
        lwps.rfork(Lwps.RUMP_RFCFDG);
        Lwp two = lwps.curLwp();
        long bytes = steady(() -> lwps.switchTo(lwps.curLwp() == one ? two : one));
        lwps.switchTo(lwps.curLwp() == one ? two : one);
        lwps.releaseLwp();
        lwps.switchTo(one.isReleased() ? two : one);
        lwps.releaseLwp();
        return bytes;
    }

    @Test
    @DisplayName("getpid and curlwp: in the implicit context, bound, and on a kernel thread")
    void lookups() throws Exception {
        assertNone("implicit", lookUp());
        kernel.kernel().lwps().rfork(Lwps.RUMP_RFCFDG);
        assertNone("bound", lookUp());
        kernel.kernel().lwps().releaseLwp();
        assertNone("kernel thread", onKernelThread("looks", this::lookUp));
    }

    private long lookUp() throws Exception {
        Syscalls syscalls = kernel.kernel().syscalls();
        Lwps lwps = kernel.kernel().lwps();
        long[] seen = new long[1];
        return steady(() -> {
            seen[0] += syscalls.getpid();
            seen[0] += lwps.curLwp() == null ? 0 : 1;
        });
    }

    /** How a daemon sleeps. */
    enum Sleep {
        PLAIN(0),
        CATCHING(SleepPriority.PCATCH),
        SUSPENDABLE(SleepPriority.SUSPENDABLE);

        private final int pri;

        Sleep(int pri) {
            this.pri = pri;
        }
    }

    /** Pairs of a sleep and a wakeup: an object in each would be five times what is allowed. */
    private static final int PAIRS = 5_000;

    private static final long PAUSE = 1_000; // nanoseconds

    @ParameterizedTest(name = "{0}")
    @EnumSource(Sleep.class)
    @DisplayName("a sleep and its wakeup, on either side")
    void pair(Sleep sleep) throws Exception {
        SleepQueues sleepQueues = kernel.sleepQueues();
        Object chan = new Object();
        AtomicLong woken = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        Duration limit = LIMIT;
        Proc sleeper = create("sleeper", () -> {
            Action once = () -> {
                WakeReason reason;
                do {
                    reason = sleepQueues.tsleep(chan, sleep.pri, "pair", limit);
                } while (reason != WakeReason.AWAKENED);
                woken.incrementAndGet();
            };
            Allocations.of(PAIRS / 4, once);
            bytes.set(Allocations.of(PAIRS, once));
        });
        assertNone("a waker", Allocations.of(PAIRS, () -> wake(sleepQueues, chan, woken, sleeper)));
        while (!sleeper.join(Duration.ZERO)) {
            sleepQueues.wakeup(chan);
            LockSupport.parkNanos(PAUSE);
        }
        assertEquals(PAIRS + PAIRS / 4, woken.get());
        assertNone("a sleeper", bytes.get());
    }

    /** Wakes the sleeper once; it may not yet be asleep. */
    private static void wake(SleepQueues sleepQueues, Object chan, AtomicLong woken, Proc sleeper) {
        long before = woken.get();
        while (woken.get() == before && sleeper.state() == ProcState.RUNNING) {
            sleepQueues.wakeup(chan);
            LockSupport.parkNanos(PAUSE);
        }
    }

    @Test
    @DisplayName("(and what does allocate is caught, one small object a call or one in fifty)")
    void planted() throws Exception {
        long each = steady(() -> sink = new Object());
        assertThrows(AssertionError.class, () -> assertNone("planted", each));
        int[] count = new int[1];
        long few = steady(() -> {
            if (count[0]++ % 50 == 0) {
                sink = new Object();
            }
        });
        assertThrows(AssertionError.class, () -> assertNone("planted", few));
        long pauses = onKernelThread(
                "pauses", () -> Allocations.of(5_000, () -> kernel.sleepQueues().pause("planted", Duration.ZERO)));
        assertThrows(AssertionError.class, () -> assertNone("a pause makes a channel", pauses));
    }
}
