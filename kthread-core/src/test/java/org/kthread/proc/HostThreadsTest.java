package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;
import org.kthread.testing.LogLines;

@DisplayName("Host threads")
class HostThreadsTest {
    @Test
    @DisplayName("that are virtual keep a carrier while they wait on a monitor: JDK 21 to 23")
    void pinning() {
        assertFalse(HostThreads.monitorsPin(20));
        assertTrue(HostThreads.monitorsPin(21));
        assertTrue(HostThreads.monitorsPin(23));
        assertFalse(HostThreads.monitorsPin(24));
    }

    @Test
    @DisplayName("are joined: the wait has an end, also if the machine never runs that thread again")
    void ends() throws Exception {
        Door door = new Door();
        Caller<Boolean> stuck = Caller.run("stuck", door::await);
        assertFalse(HostThreads.join(stuck.thread(), Duration.ofMillis(1)));
        door.open();
        stuck.result();
        assertTrue(HostThreads.join(stuck.thread(), Duration.ofMillis(1)));
    }

    @Test
    @DisplayName("are joined: the wait keeps an interrupt, and goes on")
    void interrupted() throws Exception {
        Door door = new Door();
        Caller<Boolean> stuck = Caller.run("stuck", door::await);
        Caller<Boolean> joiner =
                Caller.startInterrupted("joiner", () -> HostThreads.join(stuck.thread(), Duration.ofMinutes(1)));
        joiner.awaitWaiting();
        door.open();
        assertTrue(joiner.result());
        assertTrue(joiner.wasInterrupted());
        stuck.result();
    }

    @Test
    @DisplayName("are interrupted: who asked is told when it has come")
    void tells() throws Exception {
        Door door = new Door();
        Door told = new Door();
        Caller<Boolean> stuck = Caller.run("stuck", door::await);
        HostThreads.interrupt(stuck.thread(), told::open);
        told.await();
        door.open();
        stuck.result();
        assertTrue(stuck.wasInterrupted());
    }

    @Test
    @DisplayName("are interrupted by a thread of its own; by the caller, if the machine refuses one")
    void refused() {
        List<Thread> interrupters = new ArrayList<>();
        HostThreads.aside(() -> interrupters.add(Thread.currentThread()), thread -> {
            throw new OutOfMemoryError("planted");
        });
        assertEquals(List.of(Thread.currentThread()), interrupters);
    }

    @Test
    @DisplayName("are interrupted: what that throws, of a channel that it closes, is logged")
    void closeFails() {
        IllegalStateException planted = new IllegalStateException("planted");
        try (LogLines log = LogLines.of("org.kthread.proc")) {
            HostThreads.aside(
                    () -> {
                        throw planted;
                    },
                    thread -> {
                        thread.start();
                        HostThreads.join(thread);
                    });
            assertEquals(List.of(planted), log.thrown());
        }
    }
}
