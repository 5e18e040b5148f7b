package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.Action;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

/** The gate, call by call: regions, and the interrupts of the daemon. */
class SuspendGateRegionTest extends GateTest {
    /** Stands for a host thread whose interrupt takes its time. */
    private static final class OnItsWay extends Thread {
        private final Thread host;
        private final Door decided;
        private final Door given;

        OnItsWay(Thread host, Door decided, Door given) {
            this.host = host;
            this.decided = decided;
            this.given = given;
        }

        @Override
        public void interrupt() {
            decided.open();
            given.await();
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long waits = threads.getThreadInfo(host.getId()).getWaitedCount();
            host.interrupt();
            eventually(() -> threads.getThreadInfo(host.getId()).getWaitedCount() > waits); // for who is still in here
        }
    }

    @Nested
    @DisplayName("Interrupts of the daemon")
    class Interrupts {
        @Test
        void oneThatComesWhileParkedIsSetOnReturn() throws Exception {
            Ask ask = ask(null);
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(ask, Verdict.SUSPENDED);
            interruptTheWait(daemon);
            assertTrue(gate.isSuspended());
            gate.withdraw(ask);
            daemon.result();
            assertTrue(daemon.wasInterrupted());
        }

        /** The daemon parks in what it does, is interrupted there, and resumed. */
        private void interruptedInThePark(Ask ask, Caller<Boolean> daemon) throws Exception {
            awaitVerdict(ask, Verdict.SUSPENDED);
            eventually(() -> "kpsusp".equals(gate.wmesg()));
            interruptTheWait(daemon);
            gate.withdraw(ask);
            daemon.result();
        }

        /** Interrupts the daemon in its park, and returns when it waits again: the flag is gone once it has seen that. */
        private void interruptTheWait(Caller<Boolean> daemon) {
            daemon.awaitWaiting();
            daemon.interrupt();
            eventually(() -> !daemon.thread().isInterrupted());
            daemon.awaitWaiting();
        }

        @Test
        void oneThatComesWhileParkedAtTheEntryOfARegionIsSetInIt() throws Exception {
            Ask ask = ask(null);
            interruptedInThePark(ask, daemon(() -> {
                gate.enterRegion("region");
                assertTrue(Thread.interrupted(), "a body that waits must be woken by it");
                gate.leaveRegion(null);
            }));
        }

        @Test
        void oneThatComesWhileAnExitParksIsSetForTheFinallyBlocks() throws Exception {
            gate.enterRegion("region");
            Ask ask = ask("owner");
            interruptedInThePark(ask, daemon(() -> {
                gate.exiting();
                assertTrue(Thread.interrupted());
                assertThrows(Unwinding.class, () -> gate.leaveRegion(null));
            }));
        }

        @Test
        void oneThatCameBeforeIsStillSetAfterThePark() throws Exception {
            Ask ask = ask(null);
            Caller<Boolean> daemon = Caller.startInterrupted("daemon", () -> {
                gate.check();
                return true;
            });
            awaitVerdict(ask, Verdict.SUSPENDED);
            gate.withdraw(ask);
            daemon.result();
            assertTrue(daemon.wasInterrupted());
        }

        @Test
        @DisplayName("That of a stop, met on the way out of a region, does not reach the finally blocks")
        void ofAStopWhileParkedInARegion() throws Exception {
            Ask[] ask = new Ask[1];
            Caller<Boolean> daemon = daemon(() -> {
                gate.enterRegion("region");
                ask[0] = ask("owner");
                assertThrows(Unwinding.class, () -> gate.leaveRegion(null));
            });
            eventually(() -> "kpsusp".equals(gate.wmesg()));
            daemon.awaitWaiting();
            gate.stop();
            gate.interrupt(false);
            daemon.result();
            assertFalse(daemon.wasInterrupted());
        }

        @Test
        void ofAStopComesAtOnceInARegionAndOnlyOnce() throws Exception {
            gate.bind(Thread.currentThread());
            gate.enterRegion("region");
            assertTrue(gate.stop());
            gate.interrupt(false);
            assertTrue(Thread.interrupted());
            assertFalse(gate.stop());
            assertFalse(gate.isOverdue(0));
            gate.interrupt(true);
            assertFalse(Thread.interrupted());
            assertThrows(Unwinding.class, () -> gate.leaveRegion(null));
        }

        @Test
        void ofAStopComesElsewhereWhenTheGraceIsOver() {
            gate.bind(Thread.currentThread());
            assertFalse(gate.stop());
            gate.interrupt(false);
            assertFalse(Thread.currentThread().isInterrupted());
            assertTrue(gate.isOverdue(0));
            gate.interrupt(true);
            assertTrue(Thread.interrupted());
            assertFalse(gate.isOverdue(0));
            gate.interrupt(true);
            assertFalse(Thread.interrupted());
        }

        @Test
        void ofAStopComesElsewhereWhenItHasBeenToldForSoLongAndCountsFromTheFirstTime() {
            gate.bind(Thread.currentThread());
            assertFalse(gate.isOverdue(0), "it was not told");
            gate.stop();
            clock.advance(Duration.ofNanos(5));
            gate.stop();
            assertFalse(gate.isOverdue(6));
            assertTrue(gate.isOverdue(5));
        }

