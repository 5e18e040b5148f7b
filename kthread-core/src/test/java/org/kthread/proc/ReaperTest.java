package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Stuck;

@DisplayName("init")
class ReaperTest extends KernelTest {
    private final ManualClock clock = new ManualClock();

    @Override
    protected KernelClock clock() {
        return clock;
    }

    @Test
    @DisplayName("sleeps while a grace lasts, and interrupts who outlives it when it is over, not before")
    void grace() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Door inside = new Door();
        Door end = new Door();
        Proc proc = create("pair", () -> {
            inside.open();
            while (!end.isOpen()) {
                try {
                    end.awaitOrInterrupt();
                } catch (InterruptedException e) {
                    told.add("interrupted");
                }
            }
        });
        inside.await();
        kernel.kthreads().kthreadAdd(proc, named("exiting", () -> CurThread.exitProc(0)));
        eventually(() -> clock.nextDeadline() == Stopping.LEAST_GRACE);
        clock.advance(Duration.ofNanos(Stopping.LEAST_GRACE - 1));
        eventually(() -> clock.waiters() == 1);
        assertEquals(List.of(), told);
        clock.advance(Duration.ofNanos(1));
        eventually(() -> !told.isEmpty());
        end.open();
        awaitReaped(proc);
        assertEquals(List.of("interrupted"), told);
    }

    @Test
    @DisplayName("lives on when it fails, and says so")
    void fails() throws Exception {
        OutOfMemoryError planted = new OutOfMemoryError("planted");
        try (LogLines log = LogLines.of("org.kthread.proc")) {
            kernel.proc0().table.reaper.giveGrace(new AbstractList<>() {
                @Override
                public Kthread get(int index) {
                    throw new IndexOutOfBoundsException(index);
                }

                @Override
                public int size() {
                    return 0;
                }

                @Override
                public void forEach(Consumer<? super Kthread> action) {
                    throw planted;
                }
            });
            eventually(() -> clock.nextDeadline() == Stopping.LEAST_GRACE);
            clock.advance(Duration.ofNanos(Stopping.LEAST_GRACE));
            eventually(() -> !log.thrown().isEmpty());
            assertSame(planted, log.thrown().get(0));
        }
        awaitReaped(create("after", () -> {}));
    }

    @Test
    @DisplayName("has ended: who outlives it frees its pid without it")
    void outlived() throws Exception {
        Stuck stuck = new Stuck();
        Proc proc = create("outlives", stuck);
        assertEquals(List.of("outlives"), kernel.proc0().table.close(KernelClock.NEVER));
        stuck.release();
        eventually(() -> proc.state() == ProcState.REAPED);
        proc.join(LIMIT);
    }
}
