package org.kthread.proc;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.kthread.sleep.SleepQueues;
import org.kthread.sys.KernelClock;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

/** What anybody may read of a process, and how it is found. */
public final class ProcStress {
    private static final KernelClock CLOCK = KernelClock.system();
    private static final SleepQueues QUEUES = new SleepQueues(CLOCK);
    private static final KernelEvents EVENTS = new KernelEvents();

    private ProcStress() {}

    static ProcTable table() {
        return new ProcTable(CLOCK, QUEUES, EVENTS, line -> {}, 8, 16);
    }

    /** A process is looked up by its pid while it is made. */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "Not there yet.")
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "There, and all of it.")
    @Outcome(expect = FORBIDDEN, desc = "Another process, or one that is not ready.")
    @State
    public static class Lookup {
        private final ProcTable table = table();

        @Actor
        public void creator() {
            table.enterFork(table.initproc().container, null);
        }

        @Actor
        public void finder(I_Result r) {
            Proc proc = table.pfind(2);
            r.r1 = proc == null ? 0 : isWhole(proc) ? 1 : 2;
        }

        private boolean isWhole(Proc proc) {
            return proc.pid() == 2
                    && proc.table == table
                    && proc.state() == ProcState.RUNNING
                    && "init".equals(proc.comm())
                    && proc.container.proc() == proc
                    && proc.ppid() == 1
                    && proc.lwps().size() == 1;
        }
    }

    /** A process is looked up by its pid while it goes, and another one comes. */
    @JCStressTest
    @Outcome(
            id = {"1, 1", "1, 0", "0, 1", "0, 0"},
            expect = ACCEPTABLE,
            desc = "Each pid finds its own process, or none.")
    @Outcome(expect = FORBIDDEN, desc = "A pid finds the process of another.")
    @State
    public static class Reuse {
        private final ProcTable table = table();
        private final Lwp first = table.enterFork(table.initproc().container, null);

        @Actor
        public void successor() {
            synchronized (table.lock) {
                first.container.leave(first);
            }
            first.container.close();
            table.enterFork(table.initproc().container, null);
        }

        @Actor
        public void finder(II_Result r) {
            r.r1 = found(2);
            r.r2 = found(3);
        }

        private int found(int pid) {
            Proc proc = table.pfind(pid);
            return proc == null ? 0 : proc.pid() == pid ? 1 : 2;
        }
    }

    /** The status of a process is read while it ends. */
    @JCStressTest
    @Outcome(id = "-1", expect = ACCEPTABLE, desc = "It has not ended.")
    @Outcome(id = "7", expect = ACCEPTABLE, desc = "It has, and that is its status.")
    @Outcome(expect = FORBIDDEN, desc = "It has ended, and its status is not there.")
    @State
    public static class ExitStatus {
        private final ProcTable table = table();
        private final Proc proc = Proc.kernel(table.proc0().container, 2, "daemon", null);

        @Actor
        public void daemon() {
            synchronized (table.lock) {
                proc.giveStatus(7, null);
                proc.becomeZombie();
            }
        }

        @Actor
        public void reader(I_Result r) {
            r.r1 = proc.exitStatus().orElse(-1);
        }
    }

    /** The user of a process is read while it changes. */
    @JCStressTest
    @Outcome(
            id = {"0, 0", "0, 5", "5, 5"},
            expect = ACCEPTABLE,
            desc = "The old user, or the new one, and then the new one.")
    @Outcome(expect = FORBIDDEN, desc = "A user that never was, or the old one after the new.")
    @State
    public static class Credentials {
        private final Container container = table().initproc().container;

        @Actor
        public void changer() {
            container.setuid(5);
        }

        @Actor
        public void reader(II_Result r) {
            r.r1 = container.uid();
            r.r2 = container.uid();
        }
    }
}
