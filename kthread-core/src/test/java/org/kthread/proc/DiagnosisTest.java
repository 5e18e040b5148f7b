package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.Rounds;
import org.kthread.testing.Stuck;

/** What is told of a daemon that did not answer in time. */
class DiagnosisTest extends KernelTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Nested
    @DisplayName("the diagnosis of TIMED_OUT")
    class TheDiagnosis {
        private Diagnosis only(SuspendOutcome outcome) {
            assertEquals(Verdict.TIMED_OUT, outcome.verdict());
            assertEquals(1, outcome.stuck().size());
            return outcome.stuck().get(0);
        }

        @Test
        @DisplayName("names the daemon and the thread, with the stack where it is")
        void stack() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = create("a-name-longer-than-nineteen", stuck);
            Diagnosis diagnosis = only(proc.suspend(Duration.ZERO));
            assertEquals(proc.pid(), diagnosis.pid());
            assertEquals(proc.kthreads().get(0).tid(), diagnosis.tid());
            assertEquals("a-name-longer-than-", diagnosis.comm());
            assertEquals("a-name-longer-than-nineteen", diagnosis.thread());
            assertTrue(diagnosis.stack().stream()
                    .anyMatch(frame -> frame.getClassName().contains("Stuck")));
            assertTrue(diagnosis.toString().contains("org.kthread.testing.Stuck.run(Stuck.java:"), diagnosis::toString);
            stuck.release();
        }

        @Test
        @DisplayName(
                "does without the JVM while there is no stack, or no memory, to find whom to ask; the next finds it")
        void noStackNoMemory() {
            List<Error> lacks =
                    new ArrayList<>(List.of(new StackOverflowError("planted"), new OutOfMemoryError("planted")));
            HostInfo.Bean bean = new HostInfo.Bean() {
                @Override
                ThreadMXBean find() {
                    if (lacks.isEmpty()) {
                        return super.find();
                    }
                    throw lacks.remove(0);
                }
            };
            assertNull(bean.get());
            assertNull(bean.get());
            ThreadMXBean found = bean.get();
            assertNotNull(found);
            lacks.add(new AssertionError("looked up twice"));
            assertSame(found, bean.get());
        }

        @Test
        @DisplayName("has the wmesg of a plain sleep")
        void wmesg() throws Exception {
            Proc proc = create("plain", () -> kernel.sleepQueues().pause("biowr", SECOND));
            eventually(() -> "biowr".equals(row(proc).wmesg()));
            Diagnosis diagnosis = only(proc.suspend(Duration.ZERO));
            assertEquals("biowr", diagnosis.wmesg());
            assertTrue(diagnosis.summary().contains("sleeping on \"biowr\""), diagnosis::summary);
        }

        @Test
        @DisplayName("has the monitor that it is blocked at, and who owns it")
        void monitor() throws Exception {
            Object monitor = new Object();
            AtomicReference<Thread> host = new AtomicReference<>();
            synchronized (monitor) {
                Proc proc = create("blocked", () -> {
                    host.set(Thread.currentThread());
                    synchronized (monitor) {
                        CurThread.exit(0);
                    }
                });
                eventually(() -> host.get() != null && host.get().getState() == Thread.State.BLOCKED);
                Diagnosis diagnosis = only(proc.suspend(Duration.ZERO));
                assertEquals(Thread.State.BLOCKED, diagnosis.hostState());
                assertTrue(String.valueOf(diagnosis.waitsFor()).contains("java.lang.Object@"), diagnosis::toString);
                assertEquals(Thread.currentThread().getName(), diagnosis.lockOwner());
            }
        }

        @Test
        @DisplayName("of a virtual thread has its stack")
        @EnabledForJreRange(min = JRE.JAVA_21)
        void virtual() throws Exception {
            Stuck stuck = new Stuck();
            Proc proc = kernel.kthreads().kthreadCreate(named("virtual", stuck).virtual());
            stuck.awaitInside();
            Diagnosis diagnosis = only(proc.suspend(Duration.ZERO));
            assertTrue(diagnosis.stack().stream()
                    .anyMatch(frame -> frame.getClassName().contains("Stuck")));
            stuck.release();
        }

        @Test
        @DisplayName("lists only those who have not answered")
        void onlyTheStuck() throws Exception {
            Proc proc = create("pair", new Rounds());
            Stuck stuck = new Stuck();
            Kthread second = kernel.kthreads().kthreadAdd(proc, named("second", stuck));
            stuck.awaitInside();
            SuspendRequest request = proc.ask(null);
            eventually(proc.kthreads().get(0).gate::isSuspended);
            Diagnosis diagnosis = only(request.await(Duration.ZERO));
            assertEquals(second.tid(), diagnosis.tid());
            stuck.release();
        }

        @Test
        @DisplayName("is never empty, however late the answer comes")
        void neverEmpty() throws Exception {
            Proc proc = create("racer", new Rounds());
            for (int i = 0; i < 3_000; i++) {
                SuspendRequest request = proc.ask("a");
                long until = System.nanoTime() + i % 400 * 500L;
                while (System.nanoTime() < until) {
                    Thread.onSpinWait();
                }
                SuspendOutcome outcome = request.await(Duration.ZERO);
                assertEquals(
                        outcome.verdict() == Verdict.TIMED_OUT, !outcome.stuck().isEmpty());
                request.withdraw();
            }
        }

        @Test
        @DisplayName("two daemons that suspend each other time out, each naming the other, and whom that one waits for")
        void eachOther() throws Exception {
            AtomicReference<Proc> a = new AtomicReference<>();
            AtomicReference<Proc> b = new AtomicReference<>();
            AtomicReference<SuspendOutcome> ofA = new AtomicReference<>();
            AtomicReference<SuspendOutcome> ofB = new AtomicReference<>();
            Door end = new Door();
            Stuck goA = new Stuck(() -> {
                ofA.set(b.get().suspend(SECOND));
                end.await();
            });
            Stuck goB = new Stuck(() -> ofB.set(a.get().suspend(SECOND.multipliedBy(2))));
            a.set(create("a", goA));
            b.set(create("b", goB));
            goA.release();
            goB.release();
            eventually(() -> clock.waiters() == 2);
            clock.advance(SECOND);
            eventually(() -> ofA.get() != null);
            Diagnosis atB = only(ofA.get());
            assertEquals("b", atB.comm());
            assertEquals("process `a' (pid " + a.get().pid() + ")", atB.waitsFor());
            assertEquals("suspkp", atB.wmesg());
            clock.advance(SECOND);
            assertTrue(b.get().join(LIMIT));
            assertEquals("a", only(ofB.get()).comm());
            end.open();
        }
    }

    @Test
    @DisplayName("who asks or stops and does not wait gets the diagnosis, and kproc_hung is not told")
    void zeroIsNotHung() throws Exception {
        List<Diagnosis> told = new CopyOnWriteArrayList<>();
        kernel.events().kprocHung().register(told::add, 0);
        Stuck stuck = new Stuck();
        Proc proc = create("deaf", stuck);
        assertEquals(1, proc.suspend(Duration.ZERO).stuck().size());
        assertEquals(1, proc.stop(Duration.ZERO).stuck().size());
        assertEquals(List.of(), told);
        Caller<StopOutcome> stopper = Caller.start("stopper", () -> proc.stop(Duration.ofMillis(1)));
        eventually(() -> clock.waiters() == 1);
        clock.advance(Duration.ofMillis(1));
        assertEquals(1, stopper.result().stuck().size());
        assertEquals(1, told.size());
        stuck.release();
        awaitReaped(proc);
    }
}
