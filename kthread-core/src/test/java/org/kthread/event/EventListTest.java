package org.kthread.event;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.sys.Unwind;

@Timeout(60)
class EventListTest {
    private final EventList<String> list = new EventList<>("test");
    private final List<String> history = Collections.synchronizedList(new ArrayList<>());

    private EventTag<String> note(String what, int priority) {
        return list.register(arg -> history.add(what), priority);
    }

    @Nested
    class Order {
        @Test
        void extremePrioritiesDoNotOverflow() {
            note("max", Integer.MAX_VALUE);
            note("zero", 0);
            note("min", Integer.MIN_VALUE);
            note("minus one", -1);

            list.invoke("");

            assertEquals(List.of("min", "minus one", "zero", "max"), history);
        }

        @ParameterizedTest
        @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
        void anyMixOfChangesKeepsTheOrder(long seed) {
            Random random = new Random(seed);
            record Live(EventTag<String> tag, String name, int priority) {}
            List<Live> model = new ArrayList<>();
            for (int step = 0; step < 400; step++) {
                if (model.isEmpty() || random.nextInt(3) > 0) {
                    int priority = random.nextInt(9) - 4;
                    String name = "h" + step;
                    model.add(new Live(note(name, priority), name, priority));
                } else {
                    Live gone = model.remove(random.nextInt(model.size()));
                    gone.tag.deregister();
                    gone.tag.deregisterNowait();
                }
                List<String> expected = model.stream()
                        .sorted(Comparator.comparingInt(Live::priority))
                        .map(Live::name)
                        .toList();
                history.clear();
                list.invoke("");
                assertEquals(expected, history, "after step " + step);
                assertEquals(model.isEmpty(), list.isEmpty());
            }
        }

        @Test
        void goesOnBehindTheLastOneEvenIfThatOneAndItsNeighboursAreGone() {
            EventTag<String> first = note("first", 1);
            List<EventTag<String>> tags = new ArrayList<>();
            tags.add(first);
            tags.add(list.register(
                    arg -> {
                        history.add("remover");
                        tags.forEach(EventTag::deregister);
                        note("earlier", 1);
                        note("same", 2);
                    },
                    2));
            tags.add(note("removed", 2));
            note("last", 3);

            list.invoke("");

            assertEquals(List.of("first", "remover", "same", "last"), history);
        }
    }

    @Nested
    class OneByOne {
        @Test
        void nextGoesThroughTheListAndFindsItsPlaceAgain() throws Exception {
            EventTag<String> a = note("a", 1);
            EventTag<String> b = note("b", 2);
            EventTag<String> c = note("c", 3);

            assertSame(a, list.next(null));
            assertSame(b, list.next(a));
            b.deregister();
            assertSame(c, list.next(b));
            EventTag<String> d = note("d", 2);
            assertSame(d, list.next(b));
            assertNull(list.next(c));
        }

        @Test
        void callRunsOneHandlerAndNoneThatIsGone() throws Exception {
            EventTag<String> a = note("a", 1);
            a.call("");
            a.deregister();
            a.call("");

            assertEquals(List.of("a"), history);
            assertEquals(1, a.priority());
        }

        @Test
        void callThrowsWhatTheHandlerThrowsAndIsThenOutside() {
            Exception mine = new Exception("mine");
            EventTag<String> tag = list.register(
                    arg -> {
                        throw mine;
                    },
                    1);

            assertSame(mine, assertThrows(Exception.class, () -> tag.call("")));
            tag.deregister();
        }

        @Test
        void aTagOfAnotherListIsRefused() {
            EventTag<String> alien = new EventList<String>("other").register(arg -> {}, 1);

            IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> list.next(alien));
            assertTrue(e.getMessage().contains("other"), e.getMessage());
        }

