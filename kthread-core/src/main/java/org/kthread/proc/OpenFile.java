package org.kthread.proc;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a descriptor stands for: an object that is closed when its last entry in any table is gone, and nobody is inside a
 * call on it. Wiring.
 */
public final class OpenFile {
    /*
     * Locking key: (f) final; (a) atomic. A reference is taken only by who has one, or under the monitor of a table that
     * has one, so the count never comes back from 0.
     */
    private final AutoCloseable object; // (f)
    private final String name; // (f)
    private final AtomicInteger refs = new AtomicInteger(1); // (a) entries, and calls that are under way

    OpenFile(AutoCloseable object) {
        this.object = object;
        this.name = nameOf(object);
    }

    /**
     * Asked once, on the thread that opens it: later the object may be in a call that hangs, and who looks for what hangs, with
     * a hold in hand or in a shutdown, must not wait for it.
     */
    private static String nameOf(AutoCloseable object) {
        try {
            return String.valueOf(object);
        } catch (RuntimeException | Error e) { // also one that overflows the stack: it is the program's, not ours
            return object.getClass().getName();
        }
    }

    /**
     * What is open.
     *
     * @return the object that was installed
     */
    public AutoCloseable object() {
        return object;
    }

    void ref() {
        int before = refs.getAndIncrement();
        assert before > 0 : this + " is closed";
    }

    /**
     * Gives one reference up; the last one closes the object, on the calling thread with nothing of ours held.
     *
     * @throws Exception what its close throws
     */
    public void drop() throws Exception {
        int left = refs.decrementAndGet();
        assert left >= 0 : this + " was given up more often than taken";
        if (left == 0) {
            object.close();
        }
    }

    /** For logs and reports: what the object called itself when it was opened, or its class if it could not tell. */
    @Override
    public String toString() {
        return name;
    }
}
