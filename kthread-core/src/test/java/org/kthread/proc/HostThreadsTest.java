package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

@DisplayName("The join of a thread that is about to end")
class HostThreadsTest {
    @Test
    @DisplayName("has an end, also if the machine never runs that thread again")
    void ends() throws Exception {
        Door door = new Door();
        Caller<Boolean> stuck = Caller.run("stuck", door::await);
        assertFalse(HostThreads.join(stuck.thread(), Duration.ofMillis(1)));
        door.open();
        stuck.result();
        assertTrue(HostThreads.join(stuck.thread(), Duration.ofMillis(1)));
    }
}