        @Test
        void ofAStopThatWasNotToldAtTheBeginningOfTimeDoesNotComeTooEarly() {
            gate.bind(Thread.currentThread());
            clock.advance(Duration.ofNanos(4));
            gate.stop();
            clock.advance(Duration.ofNanos(2));
            assertFalse(gate.isOverdue(3));
            assertTrue(gate.isOverdue(2));
        }

        @Test
        void ofAStopDoesNotComeWhileHandlersRunAndNoneIsLeftForThem() {
            gate.bind(Thread.currentThread());
            Thread.currentThread().interrupt();
            gate.ending();
            gate.stop();
            assertFalse(gate.isOverdue(0));
            gate.interrupt(true);
            assertFalse(Thread.interrupted());
        }

        @Test
        void ofAStopIsGivenWithTheMonitorFreeForItMayCloseAChannel() {
            boolean[] held = {true};
            gate.bind(new Thread() {
                @Override
                public void interrupt() {
                    held[0] = Thread.holdsLock(gate);
                }
            });
            gate.interrupt(true);
            assertFalse(held[0]);
        }

        @Test
        void ofAStopThatIsOnItsWayIsWaitedForWhereARegionIsLeft() throws Exception {
            meetsNoInterruptOnItsWay(
                    () -> gate.enterRegion("region"),
                    () -> assertThrows(Unwinding.class, () -> gate.leaveRegion(null)));
        }

        @Test
        void ofAStopThatIsOnItsWayIsWaitedForWhereTheBodyHasEnded() throws Exception {
            meetsNoInterruptOnItsWay(() -> {}, gate::ending);
        }

        /** The interrupt has been decided when the daemon leaves, and comes only when it waits for that. */
        private void meetsNoInterruptOnItsWay(Action enter, Action leave) throws Exception {
            Door entered = new Door();
            Door decided = new Door();
            Door given = new Door();
            Caller<Boolean> daemon = Caller.run("daemon", () -> {
                gate.bind(new OnItsWay(Thread.currentThread(), decided, given));
                enter.run();
                entered.open();
                decided.await();
                leave.run();
            });
            entered.await();
            gate.stop();
            Caller<Boolean> stopper = Caller.run("stopper", () -> gate.interrupt(true));
            eventually(() -> daemon.thread().getState() == Thread.State.WAITING); // without limit: at the gate
            given.open();
            daemon.result();
            stopper.result();
            assertFalse(daemon.wasInterrupted());
        }
    }

    @Nested
    @DisplayName("Regions")
    class Regions {
        @Test
        void countAsParkedFromEntryToExitAlsoNested() throws Exception {
            gate.enterRegion("outer");
            gate.enterRegion("inner");
            assertEquals("inner", gate.wmesg());
            Ask ask = ask(null);
            assertEquals(Verdict.SUSPENDED, ask.verdict);
            assertTrue(gate.isSuspended());
            gate.withdraw(ask);
            gate.leaveRegion("outer");
            assertEquals("outer", gate.wmesg());
            Ask second = ask(null);
            assertEquals(Verdict.SUSPENDED, second.verdict);
            gate.withdraw(second);
            gate.leaveRegion(null);
            assertNull(gate.wmesg());
            assertNull(ask(null).verdict);
        }

        @Test
        void areInterruptibleFromEntryToExitAlsoNestedAndAfterASleepInside() {
            assertFalse(gate.isInterruptible());
            gate.enterRegion("outer");
            gate.enterRegion("inner");
            gate.leaveRegion("outer");
            assertTrue(gate.isInterruptible(), "the outer one goes on");
            gate.await(0, clock.nanoTime());
            assertFalse(gate.isInterruptible(), "a plain sleep");
            gate.settle(0, false, Sleeper.TIMEOUT);
            assertTrue(gate.isInterruptible(), "in the region again");
            gate.leaveRegion(null);
            assertFalse(gate.isInterruptible());
            gate.await(Sleeper.CATCH, clock.nanoTime());
            assertTrue(gate.isInterruptible());
            gate.settle(Sleeper.CATCH, false, Sleeper.TIMEOUT);
            assertFalse(gate.isInterruptible());
        }

        @Test
        void enteringOneIsACheck() throws Exception {
            Ask ask = ask(null);
            Caller<Boolean> daemon = daemon(() -> gate.enterRegion("region"));
            awaitVerdict(ask, Verdict.SUSPENDED);
            assertEquals("kpsusp", gate.wmesg());
            gate.withdraw(ask);
            daemon.result();
            assertEquals("region", gate.wmesg());
        }

        @Test
        void areNotEnteredAfterAStop() {
            gate.stop();
            assertThrows(Unwinding.class, () -> gate.enterRegion("region"));
            assertNull(ask(null).verdict, "and the thread does not count as parked");
        }

        @Test
        @DisplayName("Exit in a region waits there for resume; from then on no ask is answered SUSPENDED")
        void exit() throws Exception {
            gate.enterRegion("region");
            Ask ask = ask("owner");
            assertEquals(Verdict.SUSPENDED, ask.verdict);
            Caller<Boolean> daemon = daemon(() -> {
                gate.exiting();
                assertThrows(Unwinding.class, () -> gate.leaveRegion(null));
            });
            daemon.awaitWaiting();
            gate.withdraw(ask);
            daemon.result();
            assertNull(ask(null).verdict);
        }

        @Test
        void ofHandlersAtTheEndDoNotCountAsParked() {
            gate.ending();
            gate.enterRegion("handler");
            assertNull(ask(null).verdict);
            gate.leaveRegion(null);
            gate.check();
            gate.gone();
        }
    }
}
