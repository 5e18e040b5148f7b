package org.kthread.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.Caller.eventually;

import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.kthread.proc.CurThread;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.Proc;
import org.kthread.testing.Door;
import org.kthread.testing.Rounds;

@DisplayName("kthread(9), daemons on platform threads")
class Kthread9Test extends Kthread9Spec {
    @Nested
    @DisplayName("kproc_start")
    class KprocStart {
        @Test
        @DisplayName("is used to start internal daemons such as bufdaemon and the syncer")
        void startsDaemons() {
            Rounds buf = new Rounds();
            Rounds sync = new Rounds();
            kernel.kthreads().kprocStart(new KprocDesc("bufdaemon", buf));
            kernel.kthreads().kprocStart(new KprocDesc("syncer", sync));
            buf.awaitWork();
            sync.awaitWork();
            assertTrue(kernel.ps().toString().contains("[bufdaemon]"));
            assertTrue(kernel.ps().toString().contains("[syncer]"));
        }

        @Test
        @DisplayName("is to be called while booting: it returns without waiting for the daemon to do anything")
        void returns() {
            Door go = new Door();
            AtomicReference<Proc> cell = new AtomicReference<>();
            kernel.kthreads().kprocStart(new KprocDesc("slow", go::await, cell));
            assertTrue(cell.get().exitStatus().isEmpty());
            go.open();
        }

        @Test
        @DisplayName("udata describes the thread to create, and may serve more than once")
        void udata() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            KprocDesc desc = new KprocDesc("twin", new Rounds(), cell);
            kernel.kthreads().kprocStart(desc);
            Proc first = cell.get();
            kernel.kthreads().kprocStart(desc);
            assertEquals("twin", first.comm());
            assertEquals("twin", cell.get().comm());
            assertTrue(first.pid() < cell.get().pid());
        }

        @Test
        @DisplayName("arg0 is the name of the process, copied into p_comm")
        void arg0() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            kernel.kthreads().kprocStart(new KprocDesc("100%d", new Rounds(), cell));
            assertEquals("100%d", cell.get().comm());
        }

        @Test
        @DisplayName("func is the main function of the process")
        void func() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Proc> ran = new AtomicReference<>();
            kernel.kthreads().kprocStart(new KprocDesc("func", () -> ran.set(CurThread.curproc()), cell));
            eventually(() -> ran.get() != null);
            assertSame(cell.get(), ran.get());
        }

        @Test
        @DisplayName("global_procpp is updated to point to the new process")
        void globalProcpp() {
            AtomicReference<Proc> cell = new AtomicReference<>();
            kernel.kthreads().kprocStart(new KprocDesc("cell", new Rounds(), cell));
            assertSame(cell.get(), kernel.pfind(cell.get().pid()));
        }

        @Test
        @DisplayName("a null global_procpp is ignored")
        void nullProcpp() {
            Rounds rounds = new Rounds();
            KprocDesc desc = new KprocDesc("nocell", rounds, null);
            assertNull(desc.globalProcpp());
            kernel.kthreads().kprocStart(desc);
            rounds.awaitWork();
        }
    }
}
