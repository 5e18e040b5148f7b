package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

@Timeout(60)
@DisplayName("A wait for a daemon")
class PanicTest {
    private final Panic panic = new Panic();

    @Test
    @DisplayName("that a panic has interrupted takes the interrupt back when it ends")
    void takenBack() throws Exception {
        Caller<Boolean> waiter = Caller.start("waiter", () -> {
            assertTrue(panic.beginWait());
            panic.declare("text");
            boolean interrupted = Thread.currentThread().isInterrupted();
            panic.endWait();
            return interrupted;
        });
        assertFalse(waiter.wasInterrupted());
        assertTrue(waiter.result());
        assertEquals("text", panic.text());
    }

    @Test
    @DisplayName("leaves the interrupt of somebody else where it is, as long as nobody panics")
    void somebodyElse() throws Exception {
        Caller<Boolean> waiter = Caller.startInterrupted("waiter", () -> {
            boolean began = panic.beginWait();
            panic.endWait();
            return began;
        });
        assertTrue(waiter.wasInterrupted());
        assertTrue(waiter.result());
    }

    @Test
    @DisplayName("that is over is not interrupted, and after a panic none begins")
    void over() throws Exception {
        Caller<Boolean> waiter = Caller.start("waiter", () -> {
            panic.beginWait();
            panic.endWait();
            panic.declare("text");
            return panic.beginWait();
        });
        assertFalse(waiter.wasInterrupted());
        assertFalse(waiter.result());
    }

    @Test
    @DisplayName("is interrupted by a panic also when another one was over before")
    void another() throws Exception {
        Door waits = new Door();
        Door go = new Door();
        Caller<Boolean> waiter = Caller.run("waiter", () -> {
            assertTrue(panic.beginWait());
            waits.open();
            go.await();
        });
        waits.await();
        assertTrue(panic.beginWait());
        panic.endWait();
        panic.declare("text");
        go.open();
        waiter.result();
        assertTrue(waiter.wasInterrupted());
    }
}
