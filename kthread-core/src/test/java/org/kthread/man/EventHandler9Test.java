package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.event.EventException;
import org.kthread.event.EventHandler;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;
import org.kthread.event.Worker;

/** EVENTHANDLER(9), sentence by sentence, and what the design decides otherwise. */
@DisplayName("EVENTHANDLER(9)")
@Timeout(60)
class EventHandler9Test {
    private final EventList<Integer> list = new EventList<>("vm_lowmem");
    private final List<String> history = Collections.synchronizedList(new ArrayList<>());

    private EventHandler<Integer> note(String what) {
        return arg -> history.add(what);
    }

    @Nested
    @DisplayName("EVENTHANDLER_REGISTER")
    class Register {
        @Test
        @DisplayName("E1: handlers of equal priority run in the order of registration")
        void equalPriorityIsFifo() {
            list.register(note("a"), EventList.PRI_ANY);
            list.register(note("b"), EventList.PRI_ANY);
            list.register(note("c"), EventList.PRI_ANY);

            list.invoke(0);

            assertEquals(List.of("a", "b", "c"), history);
        }

        @Test
        @DisplayName("Handlers of a lower priority are called before those of a higher one")
        void lowerPriorityFirst() {
            list.register(note("last"), EventList.PRI_LAST);
            list.register(note("first"), EventList.PRI_FIRST);
            list.register(note("any"), EventList.PRI_ANY);

            list.invoke(0);

            assertEquals(List.of("first", "any", "last"), history);
        }

        @Test
        @DisplayName("The priorities are FIRST 0, ANY 10000, LAST 20000")
        void theNamedPriorities() {
            assertEquals(0, EventList.PRI_FIRST);
            assertEquals(10000, EventList.PRI_ANY);
            assertEquals(20000, EventList.PRI_LAST);
        }

        @Test
        @DisplayName("Values outside FIRST and LAST are allowed, -1 too (BSD keeps -1 for dead entries)")
        void anyIntIsAPriority() {
            list.register(note("later"), EventList.PRI_LAST + 100);
            list.register(note("zero"), 0);
            list.register(note("minus one"), -1);

            list.invoke(0);

            assertEquals(List.of("minus one", "zero", "later"), history);
        }

        @Test
        @DisplayName("The same function may be registered many times; each time gives a tag of its own")
        void sameFunctionManyTimes() {
            EventHandler<Integer> handler = note("a");
            EventTag<Integer> one = list.register(handler, 1);
            EventTag<Integer> two = list.register(handler, 1);
            assertNotSame(one, two);

            list.invoke(0);
            one.deregister();
            list.invoke(0);

            assertEquals(List.of("a", "a", "a"), history);
        }

        @Test
        @DisplayName(
                "E2: registered by a handler: a lower priority waits for the next pass, an equal or higher one runs in this")
        void registerDuringAPass() {
            EventTag<Integer> self = list.register(
                    arg -> {
                        history.add("self");
                        list.register(note("lower"), 4);
                        list.register(note("equal"), 5);
                        list.register(note("higher"), 6);
                    },
                    5);
            list.register(note("end"), 7);

            list.invoke(0);
            assertEquals(List.of("self", "equal", "higher", "end"), history);

            self.deregister();
            history.clear();
            list.invoke(0);
            assertEquals(List.of("lower", "equal", "higher", "end"), history);
        }
    }

    @Nested
    @DisplayName("EVENTHANDLER_INVOKE")
    class Invoke {
        @Test
        @DisplayName("An event without handlers does nothing and is no error")
        void nothingRegistered() {
            assertTrue(list.isEmpty());
            assertDoesNotThrow(() -> list.invoke(0));
        }

        @Test
        @DisplayName("The arguments of the invocation reach every handler")
        void argumentReachesEveryHandler() {
            List<Integer> seen = new ArrayList<>();
            list.register(seen::add, 1);
            list.register(seen::add, 2);

            list.invoke(42);

            assertEquals(List.of(42, 42), seen);
        }

        @Test
        @DisplayName("E5: a handler may invoke its own event; both passes complete")
        void recursion() {
            list.register(
                    arg -> {
                        history.add("a" + arg);
                        if (arg == 0) {
                            list.invoke(1);
                        }
                    },
                    1);
            list.register(arg -> history.add("b" + arg), 2);

            list.invoke(0);

            assertEquals(List.of("a0", "a1", "b1", "b0"), history);
        }

        @Test
        @DisplayName("E5: removed in the inner pass of a recursion, a handler runs in neither")
        void recursionWithRemoval() {
            AtomicReference<EventTag<Integer>> later = new AtomicReference<>();
            list.register(
                    arg -> {
                        history.add("a" + arg);
                        if (arg == 0) {
                            list.invoke(1);
                        } else {
                            later.get().deregister();
                        }
                    },
                    1);
            later.set(list.register(note("removed"), 2));
            list.register(arg -> history.add("c" + arg), 3);

            list.invoke(0);

            assertEquals(List.of("a0", "a1", "c1", "c0"), history);
        }

