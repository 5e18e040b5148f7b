package org.kthread.event;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Who is inside which handler of one list: a few reusable records, one for each pass under way.
 *
 * @param <A> what the event passes to its handlers
 */
final class Passes<A> {
    /*
     * A pass claims a record with its thread, writes into it the tag it is about to run, and looks only then whether
     * the tag is dead. Who deregisters marks the tag dead first, and looks only then into the records. All four are
     * volatile, so at least one of the two sees the other: the pass skips the handler, or the other one waits for it.
     *
     * No wake is lost. Who waits holds the monitor from its look into the records until it is queued. A pass that
     * leaves a tag first overwrites its record, then reads the mark: if it reads "live", the mark was set after the
     * record was overwritten, and so was the look; if "dead", it notifies under the monitor, which is before the look
     * or after the waiter was queued. It does not matter who removed the tag, nor how many leave.
     *
     * A pass whose stack overflows is left as any other: it takes its own frame to clear the record, and no call.
     *
     * The array only grows, and is less than twice as long as the largest number of passes that were ever under way together.
     *
     * Locking key: (l) written under the monitor of the list, read without it.
     */
    private volatile Pass<A>[] records; // (l)

    Passes() {
        records = array(1);
        records[0] = new Pass<>();
    }

    /** One pass of one thread. */
    static final class Pass<A> {
        private static final VarHandle OWNER;

        static {
            try {
                OWNER = MethodHandles.lookup().findVarHandle(Pass.class, "owner", Thread.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        volatile @Nullable Thread owner; // null -> a thread by compare-and-set; -> null by that thread
        volatile @Nullable EventTag<A> inside; // written by the owner only

        private boolean claim(Thread self) {
            return owner == null && OWNER.compareAndSet(this, null, self);
        }
    }

    /** A free record, or null if all are in use and {@link #grow} is due. */
    @Nullable
    Pass<A> claim(Thread self) {
        Pass<A>[] now = records;
        int start = now.length == 1 ? 0 : System.identityHashCode(self);
        for (int i = 0; i < now.length; i++) {
            Pass<A> pass = now[(start + i) & (now.length - 1)];
            if (pass.claim(self)) {
                return pass;
            }
        }
        return null;
    }

    /**
     * Claims a free record, or doubles the records and claims a new one. The caller holds the monitor of the list, and found
     * none free before it did: others that found none may have doubled them since.
     */
    Pass<A> grow(Thread self) {
        Pass<A> free = claim(self);
        if (free != null) {
            return free;
        }
        Pass<A>[] old = records;
        Pass<A>[] grown = array(old.length * 2);
        System.arraycopy(old, 0, grown, 0, old.length);
        for (int i = old.length; i < grown.length; i++) {
            grown[i] = new Pass<>();
        }
        Pass<A> mine = grown[old.length];
        mine.owner = self;
        records = grown;
        return mine;
    }

    /** How many passes can be under way before there have to be more records. */
    int size() {
        return records.length;
    }

    /** Whether any thread is inside this tag's handler. */
    boolean isInside(EventTag<A> tag) {
        for (Pass<A> pass : records) {
            if (pass.inside == tag) {
                return true;
            }
        }
        return false;
    }

    /** Whether this thread is inside any handler of the list. Its own records are the only ones it cannot misread. */
    boolean isInside(Thread self) {
        for (Pass<A> pass : records) {
            if (pass.owner == self) {
                return true;
            }
        }
        return false;
    }

    @SuppressWarnings("unchecked") // an array of a generic type can only be made so; nothing else is ever stored in it
    private static <A> Pass<A>[] array(int length) {
        return (Pass<A>[]) new Pass<?>[length];
    }
}
