package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Caller;

/** The gate, call by call; what races is in {@link SuspendGateLincheckTest}. */
class SuspendGateTest extends GateTest {
    @Nested
    @DisplayName("ask, park, withdraw")
    class Asking {
        @Test
        void aCheckWithNothingPendingPasses() {
            gate.check();
            assertTrue(gate.asks().isEmpty());
            assertFalse(gate.isSuspended());
        }

        @Test
        void parksUntilTheLastAskIsWithdrawn() throws Exception {
            Ask first = ask(null);
            Ask second = ask("owner");
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(first, Verdict.SUSPENDED);
            assertEquals(Verdict.SUSPENDED, gate.verdict(second));
            assertTrue(gate.isSuspended());
            assertEquals("kpsusp", gate.wmesg());
            gate.withdraw(first);
            assertTrue(gate.isSuspended());
            gate.withdraw(second);
            daemon.result();
            assertFalse(gate.isSuspended());
            assertNull(gate.wmesg());
        }

        @Test
        @DisplayName("An ask on a parked daemon is answered at once, with no step of the daemon")
        void askOnParked() throws Exception {
            Ask first = ask(null);
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(first, Verdict.SUSPENDED);
            Ask second = ask(null);
            assertEquals(Verdict.SUSPENDED, second.verdict);
            gate.withdrawOwnerless(false);
            daemon.result();
        }

        @Test
        void theFirstVerdictStays() throws Exception {
            Ask unanswered = ask(null);
            gate.withdraw(unanswered);
            assertEquals(Verdict.RESUMED, gate.verdict(unanswered));
            Ask suspended = ask(null);
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(suspended, Verdict.SUSPENDED);
            gate.withdraw(suspended);
            gate.withdraw(suspended);
            daemon.result();
            gate.gone();
            assertEquals(Verdict.SUSPENDED, gate.verdict(suspended));
            assertEquals(Verdict.RESUMED, gate.verdict(unanswered));
        }

        @Test
        void withdrawingTwiceDoesNotHurtTheOthers() {
            Ask first = ask(null);
            Ask second = ask("owner");
            gate.withdraw(first);
            gate.withdraw(first);
            assertEquals(List.of(second), gate.asks());
            assertEquals(SuspendGate.ASKED, gate.pending);
            gate.withdraw(second);
            assertEquals(0, gate.pending);
        }

        @Test
        void resumeOfTheThreadEndsOnlyWhatWasAskedOfIt() {
            Ask ofProcess = ask(null);
            Ask ofThread = new Ask(null, true, 0);
            gate.add(ofThread);
            Ask hold = ask("owner");
            gate.withdrawOwnerless(true);
            assertEquals(List.of(ofProcess, hold), gate.asks());
            gate.withdrawOwnerless(false);
            assertEquals(List.of(hold), gate.asks());
        }

        @Test
        void whoAsksForTheThreadIsSeenInItsWmesg() throws Exception {
            Ask ask = new Ask(null, true, 0);
            gate.add(ask);
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(ask, Verdict.SUSPENDED);
            assertEquals("ktsusp", gate.wmesg());
            gate.withdraw(ask);
            daemon.result();
        }

        @Test
        void gonesAnswerIsExitedBeforeAndAfter() {
            Ask before = ask("owner");
            gate.wmesg("last", 0);
            clock.advance(Duration.ofNanos(3));
            assertEquals(-1, gate.goneAt());
            gate.gone();
            assertEquals(3, gate.goneAt());
            assertNull(gate.wmesg());
            assertEquals(Verdict.EXITED, gate.verdict(before));
            assertEquals(3, gate.answered(before));
            assertEquals(Verdict.EXITED, gate.verdict(ask(null)));
        }
    }

    @Nested
    @DisplayName("Waiting for the answer")
    class Awaiting {
        @Test
        void zeroAsksAndDoesNotWait() throws Exception {
            Ask ask = ask(null);
            assertNull(gate.await(ask, clock.deadline(Duration.ZERO)));
            assertEquals(List.of(ask), gate.asks(), "the ask stays armed");
        }

        @Test
        void theDeadlineEndsTheWaitAndTheAskStaysArmed() throws Exception {
            Ask ask = ask(null);
            Caller<Verdict> asker = Caller.start("asker", () -> gate.await(ask, 5));
            eventually(() -> clock.waiters() == 1);
            clock.advance(Duration.ofNanos(5));
            assertNull(asker.result());
            assertEquals(List.of(ask), gate.asks());
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(ask, Verdict.SUSPENDED);
            gate.withdraw(ask);
            daemon.result();
        }

