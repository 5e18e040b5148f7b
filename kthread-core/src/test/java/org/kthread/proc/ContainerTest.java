package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.sys.Errno;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;

/** A container, by itself: also what two lwps do with it at once, one step at a time. */
class ContainerTest extends KernelTest {
    private Container container;

    @BeforeEach
    void take() {
        container = kernel.initproc().container;
    }

    @Test
    @DisplayName("The directory is changed from the one it was found from, or not at all")
    void pwd() {
        Pwd first = container.pwd();
        Pwd second = new Pwd(Path.of("/second"));
        Pwd third = new Pwd(Path.of("/third"));
        assertTrue(container.pwd(first, second));
        assertEquals(second, container.pwd());
        assertFalse(container.pwd(first, third));
        assertEquals(second, container.pwd());
    }

    @Test
    @DisplayName("A process that is forked has the name of its parent")
    void forkedName() {
        Proc parent = create("parent", new Rounds());
        assertEquals("parent", Proc.forked(parent.container, 99, null).name());
    }

    @Test
    @DisplayName("The ids of its lwps go on past what an int can count: none is used again")
    void lids() {
        Lwproc lwproc = kernel.proc0().table.lwproc();
        container.nextLid = Integer.MAX_VALUE;
        List<Long> lids = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            lwproc.newlwp(container.pid());
            lids.add(lwproc.curlwp().lid());
            lwproc.releaselwp();
        }
        assertEquals(List.of((long) Integer.MAX_VALUE, Integer.MAX_VALUE + 1L), lids);
    }

    @Test
    @DisplayName("What is open is told by number; nothing, before anything was opened")
    void descriptors() {
        assertEquals(List.of(), container.descriptors());
        container.install(new AutoCloseable() {
            @Override
            public void close() {}

            @Override
            public String toString() {
                return "it";
            }
        });
        assertEquals(List.of("0 it"), container.descriptors());
        OpenFile inCall = container.hold(0);
        assertEquals("it", inCall.toString());
        Container.dropLogged(inCall);
    }

    @Test
    @DisplayName("What is open and cannot tell its name is shown by its class")
    void nameless() {
        class Nameless implements AutoCloseable {
            @Override
            public void close() {}

            @Override
            public String toString() {
                throw new IllegalStateException("planted");
            }
        }
        assertEquals(Nameless.class.getName(), new OpenFile(new Nameless()).toString());
    }

    @Nested
    @DisplayName("what is closed elsewhere during a call")
    class ClosedElsewhere {
        /** Closes a descriptor while a call is inside, and tells what was logged when the call lets go. */
        private List<Throwable> letGo(AutoCloseable object) throws Exception {
            int number = container.install(object);
            OpenFile inCall = container.hold(number);
            container.remove(number).drop();
            try (LogLines log = LogLines.of("org.kthread.proc")) {
                Container.dropLogged(inCall);
                return log.thrown();
            }
        }

        @Test
        @DisplayName("is closed by the call, which does not fail if that does: it is logged")
        void fails() throws Exception {
            IOException planted = new IOException("planted");
            assertEquals(List.of(planted), letGo(() -> {
                throw planted;
            }));
            assertFalse(Thread.interrupted());
        }

        @Test
        @DisplayName("and is interrupted in its close: the flag is set again")
        void interrupted() throws Exception {
            InterruptedException planted = new InterruptedException("planted");
            assertEquals(List.of(planted), letGo(() -> {
                throw planted;
            }));
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    @DisplayName(
            "A closer that is interrupted does not interrupt the closers behind it; the flag is set when all is closed")
    void interruptedCloser() {
        List<Boolean> flags = new ArrayList<>();
        Filedesc table = new Filedesc();
        table.enter(new OpenFile(() -> flags.add(Thread.currentThread().isInterrupted())), 9);
        table.enter(
                new OpenFile(() -> {
                    throw new InterruptedException("planted");
                }),
                9);
        List<Throwable> told = new ArrayList<>();
        table.unshare(told::add);
        assertTrue(Thread.interrupted());
        assertEquals(List.of(false), flags);
        assertEquals(1, told.size());
    }

    @Test
    @DisplayName("A process that is left with a closer that is interrupted: those behind it are not, and the caller is")
    void interruptedRelease() {
        List<Boolean> flags = new ArrayList<>();
        Lwproc lwproc = kernel.proc0().table.lwproc();
        lwproc.rfork(Lwproc.RUMP_RFCFDG);
        lwproc.current().install(() -> flags.add(Thread.currentThread().isInterrupted()));
        lwproc.current().install(() -> {
            throw new InterruptedException("planted");
        });
        assertErrno(Errno.EIO, lwproc::releaselwp);
        assertTrue(Thread.interrupted());
        assertEquals(List.of(false), flags);
    }
}
