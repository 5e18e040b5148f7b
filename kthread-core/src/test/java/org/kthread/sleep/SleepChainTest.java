package org.kthread.sleep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sleep.SleepChain.Node;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Caller;

/** One chain, without a thread asleep: who is woken, in which order, and what is left. */
class SleepChainTest {
    private final IdentityHashMap<Object, SleepChain.Queue> queues = new IdentityHashMap<>();
    private final SleepChain chain = new SleepChain(queues);
    private final Object chan = new Object();

    /** A sleeper that only says whether it was woken. */
    private static final class Mark extends Sleeper {
        boolean suspended;
        int looks; // how often somebody has looked whether it is

        synchronized boolean isAwake() {
            return awake;
        }

        @Override
        public int await(int kind, long deadline) {
            throw new AssertionError();
        }

        @Override
        public int settle(int kind, boolean woken, int ended) {
            throw new AssertionError();
        }

        @Override
        public boolean isSuspended() {
            looks++;
            return suspended;
        }

        @Override
        public Error unwinding() {
            throw new AssertionError();
        }
    }

    private Mark asleep(int priority) {
        Mark mark = new Mark();
        chain.enqueue(chan, mark, priority);
        return mark;
    }

    private static boolean[] awake(Mark... marks) {
        boolean[] awake = new boolean[marks.length];
        for (int i = 0; i < awake.length; i++) {
            awake[i] = marks[i].isAwake();
        }
        return awake;
    }

    private void assertWokenInTurn(Mark... marks) {
        for (Mark mark : marks) {
            assertFalse(mark.isAwake());
            chain.wakeupOne(chan);
            assertTrue(mark.isAwake());
        }
        assertTrue(queues.isEmpty());
        assertFalse(chain.occupied);
    }

    @Test
    @DisplayName("T2: of 20, 10 and 10 the first of the two 10s is woken first")
    void priorities() {
        Mark twenty = asleep(20);
        Mark ten = asleep(10);
        Mark tenLater = asleep(10);
        assertWokenInTurn(ten, tenLater, twenty);
    }

    @Test
    void amongEqualsWhoSleptLongest() {
        assertWokenInTurn(asleep(4), asleep(4), asleep(4));
    }

    @Test
    @DisplayName("A suspended sleeper is passed over while there is another, however bad its priority")
    void suspendedOnesLast() {
        Mark suspended = asleep(0);
        suspended.suspended = true;
        Mark suspendedLater = asleep(0);
        suspendedLater.suspended = true;
        Mark other = asleep(255);
        assertWokenInTurn(other, suspended, suspendedLater);
    }

    @Test
    @DisplayName("To wake a thousand equals one by one looks at each of them once, not at all of them each time")
    void oneByOneIsLinear() {
        Mark[] marks = new Mark[1_000];
        Arrays.setAll(marks, i -> asleep(28));
        assertWokenInTurn(marks);
        assertEquals(
                marks.length, Arrays.stream(marks).mapToInt(mark -> mark.looks).sum());
    }

    @Test
    @DisplayName("One of a better priority that has gone does not make the search for the others long for ever")
    void oneByOneIsLinearAgain() {
        asleep(0);
        Mark[] marks = new Mark[1_000];
        Arrays.setAll(marks, i -> asleep(28));
        chain.wakeupOne(chan);
        assertWokenInTurn(marks);
        assertEquals(
                2 * marks.length - 1,
                Arrays.stream(marks).mapToInt(mark -> mark.looks).sum());
    }

    @Test
    @DisplayName("One of a better priority that comes later is found, also behind equals that have been woken")
    void aBetterOneLater() {
        Mark first = asleep(28);
        Mark second = asleep(28);
        chain.wakeupOne(chan);
        assertTrue(first.isAwake());
        Mark better = asleep(4);
        assertWokenInTurn(better, second);
    }