        @ParameterizedTest
        @ValueSource(booleans = {false, true})
        void deregisterWhileCalledWaits(boolean fails) throws Exception {
            Stay stay = new Stay();
            EventTag<String> tag = list.register(
                    arg -> {
                        stay.handle(arg);
                        if (fails) {
                            throw new IllegalStateException("planted");
                        }
                    },
                    1);
            Worker caller = Worker.start("caller", () -> {
                try {
                    tag.call("");
                } catch (IllegalStateException e) {
                    assertTrue(fails);
                }
            });
            stay.entered.await();

            Worker remover = Worker.start("remover", tag::deregister).awaitWaiting();
            stay.leave.countDown();

            remover.join();
            caller.join();
        }
    }

    @Nested
    class Deregister {
        @Test
        void waitsForEveryThreadInsideThisHandlerAndForNoOther() throws Exception {
            Stay mine = new Stay();
            Stay other = new Stay();
            EventTag<String> tag = list.register(mine, 1);
            EventTag<String> unrelated = list.register(other, 2);
            Worker slow = Worker.start("slow", () -> unrelated.call(""));
            other.entered.await();
            Worker one = Worker.start("one", () -> tag.call(""));
            Worker two = Worker.start("two", () -> list.invoke(""));
            mine.awaitInside(2);

            Worker remover = Worker.start("remover", tag::deregister).awaitWaiting();
            assertTrue(slow.isAlive());
            mine.leave.countDown();
            remover.join();

            assertTrue(slow.isAlive(), "the unrelated handler is still running");
            other.leave.countDown();
            slow.join();
            one.join();
            two.join();
        }

        @Test
        void waitsThoughItWasRemovedWithoutWaitingBefore() throws Exception {
            Stay stay = new Stay();
            EventTag<String> tag = list.register(stay, 1);
            Worker invoker = Worker.start("invoker", () -> list.invoke(""));
            stay.entered.await();
            tag.deregisterNowait();
            assertTrue(list.isEmpty());

            Worker remover = Worker.start("remover", tag::deregister).awaitWaiting();
            stay.leave.countDown();

            remover.join();
            invoker.join();
        }

        @Test
        void isNotHeldUpByPassesThatStartLater() throws Exception {
            Stay stay = new Stay();
            EventTag<String> tag = list.register(stay, 1);
            Stay later = new Stay();
            list.register(later, 2);
            Worker first = Worker.start("first", () -> list.invoke(""));
            stay.entered.await();
            Worker remover = Worker.start("remover", tag::deregister).awaitWaiting();
            Worker second = Worker.start("second", () -> list.invoke(""));
            later.entered.await();

            stay.leave.countDown();
            remover.join();

            later.leave.countDown();
            first.join();
            second.join();
        }

        @Test
        void fromInsideTheListNeverWaits() throws Exception {
            Stay stay = new Stay();
            EventTag<String> busy = list.register(stay, 1);
            Worker invoker = Worker.start("invoker", () -> busy.call(""));
            stay.entered.await();
            EventTag<String> here = list.register(
                    arg -> {
                        history.add(arg);
                        if (arg.equals("outer")) {
                            note("nested", 3).call("");
                            busy.deregister();
                        }
                    },
                    2);

            here.call("outer");

            assertEquals(List.of("outer", "nested"), history);
            stay.leave.countDown();
            invoker.join();
        }

        @Test
        void fromAThreadThatHasLeftTheListWaitsAgain() throws Exception {
            Stay stay = new Stay();
            EventTag<String> tag = list.register(stay, 1);
            Worker invoker = Worker.start("invoker", () -> list.invoke(""));
            stay.entered.await();

            Worker remover = Worker.start("remover", () -> {
                EventTag<String> quick = note("quick", 0);
                quick.call("");
                tag.deregister();
            });
            remover.awaitWaiting();
            stay.leave.countDown();
            remover.join();
            invoker.join();
            assertEquals(List.of("quick"), history);
        }

        @Test
        void anInterruptIsRememberedAndDoesNotEndTheWait() throws Exception {
            Stay stay = new Stay();
            EventTag<String> tag = list.register(stay, 1);
            Worker invoker = Worker.start("invoker", () -> list.invoke(""));
            stay.entered.await();
            AtomicBoolean flag = new AtomicBoolean();
            CountDownLatch done = new CountDownLatch(1);
            Worker remover = Worker.start("remover", () -> {
                tag.deregister();
                flag.set(Thread.currentThread().isInterrupted());
                done.countDown();
            });
            remover.awaitWaiting();

            remover.interrupt();
            remover.awaitWaiting();
            assertEquals(1, done.getCount());
            stay.leave.countDown();

            remover.join();
            invoker.join();
            assertTrue(flag.get());
        }

        @Test
        void interruptedBeforeItDoesNotWaitLessAndKeepsTheFlag() throws Exception {
            EventTag<String> tag = note("a", 1);
            Worker remover = Worker.start("remover", () -> {
                Thread.currentThread().interrupt();
                tag.deregister();
                assertTrue(Thread.currentThread().isInterrupted());
            });
            remover.join();
        }

        @Test
        void ofAllWaitsForThoseInsideAndLeavesNone() throws Exception {
            Stay stay = new Stay();
            note("a", 1);
            list.register(stay, 2);
            note("b", 3);
            Worker invoker = Worker.start("invoker", () -> list.invoke(""));
            stay.entered.await();

            Worker remover = Worker.start("remover", list::deregisterAll).awaitWaiting();
            assertTrue(list.isEmpty());
            stay.leave.countDown();
            remover.join();
            invoker.join();

            assertEquals(List.of("a"), history);
            note("c", 1);
            list.deregisterAllNowait();
            list.invoke("");
            assertEquals(List.of("a"), history);
        }
    }

    @Nested
    class Failing {
        @Test
        void failuresComeBackTogetherInOrderAndStopNobody() {
            Exception first = new Exception("first");
            Error second = new AssertionError("second");
            note("a", 1);
            list.register(
                    arg -> {
                        throw first;
                    },
                    2);
            note("b", 3);
            list.register(
                    arg -> {
                        throw second;
                    },
                    4);
            note("c", 5);

            EventException e = assertThrows(EventException.class, () -> list.invoke(""));

            assertEquals(List.of("a", "b", "c"), history);
            assertArrayEquals(new Throwable[] {first, second}, e.getSuppressed());
            assertEquals("test", e.list());
            assertEquals("event test: 2 handlers failed, the first with java.lang.Exception: first", e.getMessage());
        }

        @Test
        void aFailureThatCannotBeToldIsCalledByItsClass() {
            class Untellable extends RuntimeException {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException("planted");
                }
            }
            RuntimeException failure = new Untellable();
            list.register(
                    arg -> {
                        throw failure;
                    },
                    1);

            EventException e = assertThrows(EventException.class, () -> list.invoke(""));

            assertArrayEquals(new Throwable[] {failure}, e.getSuppressed());
            assertEquals("event test: 1 handler failed, the first with " + Untellable.class.getName(), e.getMessage());
        }

        @Test
        void oneThatEndsByAnInterruptLeavesTheFlagForTheInvokerOnly() throws Exception {
            list.register(
                    arg -> {
                        throw new InterruptedException("in a handler");
                    },
                    1);
            list.register(arg -> history.add("flag " + Thread.currentThread().isInterrupted()), 2);
            Worker invoker = Worker.start("invoker", () -> {
                assertThrows(EventException.class, () -> list.invoke(""));
                assertTrue(Thread.currentThread().isInterrupted());
            });
            invoker.join();

            assertEquals(List.of("flag false"), history);
        }

        @Test
        void anExitIsNoFailureAndGoesOnWhenAllHaveRun() {
            Exit exit = new Exit();
            list.register(
                    arg -> {
                        throw exit;
                    },
                    1);
            list.register(
                    arg -> {
                        throw new Exit();
                    },
                    2);
            note("a", 3);

            assertSame(exit, assertThrows(Exit.class, () -> list.invoke("")));
            assertEquals(List.of("a"), history);
            list.deregisterAll();
        }

        @Test
        void failuresBesideAnExitAreLogged() {
            Exception mine = new Exception("mine");
            list.register(
                    arg -> {
                        throw new Exit();
                    },
                    1);
            list.register(
                    arg -> {
                        throw mine;
                    },
                    2);
            List<@Nullable Throwable> logged = new ArrayList<>();
            Handler recorder = new Handler() {
                @Override
                public void publish(LogRecord entry) {
                    logged.add(entry.getThrown());
                }

                @Override
                public void flush() {}

                @Override
                public void close() {}
            };
            Logger logger = Logger.getLogger("org.kthread.event");
            logger.addHandler(recorder);
            logger.setUseParentHandlers(false);
            try {
                assertThrows(Exit.class, () -> list.invoke(""));
            } finally {
                logger.removeHandler(recorder);
                logger.setUseParentHandlers(true);
            }

            assertEquals(1, logged.size());
            Throwable together = logged.get(0);
            assertTrue(together instanceof EventException);
            assertArrayEquals(new Throwable[] {mine}, together.getSuppressed());
        }
    }

    @Test
    void manyThreadsInvokeRegisterAndDeregisterTogether() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        List<Worker> invokers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            invokers.add(Worker.start("invoker", () -> {
                while (!done.get()) {
                    list.invoke("");
                }
            }));
        }
        for (int i = 0; i < 5_000; i++) {
            AtomicBoolean released = new AtomicBoolean();
            EventTag<String> tag = list.register(
                    arg -> {
                        if (released.get()) {
                            throw new AssertionError("inside a handler whose deregistration has returned");
                        }
                    },
                    i % 3);
            tag.deregister();
            released.set(true);
        }
        done.set(true);
        for (Worker invoker : invokers) {
            invoker.join();
        }
        assertTrue(list.isEmpty());
    }

    /** A handler that stays until it is let go. */
    static final class Stay implements EventHandler<String> {
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch leave = new CountDownLatch(1);
        private final AtomicInteger inside = new AtomicInteger();

        @Override
        public void handle(String arg) throws InterruptedException {
            inside.incrementAndGet();
            entered.countDown();
            leave.await();
            inside.decrementAndGet();
        }

        void awaitInside(int threads) {
            await().pollDelay(Duration.ZERO).until(() -> inside.get() == threads);
        }
    }

    /** Stands for the unwinding of an exiting thread. */
    static final class Exit extends Error implements Unwind {
        private static final long serialVersionUID = 1L;

        Exit() {
            super(null, null, false, false);
        }
    }

    @Test
    void namedHandlerShowsItsName() {
        EventList<Integer> list = new EventList<>("named");
        List<Integer> got = new ArrayList<>();
        EventTag<Integer> tag = list.register(EventHandler.named("flush", got::add), EventList.PRI_ANY);
        list.invoke(7);
        assertEquals(List.of(7), got);
        assertEquals("flush", tag.handler().toString());
    }

    @Test
    void listAndTagSayWhatTheyAre() {
        EventList<Integer> named = new EventList<>("vm_lowmem");
        EventTag<Integer> tag = named.register(EventHandler.named("drain", arg -> {}), -3);
        assertEquals("vm_lowmem", named.name());
        assertEquals("vm_lowmem (1 handlers)", named.toString());
        assertEquals("vm_lowmem[-3] drain", tag.toString());
    }
}
