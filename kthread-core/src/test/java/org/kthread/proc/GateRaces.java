package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import org.kthread.proc.Gate.Request;
import org.kthread.sleep.SleepPriority;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Schedules.Body;

/** Who runs in which race; the daemon is always the first. What each hunts is in {@link GateRace}. */
final class GateRaces {
    private final GateScenario s;

    GateRaces(GateScenario s) {
        this.s = s;
    }

    List<Body> twoSuspenders() {
        return List.of(s.daemon(2), s::suspendAndResume, s::suspendAndResume);
    }

    List<Body> secondAsk() {
        return List.of(s.daemon(3), () -> {
            s.suspendAndResume();
            s.suspend("owner");
            s.stop();
        });
    }

    /** The daemon leaves its park as the first thing it does: where the checker looks closest. */
    List<Body> askOnTheWayOut() {
        s.gate.bearStopped();
        s.gate.resume();
        return List.of(
                s.daemon(() -> {
                    s.gate.birth();
                    s.work();
                    s.check();
                    s.work();
                }),
                () -> {
                    s.suspend("owner");
                    s.stop();
                });
    }

    List<Body> exitDuringSuspend() {
        return List.of(s.daemon(0), s::suspendAndResume, s::hold);
    }

    List<Body> holdBesideAsk() {
        return List.of(s.daemon(2), s::hold, () -> {
            Request request = s.gate.add(null);
            Verdict verdict = s.await(request, KernelClock.NEVER);
            assertTrue(verdict != Verdict.SUSPENDED || request.inForce(), "P3: an ask ended that nobody has resumed");
            s.gate.resume();
        });
    }

    List<Body> interrupted() {
        return List.of(s.daemon(2), s::suspendInterruptibly, s::interruptTheAsker);
    }

    List<Body> timedOut() {
        return List.of(s.daemon(1), s::suspendUntilFive, s::fiveOClock);
    }

    List<Body> bornStopped() {
        Request birth = s.gate.bearStopped();
        assertEquals(Verdict.SUSPENDED, birth.verdict(), "P8: answered before the thread is started");
        return List.of(
                s.daemon(() -> {
                    s.gate.birth();
                    s.work();
                }),
                s.gate::resume,
                s::hold);
    }

    List<Body> stoppedBeforeBirth() {
        s.gate.bearStopped();
        return List.of(
                s.daemon(() -> {
                    s.gate.birth();
                    throw new AssertionError("P5: a step after a stop");
                }),
                s::stop);
    }

    List<Body> stopDuringPark() {
        return List.of(s.daemon(2), s::suspendAndResume, () -> {
            s.suspend("owner");
            s.stop();
        });
    }

    List<Body> askAfterStop() {
        Request hold = s.gate.add("owner");
        return List.of(s.daemon(1), () -> {
            s.await(hold, KernelClock.NEVER);
            s.stop(() -> assertEquals(Verdict.EXITED, s.await(s.gate.add(null), KernelClock.NEVER)));
        });
    }

    List<Body> suspendableSleep() {
        return List.of(s.daemon(() -> s.sleepUntilWork(SleepPriority.SUSPENDABLE)), s::wake, () -> {
            Request request = s.gate.add(null);
            if (s.await(request, KernelClock.NEVER) == Verdict.SUSPENDED) {
                s.takeTheInterlock(); // P9: or the checker says that nobody can go on
            }
            s.gate.resume();
        });
    }

    List<Body> suspendThenWake() {
        return List.of(s.daemon(() -> s.sleepUntilWork(SleepPriority.SUSPENDABLE)), () -> {
            s.suspendAndResume();
            s.wake();
        });
    }

    List<Body> stoppedSleep() {
        return List.of(s.daemon(() -> s.sleepUntilWork(SleepPriority.SUSPENDABLE)), () -> s.suspend("owner"), s::stop);
    }

    List<Body> catchSleep() {
        return List.of(
                s.daemon(() -> {
                    assertEquals(WakeReason.SUSPEND_REQUESTED, s.sleepOnce(SleepPriority.PCATCH));
                    s.check();
                    s.work();
                }),
                s::suspendAndResume,
                s::suspendAndResume);
    }

    List<Body> stoppedPlainSleep() {
        return List.of(
                s.daemon(() -> {
                    assertEquals(WakeReason.STOPPING, s.queues.tsleep(s.chan, 0, "plain", Duration.ofDays(1)));
                    s.queues.tsleep(s.chan, 0, "plain", Duration.ofDays(1));
                    throw new AssertionError("P5: back from the second sleep after a stop");
                }),
                () -> s.suspend("owner"),
                s::stop);
    }

    List<Body> region() {
        return List.of(
                s.daemon(() -> {
                    s.region(() -> {});
                    s.work();
                }),
                s::suspendAndResume,
                s::hold);
    }

    List<Body> regionThrows() {
        return heldInRegion(() -> {
            throw new IllegalStateException();
        });
    }

    List<Body> exitInRegion() {
        return heldInRegion(() -> {
            s.gate.exiting();
            throw new Unwinding();
        });
    }

    /** A region that is left, by a failure, when a hold has been answered. The third thread makes the holder wait. */
    private List<Body> heldInRegion(Body failure) {
        Latch held = new Latch();
        Latch enough = new Latch();
        return List.of(
                s.daemon(() -> {
                    try {
                        s.region(() -> {
                            held.await();
                            failure.run();
                        });
                    } catch (IllegalStateException e) {
                        s.work();
                    }
                }),
                () -> s.hold(() -> {
                    held.open();
                    enough.await();
                }),
                enough::open);
    }

    List<Body> stopInRegion() {
        Latch never = new Latch();
        return List.of(
                s.daemon(() -> {
                    try {
                        s.region(never::await);
                    } catch (InterruptedException failure) {
                        s.work();
                    }
                    s.work();
                }),
                () -> s.suspend("owner"),
                s::stop);
    }

    /** Something to block on. */
    private static final class Latch {
        private boolean open;

        synchronized void await() throws InterruptedException {
            while (!open) {
                wait();
            }
        }

        synchronized void open() {
            open = true;
            notifyAll();
        }
    }
}
