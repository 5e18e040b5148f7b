package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.LogLines;

@Timeout(60)
@DisplayName("Who has a line for the console")
class PrinterTest {
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration SLOW = Duration.ofMillis(90);

    private final ManualClock clock = new ManualClock();

    private Caller<Boolean> startWriting(Printer printer) {
        Caller<Boolean> writer = Caller.run("writer", () -> printer.accept("line"));
        eventually(() -> clock.nextDeadline() == PATIENCE.toNanos());
        return writer;
    }

    @Test
    @DisplayName("waits up to the end of the patience; a console that is still stuck at the end of all is interrupted")
    void stuck() throws Exception {
        Stuck console = new Stuck();
        Printer printer = new Printer(clock, line -> console.run());
        printer.start();
        Caller<Boolean> writer = startWriting(printer);
        clock.advance(PATIENCE);
        writer.result();
        assertEquals(List.of("shutdown-console"), printer.close(clock.nanoTime()));
        eventually(console::wasInterrupted);
        console.release();
    }

    @Test
    @DisplayName(
            "and those behind wait no longer than the patience altogether, until the next phase; all is written in order")
    void slow() throws Exception {
        CyclicBarrier gate = new CyclicBarrier(2);
        List<String> lines = new CopyOnWriteArrayList<>();
        Printer printer = new Printer(clock, line -> {
            meet(gate);
            lines.add(line);
        });
        printer.start();
        Caller<Boolean> first = startWriting(printer);
        clock.advance(SLOW);
        meet(gate);
        first.result();
        Caller<Boolean> second = Caller.run("second", () -> printer.accept("second"));
        eventually(() -> clock.nextDeadline() == PATIENCE.toNanos());
        clock.advance(PATIENCE.minus(SLOW));
        second.result();
        meet(gate);
        printer.accept("third");
        printer.beginPhase();
        Caller<Boolean> fourth = Caller.run("fourth", () -> printer.accept("fourth"));
        eventually(() -> clock.nextDeadline() == PATIENCE.multipliedBy(2).toNanos());
        meet(gate);
        meet(gate);
        fourth.result();
        assertEquals(List.of(), printer.close(clock.nanoTime()));
        assertEquals(List.of("line", "second", "third", "fourth"), lines);
    }

    @ParameterizedTest(name = "in time: {0}")
    @ValueSource(booleans = {false, true})
    @DisplayName("in the end has it written as long as the console moves and there is time;")
    void end(boolean inTime) throws Exception {
        CyclicBarrier gate = new CyclicBarrier(2);
        Printer printer = new Printer(clock, line -> meet(gate));
        printer.start();
        Caller<Boolean> writer = startWriting(printer);
        clock.advance(PATIENCE);
        writer.result();
        printer.accept("second");
        printer.accept("third");
        meet(gate);
        eventually(() -> gate.getNumberWaiting() == 1); // the console has moved
        Caller<List<String>> closer = Caller.start(
                "closer", () -> printer.close(Duration.ofMillis(250).toNanos()));
        eventually(() -> clock.nextDeadline() == PATIENCE.multipliedBy(2).toNanos());
        clock.advance(SLOW);
        meet(gate);
        eventually(() -> clock.nextDeadline() == Duration.ofMillis(250).toNanos());
        if (inTime) {
            meet(gate);
        } else {
            clock.advance(Duration.ofMillis(60));
        }
        assertEquals(inTime ? List.of() : List.of("shutdown-console"), closer.result());
    }

    /** Whatever interrupts; one who is interrupted there lets the other go as well. */
    private static void meet(CyclicBarrier gate) {
        try {
            gate.await(Caller.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (BrokenBarrierException | TimeoutException e) {
            throw new AssertionError("nobody comes to the gate", e);
        }
    }

    @Test
    @DisplayName("and is interrupted waits no more, and keeps the interrupt; the line is written all the same")
    void interrupted() throws Exception {
        Door door = new Door();
        List<String> lines = new CopyOnWriteArrayList<>();
        Printer printer = new Printer(clock, line -> {
            door.await();
            lines.add(line);
        });
        printer.start();
        Caller<Boolean> writer = startWriting(printer);
        writer.interrupt();
        assertTrue(writer.wasInterrupted());
        writer.result();
        door.open();
        assertEquals(List.of(), printer.close(clock.nanoTime()));
        assertEquals(List.of("line"), lines);
    }

    @Test
    @DisplayName("that the console fails with reads of it in the log")
    void failing() {
        RuntimeException failure = new IllegalStateException("planted: the console is broken");
        Printer printer = new Printer(clock, line -> {
            throw failure;
        });
        printer.start();
        try (LogLines log = LogLines.of("org.kthread.shutdown")) {
            printer.accept("line");
            assertEquals(List.of(), printer.close(clock.nanoTime()));
            assertEquals(List.of("the console failed with this line: line"), log.messages());
            assertEquals(List.of(failure), log.thrown());
        }
    }
}
