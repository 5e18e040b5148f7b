package org.kthread.proc;

import org.kthread.event.EventList;

/**
 * The events in the life of processes and threads. Handlers run with nothing of ours held; what one throws is logged, and
 * stops neither the others nor the thread it happened to.
 */
public final class KernelEvents {
    private final EventList<Proc> processCtor = new EventList<>("process_ctor");
    private final EventList<Proc> processExit = new EventList<>("process_exit");
    private final EventList<Kthread> threadCtor = new EventList<>("thread_ctor");
    private final EventList<Kthread> threadExit = new EventList<>("thread_exit");
    private final EventList<Diagnosis> kprocHung = new EventList<>("kproc_hung");

    /** Lists without handlers. */
    public KernelEvents() {}

    /**
     * A process was created. On the thread of its creator, before the process runs.
     *
     * @return the list
     */
    public EventList<Proc> processCtor() {
        return processCtor;
    }

    /**
     * A process ends. On its last thread, after that thread's {@link #threadExit}.
     *
     * @return the list
     */
    public EventList<Proc> processExit() {
        return processExit;
    }

    /**
     * A thread was created. On the new thread, after the birth park, before its main.
     *
     * @return the list
     */
    public EventList<Kthread> threadCtor() {
        return threadCtor;
    }

    /**
     * A thread ends. On the dying thread, after its main.
     *
     * @return the list
     */
    public EventList<Kthread> threadExit() {
        return threadExit;
    }

    /**
     * A suspend or a stop passed its timeout. On the thread of who asked, once for each thread that gave no answer.
     * Not told: what a handler of this event suspends or stops in vain itself.
     *
     * @return the list
     */
    public EventList<Diagnosis> kprocHung() {
        return kprocHung;
    }
}