        @Test
        void aVerdictGivenWinsOverTheDeadline() throws Exception {
            Ask ask = ask(null);
            Caller<Verdict> asker = Caller.start("asker", () -> gate.await(ask, 5));
            eventually(() -> clock.waiters() == 1);
            Caller<Boolean> mover;
            synchronized (gate) {
                mover = Caller.run("mover", () -> clock.advance(Duration.ofNanos(5)));
                eventually(() -> clock.nanoTime() == 5);
                gate.gone();
            }
            mover.result();
            assertEquals(Verdict.EXITED, asker.result());
        }

        @Test
        void aVerdictGivenWinsOverAnInterruptWhichStaysSet() throws Exception {
            Ask ask = ask(null);
            Caller<Verdict> asker = Caller.start("asker", () -> gate.await(ask, KernelClock.NEVER));
            asker.awaitWaiting();
            synchronized (gate) {
                asker.interrupt();
                gate.gone();
            }
            assertEquals(Verdict.EXITED, asker.result());
            assertTrue(asker.wasInterrupted());
        }

        @Test
        void anInterruptBeforeOrDuringTheWaitEndsIt() throws Exception {
            Ask ask = ask(null);
            Caller<Verdict> before = Caller.startInterrupted("before", () -> gate.await(ask, KernelClock.NEVER));
            assertThrows(InterruptedException.class, before::result);
            Caller<Verdict> during = Caller.start("during", () -> gate.await(ask, 5));
            eventually(() -> clock.waiters() == 1);
            during.interrupt();
            assertThrows(InterruptedException.class, during::result);
            assertEquals(0, clock.waiters());
        }

        @Test
        void anInterruptAfterTheAnswerIsLeftAlone() throws Exception {
            gate.gone();
            Ask ask = ask(null);
            Caller<Verdict> after = Caller.startInterrupted("after", () -> gate.await(ask, KernelClock.NEVER));
            assertEquals(Verdict.EXITED, after.result());
            assertTrue(after.wasInterrupted());
        }

        @Test
        void theEndIsAwaited() throws Exception {
            assertFalse(gate.awaitGone(clock.deadline(Duration.ZERO)));
            Caller<Boolean> stopper = Caller.start("stopper", () -> gate.awaitGone(5));
            eventually(() -> clock.waiters() == 1);
            gate.gone();
            assertTrue(stopper.result());
        }
    }

    @Nested
    @DisplayName("Stop")
    class Stopping {
        @Test
        void aCheckUnwindsAlsoUnderAHold() {
            ask("owner");
            gate.stop();
            assertThrows(Unwinding.class, gate::check);
            assertThrows(Unwinding.class, gate::check, "and so does the next");
        }

        @Test
        void whatWasAnsweredStaysAndWhatComesIsNotAnsweredSuspended() throws Exception {
            Ask hold = ask("owner");
            Caller<Boolean> daemon = daemon(gate::check);
            awaitVerdict(hold, Verdict.SUSPENDED);
            gate.stop();
            assertThrows(Unwinding.class, daemon::result);
            Ask late = ask(null);
            assertNull(late.verdict);
            gate.gone();
            assertEquals(Verdict.SUSPENDED, gate.verdict(hold));
            assertEquals(Verdict.EXITED, gate.verdict(late));
        }

        @Test
        void aBornParkedThreadUnwindsWithoutAStep() {
            gate.bear();
            Ask birth = ask(null);
            assertEquals(Verdict.SUSPENDED, birth.verdict);
            gate.stop();
            assertThrows(Unwinding.class, gate::birth);
        }

        @Test
        void aThreadResumedBeforeItWasBornDoesNotPark() {
            gate.bear();
            Ask birth = ask(null);
            gate.withdraw(birth);
            gate.birth();
            assertNull(ask(null).verdict, "it counts as running");
        }

        @Test
        void theUnwindingHasNoStackAndIsNoPlaceForOthers() {
            Error unwinding = gate.unwinding();
            unwinding.addSuppressed(new IllegalStateException());
            assertEquals(0, unwinding.getStackTrace().length);
            assertEquals(0, unwinding.getSuppressed().length);
        }
    }

    @Nested
    @DisplayName("Asleep")
    class Asleep {
        @Test
        @DisplayName("An ask that stands when a suspendable sleep begins is answered by it, though its time be over")
        void suspendable() throws Exception {
            Ask ask = ask(null);
            assertEquals(Sleeper.TIMEOUT, gate.await(Sleeper.SUSPENDABLE, clock.nanoTime()));
            assertEquals(Verdict.SUSPENDED, gate.verdict(ask));
            assertTrue(gate.isSuspended());
            gate.withdraw(ask);
            assertEquals(Sleeper.TIMEOUT, gate.settle(Sleeper.SUSPENDABLE, false, Sleeper.TIMEOUT));
            assertNull(ask(null).verdict);
        }

