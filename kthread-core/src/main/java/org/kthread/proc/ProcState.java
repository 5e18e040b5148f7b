package org.kthread.proc;

/**
 * Where a process is in its life. It only ever goes on: {@code NEW -> RUNNING} by its creator, when the first host thread
 * is about to start; {@code RUNNING -> ZOMBIE} by its last thread, the last thing that does; {@code ZOMBIE -> REAPED} by
 * init, when it has joined the host threads.
 *
 * <p>Sleeping and suspended are no states but reasons, asked of the sleep queue and the gate: see {@code Kernel.ps()}.
 */
public enum ProcState {
    /** In the table, not yet started. */
    NEW,
    /** Started. */
    RUNNING,
    /** All its kernel threads have ended; its status can be read. */
    ZOMBIE,
    /** Its host threads are joined and its pid is free. */
    REAPED
}
