package org.kthread.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.kthread.event.EventList;
import org.kthread.lwp.Lwps;
import org.kthread.proc.CurThread;
import org.kthread.proc.Kthread;
import org.kthread.proc.Lwp;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;

@DisplayName("While another thread holds every monitor of the kernel")
class NoLockTest extends KernelTest {
    private static final int TIMES = 1_000;

    private final EventList<Object> list = new EventList<>("ten");
    private final AtomicLong handled = new AtomicLong();
    private Locks locks;

    @BeforeEach
    void register() {
        for (int i = 0; i < 10; i++) {
            list.register(arg -> handled.incrementAndGet(), i);
        }
        locks = Locks.of(kernel.kernel(), list);
    }

    /** A call that returns nevertheless. */
    private record Free(String name, Action call) {}

    private List<Free> free() {
        Lwps lwps = kernel.kernel().lwps();
        Object chan = new Object();
        return List.of(
                new Free("wakeup of nobody", () -> kernel.sleepQueues().wakeup(chan)),
                new Free("wakeupOne of nobody", () -> kernel.sleepQueues().wakeupOne(chan)),
                new Free("an event with ten handlers", () -> list.invoke(chan)),
                new Free("curlwp", lwps::curLwp),
                new Free("getpid", () -> kernel.kernel().syscalls().getpid()),
                new Free("getuid", () -> kernel.kernel().syscalls().getuid()),
                new Free("the state of a process", () -> kernel.initproc().state()),
                new Free("isKernelThread", CurThread::isKernelThread));
    }

    @TestFactory
    @DisplayName("these return all the same, on a thread of the program")
    Stream<DynamicTest> hostThread() {
        return free().stream()
                .map(each -> DynamicTest.dynamicTest(each.name, () -> {
                    assertTrue(locks.size() > 256, "too few locks are known: " + locks.size());
                    locks.whileHeld(
                            () -> Caller.run(each.name, () -> repeat(each.call)).result());
                }));
    }

    private static void repeat(Action call) throws Exception {
        for (int i = 0; i < TIMES; i++) {
            call.run();
        }
    }

    @Test
    @DisplayName("a kernel thread checks, looks who it is, and does all that a thread of the program can")
    void kernelThread() throws Exception {
        Door held = new Door();
        Door done = new Door();
        Proc proc = create("checks", () -> {
            held.await();
            repeat(() -> {
                CurThread.suspendCheck();
                CurThread.shouldStop();
                CurThread.curthread().tid();
                CurThread.curproc().pid();
            });
            for (Free each : free()) {
                repeat(each.call);
            }
            done.open();
        });
        Locks.of(kernel.kernel(), proc, list).whileHeld(() -> {
            held.open();
            done.await();
            return true;
        });
        assertTrue(proc.join(LIMIT));
        assertEquals(10L * TIMES, handled.get());
    }

    @Test
    @DisplayName("a host thread hops between two lwps")
    void switches() throws Exception {
        Lwps lwps = kernel.kernel().lwps();
        Caller.run("hops", () -> {
                    lwps.rfork(0);
                    Lwp one = lwps.curLwp();
                    lwps.rfork(0);
                    Lwp two = lwps.curLwp();
                    Locks.of(kernel.kernel(), one, two).whileHeld(() -> {
                        repeat(() -> {
                            lwps.switchTo(one);
                            kernel.kernel().syscalls().getpid();
                            lwps.switchTo(null);
                            lwps.switchTo(two);
                        });
                        return true;
                    });
                    lwps.releaseLwp();
                    lwps.switchTo(one);
                    lwps.releaseLwp();
                })
                .result();
    }

    @TestFactory
    @DisplayName("(and what does take a lock is seen to wait for it)")
    Stream<DynamicTest> planted() {
        Kthread thread = create("planted", new Rounds()).kthreads().get(0);
        Locks more = Locks.of(kernel.kernel(), thread, list);
        return Stream.of(
                        new Free("of the process table", () -> kernel.pfind(1)),
                        new Free(
                                "of a sleep chain",
                                () -> kernel.sleepQueues().tsleep(new Object(), 0, "planted", Duration.ZERO)),
                        new Free("of an event's list", () -> list.register(arg -> {}, 1)),
                        new Free("of a process's life", () -> kernel.proc0().isReady()),
                        new Free("of a thread's gate", thread::isExited))
                .map(each -> DynamicTest.dynamicTest(each.name, () -> assertBlocked(more, each.call)));
    }

    private static void assertBlocked(Locks locks, Action call) throws Exception {
        Callable<Caller<Boolean>> blocked = () -> {
            Caller<Boolean> caller = Caller.run("planted", call);
            eventually(() -> caller.thread().getState() == Thread.State.BLOCKED || !caller.isAlive());
            assertTrue(caller.isAlive(), "it took no lock that is known");
            return caller;
        };
        locks.whileHeld(blocked).result();
    }
}
