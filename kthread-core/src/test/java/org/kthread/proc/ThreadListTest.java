package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.testing.KernelTest;

@DisplayName("The threads of a process")
class ThreadListTest extends KernelTest {
    @Test
    @DisplayName("have all left before the host threads of all are joined")
    void leaveThenJoined() throws Exception {
        Proc proc = create("proc", () -> {});
        ThreadList threads = new ThreadList();
        Kthread thread = new Kthread(proc, 100, "thread", new Trampoline(named("thread", () -> {}), () -> {}));
        assertTrue(threads.isEmpty() && threads.isJoined());
        threads.add(thread);
        assertFalse(threads.isEmpty() || threads.isJoined());
        threads.leave(thread);
        assertTrue(threads.isEmpty());
        assertFalse(threads.isJoined());
        thread.gate.gone();
        threads.remove(thread);
        assertTrue(threads.isJoined());
        awaitReaped(proc);
    }
}