    @Test
    void aLaterSuspendedOneIsNoBetter() {
        Mark first = asleep(10);
        Mark suspended = asleep(0);
        suspended.suspended = true;
        assertWokenInTurn(first, suspended);
    }

    @Test
    void wakeupWakesInTheOrderOfArrival() throws Exception {
        Mark[] marks = {asleep(20), asleep(0), asleep(10)};
        for (int held = 1; held < 3; held++) {
            Caller<Boolean> waker;
            synchronized (marks[held]) {
                waker = Caller.run("waker", () -> chain.wakeup(chan));
                eventually(() -> waker.thread().getState() == Thread.State.BLOCKED);
                assertTrue(marks[held - 1].isAwake(), "who came before");
                for (int later = held; later < 3; later++) {
                    assertFalse(marks[later].isAwake(), "who came later");
                }
            }
            waker.result();
            assertEquals(List.of(true, true, true), List.of(boxed(awake(marks))));
            marks = new Mark[] {asleep(20), asleep(0), asleep(10)};
        }
        chain.wakeup(chan);
        assertTrue(queues.isEmpty());
    }

    private static Boolean[] boxed(boolean[] values) {
        Boolean[] boxed = new Boolean[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return boxed;
    }

    @Test
    @DisplayName("Channels that fall on one chain do not wake each other's sleepers")
    void collisions() {
        Mark mine = asleep(0);
        Mark other = new Mark();
        Object otherChan = new Object();
        chain.enqueue(otherChan, other, 0);
        chain.wakeup(otherChan);
        assertTrue(other.isAwake());
        assertFalse(mine.isAwake());
        assertTrue(chain.occupied);
        chain.wakeupOne(otherChan);
        assertFalse(mine.isAwake(), "a wakeup of a channel with nobody on it");
        chain.wakeupOne(chan);
        assertTrue(mine.isAwake());
    }

    @Test
    @DisplayName("T1: a wakeup with nobody asleep is not remembered")
    void notRemembered() {
        chain.wakeup(chan);
        chain.wakeupOne(chan);
        assertFalse(asleep(0).isAwake());
    }

    @Test
    void whoLeavesByItselfIsNotWokenAndWhoWasWokenIsToldSo() {
        Mark first = asleep(0);
        Mark leaver = new Mark();
        Node node = chain.enqueue(chan, leaver, 0);
        Mark last = asleep(0);
        assertFalse(chain.dequeue(node));
        chain.wakeup(chan);
        assertTrue(first.isAwake() && last.isAwake());
        assertFalse(leaver.isAwake());

        Node again = chain.enqueue(chan, leaver, 0);
        assertSame(node, again, "a thread brings the same node each time");
        chain.wakeupOne(chan);
        assertTrue(chain.dequeue(again));
        assertTrue(again.chosen);
    }

    @Test
    @DisplayName("Nothing is left, whoever leaves first: every sleeper takes one queue away")
    void nothingLeft() {
        List<Node> nodes = new ArrayList<>();
        List<Mark> marks = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5; i++) {
                if (round == 0) {
                    marks.add(new Mark());
                }
                nodes.add(chain.enqueue(i % 2 == 0 ? chan : this, marks.get(i), 0));
            }
            assertEquals(2, queues.size());
            for (int i = 0; i < 5; i++) {
                chain.dequeue(nodes.get((i * 2 + round) % 5));
            }
            nodes.clear();
            assertTrue(queues.isEmpty());
            assertFalse(chain.occupied);
        }
    }

    @Test
    @DisplayName("A class marked as value-based has no identity; others have")
    void valueBased() {
        for (Class<?> type : List.of(LocalDate.class, Duration.class, Optional.class, Integer.class, Boolean.class)) {
            assertFalse(SleepChain.hasIdentity(type), type.getName());
        }
        for (Class<?> type : List.of(Object.class, AtomicInteger.class, int[].class, Thread.State.class)) {
            assertTrue(SleepChain.hasIdentity(type), type.getName());
        }
    }
}
