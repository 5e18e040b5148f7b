package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.event.EventException;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;
import org.kthread.sleep.SleepPriority;
import org.kthread.sys.Action;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;

/** A stack that overflows in a call of ours overflows before anything is changed. */
@DisplayName("A daemon whose stack overflows, at whatever depth, in")
class DeepStackTest extends KernelTest {
    private static final int TIMES = 60;

    /** Where each time has hundreds of overflows. */
    private static final int FEWER_TIMES = 10;

    /** How often what is rare is called first, so that it is compiled, and its calls are where its stack ends. */
    private static final int WARM = 20_000;

    private static final int PAGES = 64;

    private final Object chan = new Object();

    enum Call {
        SLEEP,
        SUSPENDABLE,
        REGION,
        WAKEUP,
        WAKEUP_ONE
    }

    private void call(Call call) throws Exception {
        switch (call) {
            case SLEEP -> kernel.sleepQueues().tsleep(chan, 0, "deep", Duration.ZERO);
            case SUSPENDABLE -> kernel.sleepQueues().tsleep(chan, SleepPriority.SUSPENDABLE, "deep", Duration.ZERO);
            case REGION -> CurThread.quiescent("deep", () -> {});
            case WAKEUP -> kernel.sleepQueues().wakeup(chan);
            case WAKEUP_ONE -> kernel.sleepQueues().wakeupOne(chan);
            default -> throw new AssertionError(call);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("a call, and that goes on: it sleeps, and answers, as ever")
    void goesOn(Call call) throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        Action main = () -> {
            call(call); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < TIMES; i++) {
                try {
                    deeper(call, i);
                } catch (StackOverflowError e) {
                    overflows.incrementAndGet();
                }
            }
            call(call);
            SuspendGate gate = CurThread.curthread().gate;
            SuspendGate.Ask ask = new SuspendGate.Ask(null, true, 0);
            gate.add(ask);
            assertEquals(null, gate.verdict(ask), "it counts as parked, and runs");
            gate.withdraw(ask);
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertEquals(TIMES, overflows.get());
    }

    enum Request {
        ASK,
        HOLD
    }

    private void make(Request request, Proc other) throws Exception {
        switch (request) {
            case ASK -> other.ask("deep").withdraw();
            case HOLD -> other.hold("deep", LIMIT).close();
            default -> throw new AssertionError(request);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource
    @DisplayName("a request to another, and nothing of it stays: nobody could take it back")
    void asksNobody(Request request) throws Exception {
        Proc other = create("other", new Rounds());
        assertTrue(other.suspend(LIMIT).isQuiet()); // a hold has its answer at once
        AtomicInteger room = new AtomicInteger(); // how often there is less than every request asks for
        AtomicInteger overflows = new AtomicInteger();
        Action main = () -> {
            make(request, other); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < FEWER_TIMES; i++) {
                bottom(i, room, Sleeper::requireStack);
                bottom(i, overflows, () -> make(request, other));
                assertEquals(1, row(other).holds().size());
                assertEquals(1, other.requests.size());
                assertEquals(List.of(), other.table.takenBy(CurThread.curproc()));
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(
                overflows.get() > room.get() * 3 / 4,
                () -> "it overflows where there is less room than every request asks for: " + overflows + ", " + room);
    }

    @Test
    @DisplayName("the end of a hold, and it ends at the next try: none of those held stays held")
    void endsHolds() throws Exception {
        Rounds rounds = new Rounds();
        Proc other = create("other", rounds);
        AtomicInteger overflows = new AtomicInteger();
        Action main = () -> {
            other.hold("deep", LIMIT).close(); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < FEWER_TIMES; i++) {
                Suspension hold = other.hold("deep", LIMIT);
                bottom(i, overflows, hold::close);
                assertEquals(List.of(), other.requests);
                assertEquals(List.of(), row(other).holds());
                assertEquals(List.of(), other.table.takenBy(CurThread.curproc()));
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
        rounds.awaitWork();
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"WAKEUP", "WAKEUP_ONE"})
    @DisplayName("a wakeup, and no sleeper stays behind: taken off its queue, and not woken")
    void leavesNobodyBehind(Call wakeup) throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger woken = new AtomicInteger();
        Proc sleeper = create("sleeper", () -> {
            while (!over.get()) {
                kernel.sleepQueues().tsleep(chan, 0, "deep", Duration.ofHours(1));
                woken.incrementAndGet();
            }
        });
        AtomicInteger room = new AtomicInteger(); // how often there is less than every wakeup asks for
        AtomicInteger overflows = new AtomicInteger();
        Action main = () -> {
            call(wakeup); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < FEWER_TIMES; i++) {
                eventually(() -> "deep".equals(sleeper.kthreads().get(0).gate.wmesg()));
                int before = woken.get();
                bottom(i, room, Sleeper::requireStack);
                bottom(i, overflows, () -> call(wakeup));
                eventually(() -> woken.get() > before);
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        over.set(true);
        eventually(() -> {
            kernel.sleepQueues().wakeup(chan);
            return sleeper.exitStatus().isPresent();
        });
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(
                overflows.get() > room.get() * 3 / 4,
                () -> "it overflows where there is less room than every wakeup asks for: " + overflows + ", " + room);
    }

    @Test
    @DisplayName("a check while it is asked to be still: it answers at the first one that has room, and not before")
    void checks() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        Door over = new Door();
        AtomicReference<SuspendGate> gate = new AtomicReference<>();
        Action main = () -> {
            SuspendGate own = CurThread.curthread().gate;
            gate.set(own);
            CurThread.suspendCheck();
            for (int i = 0; i < FEWER_TIMES; i++) {
                SuspendGate.Ask ask = new SuspendGate.Ask(null, true, 0);
                own.add(ask);
                assertEquals(null, own.verdict(ask), "it counts as parked, and runs");
                bottom(i, overflows, CurThread::suspendCheck);
                assertEquals(Verdict.SUSPENDED, own.verdict(ask));
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        Caller<Boolean> resumer = Caller.run("resumer", () -> {
            while (!over.isOpen()) {
                if (gate.get() != null && gate.get().isSuspended()) {
                    gate.get().withdrawOwnerless(true);
                }
            }
        });
        awaitReaped(proc);
        over.open();
        resumer.result();
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @Test
    @DisplayName("the creation of a process, and nothing was allocated for it: no pid was spent")
    void creates() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        AtomicInteger created = new AtomicInteger();
        KthreadSpec born = named("born", () -> {});
        Action create = () -> {
            kernel.kthreads().kthreadCreate(born);
            created.incrementAndGet();
        };
        Action main = () -> {
            create.run(); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < FEWER_TIMES; i++) {
                bottom(i, overflows, create);
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertEquals(proc.pid() + created.get() + 1, create("next", () -> {}).pid());
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @Test
    @DisplayName(
            "the release of an lwp, and it goes at the next try: its pid is free, and what was open is closed, once")
    void releases() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Lwproc lwproc = kernel.proc0().table.lwproc();
        Action main = () -> {
            for (int i = -1; i < FEWER_TIMES; i++) {
                lwproc.rfork(Lwproc.RUMP_RFCFDG);
                lwproc.current().install(closed::incrementAndGet);
                Proc forked = lwproc.current().proc();
                if (i < 0) {
                    lwproc.releaselwp(); // a class that is initialized at the end of the stack never will be
                } else {
                    bottom(i, overflows, lwproc::releaselwp);
                }
                assertEquals(null, kernel.pfind(forked.pid()));
                assertEquals(i + 2, closed.get());
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @Test
    @DisplayName("a fork, and nothing was made for it: no process stays, and the descriptors are not shared for ever")
    void forks() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        AtomicInteger closed = new AtomicInteger();
        Lwproc lwproc = kernel.proc0().table.lwproc();
        Action main = () -> {
            lwproc.current().install(closed::incrementAndGet);
            Action fork = () -> {
                lwproc.rfork(0);
                lwproc.releaselwp();
            };
            fork.run(); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < FEWER_TIMES; i++) {
                bottom(i, overflows, () -> lwproc.rfork(0));
                lwproc.releaselwp();
                assertEquals(
                        3,
                        kernel.ps().rows().stream()
                                .mapToInt(PsRow::pid)
                                .distinct()
                                .count());
            }
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertEquals(1, closed.get());
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @ParameterizedTest(name = "one by one: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName(
            "an event, and it has left the handlers: it waits, as anybody, for who is inside one that it deregisters;")
    void leavesHandlers(boolean oneByOne) throws Exception {
        EventList<Action> list = new EventList<>("deep");
        EventTag<Action> tag = list.register(Action::run, 1);
        Action nothing = () -> {};
        Action invoke = () -> {
            try {
                if (oneByOne) {
                    tag.call(nothing);
                } else {
                    list.invoke(nothing);
                }
            } catch (EventException e) {
                throw new StackOverflowError("in the handler");
            }
        };
        AtomicInteger overflows = new AtomicInteger();
        AtomicReference<Thread> host = new AtomicReference<>();
        Door inside = new Door();
        Door leave = new Door();
        Action main = () -> {
            host.set(Thread.currentThread());
            invoke.run(); // a class that is initialized at the end of the stack never will be
            for (int i = 0; i < TIMES; i++) {
                bottom(i % FEWER_TIMES, overflows, invoke);
            }
            Caller<Boolean> other = Caller.run(
                    "other",
                    () -> list.invoke(() -> {
                        inside.open();
                        leave.await();
                    }));
            inside.await();
            tag.deregister();
            assertTrue(leave.isOpen(), "it takes itself for one that is inside");
            other.result();
        };
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
        inside.await();
        eventually(() -> proc.exitStatus().isPresent() || host.get().getState() == Thread.State.WAITING);
        leave.open();
        awaitReaped(proc);
        assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("a switch of lwps, also of a host thread: it is in one of the two, and the other can be had")
    void switches(boolean visits) throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        Lwproc lwproc = kernel.proc0().table.lwproc();
        Action main = () -> {
            lwproc.rfork(Lwproc.RUMP_RFCFDG);
            Lwp one = lwproc.curlwp();
            lwproc.newlwp(one.proc().pid());
            Lwp two = lwproc.curlwp();
            for (int i = -2; i < FEWER_TIMES; i++) {
                Lwp to = i % 2 == 0 ? null : one;
                if (i < 0) {
                    lwproc.switchTo(to); // a class that is initialized at the end of the stack never will be
                } else {
                    bottom(i, overflows, () -> lwproc.switchTo(to));
                }
                lwproc.switchTo(null);
                lwproc.switchTo(one);
                lwproc.switchTo(two);
            }
            lwproc.releaselwp();
            lwproc.switchTo(one);
            lwproc.releaselwp();
        };
        if (visits) {
            Proc proc = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
            awaitReaped(proc);
            assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        } else {
            Caller.run("deep", main).result();
        }
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    @Test
    @DisplayName("a switch to an lwp whose host thread has ended: it takes that over when there is room to tell it")
    void takesOver() throws Exception {
        AtomicInteger overflows = new AtomicInteger();
        Lwproc lwproc = kernel.proc0().table.lwproc();
        Thread dead = Caller.run("dead", () -> {}).thread();
        dead.join();
        Action main = () -> {
            lwproc.rfork(Lwproc.RUMP_RFCFDG);
            Lwp one = lwproc.curlwp();
            lwproc.newlwp(one.proc().pid());
            Lwp left = lwproc.curlwp();
            Action take = () -> lwproc.switchTo(left);
            for (int i = -WARM; i < FEWER_TIMES; i++) {
                lwproc.switchTo(one);
                left.runner = dead;
                if (i < 0) {
                    take.run();
                } else {
                    bottom(i, overflows, take);
                }
                assertEquals(left, lwproc.curlwp());
            }
            lwproc.releaselwp();
            lwproc.switchTo(one);
            lwproc.releaselwp();
        };
        Logger log = Logger.getLogger("org.kthread.proc");
        log.setLevel(Level.OFF); // each time is told
        try {
            Proc proc = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("deep").pages(PAGES).main(main));
            awaitReaped(proc);
            assertEquals("", proc.cause().map(Throwable::toString).orElse(""));
        } finally {
            log.setLevel(null);
        }
        assertTrue(overflows.get() > FEWER_TIMES, "calls have overflowed on the way up as well");
    }

    /** Goes to the end of the stack, and calls on the way back until a call has room. Whether one had. */
    private boolean bottom(int shift, AtomicInteger overflows, Action call) throws Exception {
        boolean done = false;
        try {
            done = shift > 0 ? shiftedBottom(shift - 1, overflows, call) : bottom(0, overflows, call);
        } catch (StackOverflowError e) {
            // no room for a frame
        }
        if (!done) {
            try {
                call.run();
                done = true;
            } catch (StackOverflowError e) {
                overflows.incrementAndGet();
            }
        }
        return done;
    }

    private boolean shiftedBottom(int shift, AtomicInteger overflows, Action call) throws Exception {
        long padding = shift;
        return bottom(shift, overflows, call) && padding >= 0;
    }

    /** Each time with frames of another size beneath, so that the end of the stack comes at another place. */
    private int deeper(Call call, int shift) throws Exception {
        if (shift > 0) {
            return shifted(call, shift - 1) + 1;
        }
        call(call);
        return deeper(call, 0) + 1;
    }

    private int shifted(Call call, int shift) throws Exception {
        long padding = shift;
        return deeper(call, shift) + (padding < 0 ? 1 : 0);
    }
}
