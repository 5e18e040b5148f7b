package org.kthread.sys;

import org.jspecify.annotations.Nullable;

/**
 * The current-thread slot: what the calling host thread runs for, if for anything. The only static state of the library,
 * and none of a program's business: {@code org.kthread.proc.CurThread} is the face of it.
 *
 * <p>What a thread keeps is an array of the JDK's, emptied when nothing is bound, so that a pooled thread pins no class
 * of ours.
 */
public final class CurrentThread {
    private static final ThreadLocal<@Nullable Object[]> SLOT = new ThreadLocal<>();

    private CurrentThread() {}

    /**
     * What the calling thread runs for.
     *
     * @return what was set, or null
     */
    public static @Nullable Object get() {
        @Nullable Object[] slot = SLOT.get();
        return slot == null ? null : slot[0];
    }

    /**
     * Says what the calling thread runs for from now on.
     *
     * @param occupant what; null for nothing
     */
    public static void set(@Nullable Object occupant) {
        slot()[0] = occupant;
    }

    /**
     * The slot itself, for who looks and then sets: made now if the thread had none. It never leaves its thread.
     *
     * @return an array of one
     */
    public static @Nullable Object[] slot() {
        @Nullable Object[] slot = SLOT.get();
        if (slot == null) {
            slot = new @Nullable Object[1];
            SLOT.set(slot);
        }
        return slot;
    }
}
