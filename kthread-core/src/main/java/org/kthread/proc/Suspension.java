package org.kthread.proc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.sys.Sleeper;

/**
 * A hold: as long as it is open, what it holds does no work, whoever else suspends or resumes.
 *
 * <pre>{@code
 * try (Suspension quiet = kernel.quiesce("snapshot", Kernel.ALL, Duration.ofSeconds(5))) {
 *     copyFiles();
 * }
 * }</pre>
 *
 * <p>A hold taken by a kernel thread ends with that thread's process. Any thread may close it.
 */
public final class Suspension implements AutoCloseable {
    /*
     * Locking key: (f) final; (p) the lock of the process table.
     */
    private final ProcTable table; // (f)
    private final String owner; // (f)
    private final @Nullable Proc takenBy; // (f) of this kernel, or of another
    private final List<SuspendRequest> requests = new ArrayList<>(); // (p)

    Suspension(ProcTable table, String owner, @Nullable Proc takenBy) {
        this.table = table;
        this.owner = owner;
        this.takenBy = takenBy;
    }

    /**
     * Who holds.
     *
     * @return the owner given
     */
    public String owner() {
        return owner;
    }

    /** Ends the hold; what nobody else holds or suspends goes on. Closing twice is harmless. */
    @Override
    public void close() {
        Sleeper.requireStack();
        withdraw();
    }

    /** Should this fail in the middle, for lack of memory, it knows what it holds, and whose it is: it can be closed again. */
    void withdraw() {
        synchronized (table.lock) {
            table.standing.remove(this);
        }
        Error failed = null;
        SuspendRequest request = get(0);
        for (int i = 1; request != null; i++) {
            try {
                request.withdraw();
            } catch (OutOfMemoryError e) {
                failed = e; // the others are to go on
            }
            request = get(i);
        }
        if (failed != null) {
            throw failed;
        }
        synchronized (table.lock) {
            requests.clear();
        }
        if (takenBy != null) {
            synchronized (takenBy.table.lock) { // maybe another kernel's: the two are never held together
                takenBy.taken = CopiedList.without(takenBy.taken, hold -> hold == this);
            }
        }
    }

    /** Holds one more. The lock of the table is held. */
    void add(SuspendRequest request) {
        assert Thread.holdsLock(table.lock);
        requests.add(request);
    }

    /** The i-th it holds, or null past the last. */
    @Nullable
    SuspendRequest get(int i) {
        synchronized (table.lock) {
            return i < requests.size() ? requests.get(i) : null;
        }
    }

    @Override
    public String toString() {
        return "hold of " + owner;
    }
}
