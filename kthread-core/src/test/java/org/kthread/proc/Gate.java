package org.kthread.proc;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Schedules.Body;

/** What the scenarios need of a gate, so that the same scenarios run on the real one and on the twin with planted bugs. */
interface Gate {
    /** One ask, in the hands of who made it. */
    interface Request {
        /** The answer so far. */
        @Nullable
        Verdict verdict();

        boolean inForce();
    }

    Request add(@Nullable String owner);

    /** Waits for an answer, null when the time is over; an interrupted asker takes its ask back. */
    @Nullable
    Verdict await(Request request, long deadline) throws InterruptedException;

    void withdraw(Request request);

    /** Withdraws every ask without an owner. */
    void resume();

    /** Tells it to stop; tells whether an {@link #interrupt} is due at once. */
    boolean stop();

    /** Interrupts it, if it is in a region. */
    void interrupt();

    boolean awaitGone(long deadline) throws InterruptedException;

    /** Counts as parked from its birth on, with an ask in force that has no owner. The creator's call. */
    Request bearStopped();

    /* What the daemon calls. */

    void bind(Thread thread);

    void birth();

    void check();

    void region(Body body) throws Throwable;

    /** The daemon has called exit; what follows is the unwinding. */
    void exiting();

    void ending();

    void gone();

    /** The gate as the sleep queues see it; its monitor. */
    Sleeper sleeper();

    /* For those who look. */

    /** The asks in force. */
    List<Request> asked();

    /** Whether an ask answered SUSPENDED is in force. */
    boolean promised();

    boolean isStopped();

    boolean isGone();
}