        @Test
        @DisplayName("Two threads that invoke at once both run all handlers, at the same time")
        void twoInvokersAtOnce() throws Exception {
            CyclicBarrier together = new CyclicBarrier(2);
            list.register(arg -> together.await(), 1);
            list.register(arg -> history.add("b" + arg), 2);

            Worker one = Worker.start("one", () -> list.invoke(1));
            Worker two = Worker.start("two", () -> list.invoke(2));
            one.join();
            two.join();

            assertEquals(List.of("b1", "b2"), history.stream().sorted().toList());
        }

        @Test
        @DisplayName("No lock is held while a handler runs: other threads register, deregister and invoke meanwhile")
        void noLockIsHeld() throws Exception {
            list.register(
                    arg -> {
                        if (arg == 0) {
                            Worker other = Worker.start("other", () -> {
                                EventTag<Integer> tag = list.register(note("other"), 0);
                                list.invoke(1);
                                tag.deregister();
                            });
                            other.join();
                        }
                    },
                    1);

            list.invoke(0);

            assertEquals(List.of("other"), history);
        }

        @Test
        @DisplayName("Decision: a handler that throws does not stop the others (BSD has no such thing)")
        void throwingStopsNobody() {
            list.register(
                    arg -> {
                        throw new IllegalStateException("broken");
                    },
                    1);
            list.register(note("b"), 2);

            EventException e = assertThrows(EventException.class, () -> list.invoke(0));

            assertEquals(List.of("b"), history);
            assertEquals("broken", e.getSuppressed()[0].getMessage());
        }
    }

    @Nested
    @DisplayName("EVENTHANDLER_DEREGISTER, EVENTHANDLER_DEREGISTER_NOWAIT")
    class Deregister {
        @Test
        @DisplayName("E3: nowait of oneself completes, and the handler runs no more")
        void nowaitOfOneself() {
            AtomicReference<EventTag<Integer>> self = new AtomicReference<>();
            self.set(list.register(
                    arg -> {
                        self.get().deregisterNowait();
                        history.add("once");
                    },
                    1));

            list.invoke(0);
            list.invoke(0);

            assertEquals(List.of("once"), history);
        }

        @Test
        @DisplayName("E3: one that is removed before its turn is skipped")
        void removedBeforeItsTurn() {
            AtomicReference<EventTag<Integer>> later = new AtomicReference<>();
            list.register(arg -> later.get().deregisterNowait(), 1);
            later.set(list.register(note("skipped"), 2));
            list.register(note("c"), 3);

            list.invoke(0);

            assertEquals(List.of("c"), history);
        }

        @Test
        @DisplayName(
                "E4: from another thread it returns when nobody is inside this handler (BSD: when all passes have ended)")
        void fromOutsideWaitsForThisHandlerOnly() throws Exception {
            CountDownLatch inFirst = new CountDownLatch(1);
            CountDownLatch leaveFirst = new CountDownLatch(1);
            CountDownLatch inSecond = new CountDownLatch(1);
            CountDownLatch leaveSecond = new CountDownLatch(1);
            EventTag<Integer> first = list.register(
                    arg -> {
                        inFirst.countDown();
                        leaveFirst.await();
                    },
                    1);
            list.register(
                    arg -> {
                        inSecond.countDown();
                        leaveSecond.await();
                    },
                    2);
            Worker invoker = Worker.start("invoker", () -> list.invoke(0));
            inFirst.await();

            Worker remover = Worker.start("remover", first::deregister).awaitWaiting();
            leaveFirst.countDown();
            inSecond.await();
            remover.join();

            assertTrue(invoker.isAlive());
            leaveSecond.countDown();
            invoker.join();
        }

        @Test
        @DisplayName("Decision: from inside a handler of the list it never waits (BSD deadlocks)")
        void fromInsideNeverWaits() {
            AtomicReference<EventTag<Integer>> self = new AtomicReference<>();
            self.set(list.register(
                    arg -> {
                        self.get().deregister();
                        list.deregisterAll();
                        history.add("a");
                    },
                    1));
            list.register(note("removed"), 2);

            list.invoke(0);

            assertEquals(List.of("a"), history);
            assertTrue(list.isEmpty());
        }

        @Test
        @DisplayName("Decision: twice is harmless (BSD: use after free)")
        void twiceIsHarmless() {
            EventTag<Integer> tag = list.register(note("a"), 1);
            tag.deregister();
            tag.deregister();
            tag.deregisterNowait();

            list.invoke(0);

            assertEquals(List.of(), history);
        }

        @Test
        @DisplayName("With no tag, every entry of the list goes")
        void allOfThem() {
            list.register(note("a"), 1);
            list.register(note("b"), 2);

            list.deregisterAll();
            list.invoke(0);

            assertEquals(List.of(), history);
        }

        @Test
        @DisplayName("D56767: a pass that starts between the last leaving and the waking takes no wakeup away")
        void noLostWake() throws Exception {
            for (int i = 0; i < 300; i++) {
                CountDownLatch inside = new CountDownLatch(1);
                CountDownLatch leave = new CountDownLatch(1);
                EventTag<Integer> tag = list.register(
                        arg -> {
                            inside.countDown();
                            leave.await();
                        },
                        1);
                Worker invoker = Worker.start("invoker", () -> list.invoke(0));
                inside.await();
                Worker remover = Worker.start("remover", tag::deregister).awaitWaiting();
                leave.countDown();
                list.invoke(1);
                list.invoke(2);
                remover.join();
                invoker.join();
            }
        }
    }
}
