package org.kthread.proc;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Where one kernel thread is, told when it did not answer in time.
 *
 * @param pid of its process
 * @param tid of the thread
 * @param comm name of its process
 * @param thread full name of the thread
 * @param wmesg why it sleeps in this library; null if it does not
 * @param hostState what the JVM says of its host thread
 * @param waitsFor what it waits for, where that is known: a daemon it suspends, a monitor, a lock
 * @param lockOwner the host thread that has the monitor or lock it waits for, where the JVM tells
 * @param stack of its host thread, innermost first; empty if it was not taken
 * @param open what its process has open: {@code number name} of each descriptor
 */
public record Diagnosis(
        int pid,
        int tid,
        String comm,
        String thread,
        @Nullable String wmesg,
        Thread.State hostState,
        @Nullable String waitsFor,
        @Nullable String lockOwner,
        List<StackTraceElement> stack,
        List<String> open) {
    /**
     * Refuses what is missing.
     *
     * @param pid of its process
     * @param tid of the thread
     * @param comm name of its process
     * @param thread full name of the thread
     * @param wmesg why it sleeps in this library; null if it does not
     * @param hostState what the JVM says of its host thread
     * @param waitsFor what it waits for, where that is known: a daemon it suspends, a monitor, a lock
     * @param lockOwner the host thread that has the monitor or lock it waits for, where the JVM tells
     * @param stack of its host thread, innermost first; empty if it was not taken
     * @param open what its process has open: {@code number name} of each descriptor
     */
    public Diagnosis {
        Objects.requireNonNull(comm, "comm");
        Objects.requireNonNull(thread, "thread");
        Objects.requireNonNull(hostState, "hostState");
        stack = List.copyOf(Objects.requireNonNull(stack, "stack"));
        open = List.copyOf(Objects.requireNonNull(open, "open"));
    }

    /**
     * The thread and where it is, in one line.
     *
     * @return without the stack
     */
    public String summary() {
        StringBuilder text = new StringBuilder(thread)
                .append(" (pid ")
                .append(pid)
                .append(", tid ")
                .append(tid)
                .append(") ")
                .append(wmesg == null ? hostState.toString() : "sleeping on \"" + wmesg + "\"");
        if (waitsFor != null) {
            text.append(", waits for ").append(waitsFor);
        }
        if (lockOwner != null) {
            text.append(" owned by ").append(lockOwner);
        }
        if (!open.isEmpty()) {
            text.append(", its process has open: ").append(String.join(", ", open));
        }
        return text.toString();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(summary());
        for (StackTraceElement frame : stack) {
            text.append("\n    at ").append(frame);
        }
        return text.toString();
    }

    /** What to append to an outcome. */
    static String listed(List<Diagnosis> all) {
        StringBuilder text = new StringBuilder();
        for (Diagnosis one : all) {
            text.append('\n').append(one);
        }
        return text.toString();
    }
}
