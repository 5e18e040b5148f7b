package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.LogLines;

@Timeout(60)
@DisplayName("Who has a line for the console")
class PrinterTest {
    private static final Duration PATIENCE = Duration.ofMillis(100);

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
        assertEquals(List.of("shutdown-console"), printer.close());
        eventually(console::wasInterrupted);
        console.release();
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
        assertEquals(List.of(), printer.close());
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
            assertEquals(List.of(), printer.close());
            assertEquals(List.of("the console failed with this line: line"), log.messages());
            assertEquals(List.of(failure), log.thrown());
        }
    }
}
