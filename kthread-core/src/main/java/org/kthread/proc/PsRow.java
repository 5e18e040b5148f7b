package org.kthread.proc;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code ps}: a thread, or a process without any.
 *
 * @param pid of the process
 * @param ppid of its parent
 * @param tid of the thread; 0 for a process without threads
 * @param comm name of the process
 * @param thread full name of the thread
 * @param state {@code R} runs; {@code D} sleeps and nothing but a wakeup or the time ends it; {@code S} sleeps and may be
 *     interrupted or suspended; {@code T} suspended; {@code Z} ended
 * @param wmesg why it sleeps; null if it does not sleep in this library
 * @param age how long it has slept
 * @param holds who asks it to be still, and for how long
 * @param cpu processor time used; null where the JVM does not tell
 * @param hostThread name of the host thread
 */
public record PsRow(
        int pid,
        int ppid,
        int tid,
        String comm,
        String thread,
        char state,
        @Nullable String wmesg,
        Duration age,
        List<String> holds,
        @Nullable Duration cpu,
        String hostThread) {
    /**
     * Refuses what is missing.
     *
     * @param pid of the process
     * @param ppid of its parent
     * @param tid of the thread; 0 for a process without threads
     * @param comm name of the process
     * @param thread full name of the thread
     * @param state {@code R} runs
     * @param wmesg why it sleeps; null if it does not sleep in this library
     * @param age how long it has slept
     * @param holds who asks it to be still, and for how long
     * @param cpu processor time used; null where the JVM does not tell
     * @param hostThread name of the host thread
     */
    public PsRow {
        Objects.requireNonNull(comm, "comm");
        Objects.requireNonNull(thread, "thread");
        Objects.requireNonNull(age, "age");
        Objects.requireNonNull(hostThread, "hostThread");
        holds = List.copyOf(Objects.requireNonNull(holds, "holds"));
    }
}