        @Test
        void aWakeupDoesNotBringASuspendedSleeperBack() throws Exception {
            Caller<Integer> daemon = Caller.start("daemon", () -> {
                assertEquals(Sleeper.WOKEN, gate.await(Sleeper.SUSPENDABLE, KernelClock.NEVER));
                return gate.settle(Sleeper.SUSPENDABLE, true, 0);
            });
            daemon.awaitWaiting();
            Ask ask = ask(null);
            assertEquals(Verdict.SUSPENDED, ask.verdict);
            gate.awaken();
            eventually(() -> "kpsusp".equals(gate.wmesg()));
            gate.withdraw(ask);
            assertEquals(0, daemon.result());
        }

        @Test
        void aSleeperTakenOffItsQueueStaysUntilItsWakerHasWokenIt() throws Exception {
            Caller<List<Integer>> daemon = Caller.start("daemon", () -> {
                int settled = gate.settle(0, true, Sleeper.TIMEOUT);
                boolean interrupted = Thread.interrupted();
                return List.of(settled, interrupted ? 1 : 0, gate.await(0, clock.nanoTime()));
            });
            daemon.awaitWaiting();
            daemon.interrupt();
            daemon.awaitWaiting();
            gate.awaken();
            assertEquals(
                    List.of(Sleeper.TIMEOUT, 1, Sleeper.TIMEOUT), daemon.result(), "the next sleep is not ended by it");
        }

        @Test
        void pcatchEndsByAnAskAndSoDoesTheNextUntilTheCheck() {
            ask(null);
            for (int i = 0; i < 2; i++) {
                assertEquals(0, gate.await(Sleeper.CATCH, KernelClock.NEVER));
                assertEquals(0, gate.settle(Sleeper.CATCH, false, 0));
            }
        }

        @Test
        void aPlainSleepTellsOfAStopOnceAndThenUnwinds() {
            gate.stop();
            assertEquals(0, gate.await(0, KernelClock.NEVER));
            assertEquals(Sleeper.STOP, gate.settle(0, false, 0));
            assertEquals(0, gate.await(0, KernelClock.NEVER));
            assertEquals(Sleeper.STOP | Sleeper.DEAD, gate.settle(0, false, 0));
        }

        @Test
        void aPlainSleepThatWasWokenHasNotTold() {
            gate.stop();
            gate.awaken();
            assertEquals(Sleeper.STOP, gate.settle(0, true, 0));
            assertEquals(Sleeper.STOP, gate.settle(0, false, 0));
        }

        @Test
        void anInterruptEndsASleepWithPcatchAndIsConsumed() {
            Thread.currentThread().interrupt();
            assertEquals(Sleeper.INTERRUPT, gate.await(Sleeper.CATCH, KernelClock.NEVER));
            assertEquals(Sleeper.INTERRUPT, gate.settle(Sleeper.CATCH, false, Sleeper.INTERRUPT));
            assertFalse(Thread.interrupted());
        }

        @Test
        void anInterruptThatAWakeupOrAStopOutweighsIsSetAgain() {
            gate.awaken();
            gate.settle(Sleeper.CATCH, true, Sleeper.INTERRUPT);
            assertTrue(Thread.interrupted(), "woken as well: AWAKENED is told");
            gate.awaken();
            gate.settle(Sleeper.CATCH, true, 0);
            assertFalse(Thread.interrupted(), "woken, and never interrupted");
            gate.stop();
            assertEquals(Sleeper.STOP | Sleeper.INTERRUPT, gate.settle(Sleeper.CATCH, false, Sleeper.INTERRUPT));
            assertTrue(Thread.interrupted(), "stopped as well: STOPPING is told");
        }

        @Test
        void anInterruptOfAPlainSleepIsSetAtItsEnd() throws Exception {
            Caller<Integer> daemon = Caller.startInterrupted("daemon", () -> {
                int ended = gate.await(0, 5);
                assertFalse(Thread.currentThread().isInterrupted(), "it is remembered meanwhile");
                return gate.settle(0, false, ended);
            });
            eventually(() -> clock.waiters() == 1);
            clock.advance(Duration.ofNanos(5));
            assertEquals(Sleeper.TIMEOUT, daemon.result());
            assertTrue(daemon.wasInterrupted());
        }

        @Test
        void asksAndStopsDoNotDisturbTheSleepOfAHandlerAtTheEnd() {
            gate.ending();
            ask(null);
            gate.stop();
            for (int kind : new int[] {0, Sleeper.CATCH, Sleeper.SUSPENDABLE}) {
                assertEquals(Sleeper.TIMEOUT, gate.await(kind, clock.nanoTime()));
                assertEquals(Sleeper.TIMEOUT, gate.settle(kind, false, Sleeper.TIMEOUT));
            }
            assertFalse(gate.isSuspended());
        }
    }
}
