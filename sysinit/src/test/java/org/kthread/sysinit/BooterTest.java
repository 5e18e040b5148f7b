package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Caller;
import org.kthread.testing.Door;

@DisplayName("The booting thread")
class BooterTest {

    /** A booting thread whose interrupts take their time; what it says of each that it takes. */
    private static final class Slow extends Thread {
        final Door made = new Door();
        final Door decided = new Door();
        final Door mayCome = new Door();
        final List<Boolean> seen = new CopyOnWriteArrayList<>();
        volatile Booter booter;

        @Override
        public void run() {
            booter = new Booter(KernelClock.system());
            made.open();
            decided.await();
            seen.add(booter.takeLastInterrupt(false));
            seen.add(isInterrupted());
        }

        @Override
        public void interrupt() {
            decided.open();
            mayCome.await();
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long waits = threads.getThreadInfo(getId()).getWaitedCount();
            super.interrupt();
            eventually(() -> threads.getThreadInfo(getId()).getWaitedCount() > waits); // for who is still in here
        }
    }

    @Test
    @DisplayName("waits for an interrupt of ours that is on its way, and takes it: nothing else meets it")
    void onItsWay() throws Exception {
        Slow thread = new Slow();
        thread.start();
        thread.made.await();
        assertTrue(thread.booter.announce());
        assertFalse(thread.booter.announce());
        assertFalse(thread.booter.announceOnce());
        thread.booter.send();
        eventually(() -> thread.getState() == Thread.State.WAITING && thread.decided.isOpen());
        thread.mayCome.open();
        thread.join(Caller.LIMIT.toMillis());
        assertFalse(thread.isAlive());
        assertEquals(List.of(false, false), thread.seen);
    }

    @Test
    @DisplayName("is known to end the JVM by its stack")
    void endsTheJvm() {
        StackTraceElement exit = new StackTraceElement("java.lang.Shutdown", "exit", "Shutdown.java", 1);
        StackTraceElement other = new StackTraceElement("java.lang.Runtime", "exit", "Runtime.java", 1);
        assertTrue(Booter.endsTheJvm(new StackTraceElement[] {exit, other}));
        assertFalse(Booter.endsTheJvm(new StackTraceElement[] {other}));
    }
}
