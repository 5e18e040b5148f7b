package org.kthread.event;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.kthread.event.Passes.Pass;
import org.kthread.sys.KernelClock;

/**
 * A named event: handlers in order of priority, called one after another by whoever invokes it.
 *
 * <p>A lower priority runs first, equal ones run in the order of registration; any int is allowed. Any thread may
 * invoke, register and deregister at any time, also from inside a handler; several threads may be inside a handler at
 * once. Handlers run with no lock of this library held. A handler registered during an invocation runs in it if its
 * place is behind the handler that is running; one that is deregistered before its turn does not run.
 *
 * <pre>{@code
 * EventList<Integer> lowmem = new EventList<>("vm_lowmem");
 * EventTag<Integer> tag = lowmem.register(flags -> cache.drain(), EventList.PRI_ANY);
 * lowmem.invoke(0);
 * tag.deregister(); // from now on nobody is inside cache.drain()
 * }</pre>
 *
 * <p><b>Differences from BSD.</b> A list is an object, found by reference, not by name. Priority -1 is as good as any.
 * {@code deregister} waits for its own handler, not for the whole list, and never when called from inside the list.
 * Handlers can fail: see {@link #invoke}.
 *
 * @param <A> what the event passes to its handlers
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=EVENTHANDLER&amp;sektion=9">EVENTHANDLER(9)</a>
 */
public final class EventList<A> {
    /** EVENTHANDLER_PRI_FIRST: runs early. */
    public static final int PRI_FIRST = 0;
    /** EVENTHANDLER_PRI_ANY: for handlers that do not care. */
    public static final int PRI_ANY = 10000;
    /** EVENTHANDLER_PRI_LAST: runs late. */
    public static final int PRI_LAST = 20000;

    /*
     * The handlers are an immutable sorted array; a change makes a new one. A pass goes through the array by index as
     * long as the field still shows the same array, and else finds its place again by the key of the handler it ran
     * last. Keys are never reused, so the place is right whatever has changed.
     *
     * Locking key: (f) final; (l) written under lock, read without it; (g) under lock only.
     * lock: also what a deregistration waits on. No foreign code runs under it, and no other lock is taken.
     */
    private final String name; // (f)
    private final Object lock = new Object(); // (f)
    private final Passes<A> passes = new Passes<>(); // (f)
    private volatile EventTag<A>[] entries; // (l)

    @GuardedBy("lock")
    private long lastSequence; // (g)

    /**
     * Makes an event without handlers.
     *
     * @param name what messages call it
     */
    public EventList(String name) {
        this.name = Objects.requireNonNull(name, "name");
        this.entries = array(0);
    }

    /**
     * The name of the event.
     *
     * @return the name it was made with
     */
    public String name() {
        return name;
    }

    /**
     * EVENTHANDLER_REGISTER: adds a handler behind those of the same priority. The same handler may be registered many
     * times.
     *
     * @param handler what to call
     * @param priority its place, lower first; any int
     * @return the tag that deregisters it
     */
    public EventTag<A> register(EventHandler<? super A> handler, int priority) {
        Objects.requireNonNull(handler, "handler");
        synchronized (lock) {
            EventTag<A> tag = new EventTag<>(this, handler, priority, ++lastSequence);
            EventTag<A>[] old = entries;
            int place = firstBeyond(old, tag);
            EventTag<A>[] grown = array(old.length + 1);
            System.arraycopy(old, 0, grown, 0, place);
            grown[place] = tag;
            System.arraycopy(old, place, grown, place + 1, old.length - place);
            entries = grown;
            return tag;
        }
    }

    /**
     * EVENTHANDLER_INVOKE: calls all handlers on the calling thread, in order.
     *
     * <p>A handler that throws does not stop the others. Their failures come back together when all have run. A thread
     * that exits inside a handler finishes the pass and goes on unwinding; failures of other handlers are then logged,
     * since nobody is left to receive them. If a handler ended with {@link InterruptedException}, the thread's interrupt
     * flag is set on return.
     *
     * @param arg what to pass to each
     * @throws EventException one or more handlers failed; each failure is suppressed inside
     */
    public void invoke(A arg) {
        EventTag<A>[] now = entries;
        if (now.length == 0) {
            return;
        }
        Failures failures = null;
        Pass<A> pass = begin();
        try {
            int i = 0;
            while (i < now.length) {
                EventTag<A> tag = now[i];
                try {
                    run(pass, tag, arg);
                } catch (Throwable t) {
                    failures = failures == null ? new Failures(name) : failures;
                    failures.add(t);
                }
                EventTag<A>[] latest = entries;
                i = latest == now ? i + 1 : firstBeyond(latest, tag);
                now = latest;
            }
        } finally {
            EventTag<A> left = pass.inside;
            pass.inside = null;
            pass.owner = null; // nothing is called before: the stack may be at its end
            if (left != null && left.dead) {
                wake();
            }
        }
        if (failures != null) {
            failures.rethrow();
        }
    }

    /**
     * The first registered handler beyond a given one, for an invoker that runs them one by one with
     * {@link EventTag#call}: what an invocation would run next.
     *
     * @param last the one just run, deregistered or not; null for the first of all
     * @return the next one; null at the end
     */
    public @Nullable EventTag<A> next(@Nullable EventTag<A> last) {
        EventTag<A>[] now = entries;
        int i = last == null ? 0 : firstBeyond(now, mine(last));
        return i < now.length ? now[i] : null;
    }

    /**
     * EVENTHANDLER_DEREGISTER with no tag: deregisters every handler that is registered now, as
     * {@link EventTag#deregister} does, and waits for those who are inside one of them.
     */
    public void deregisterAll() {
        awaitLeft(removeAll());
    }

    /** Deregisters every handler that is registered now and does not wait. */
    public void deregisterAllNowait() {
        removeAll();
    }

    /**
     * Whether nothing is registered now.
     *
     * @return true if an invocation would call nobody
     */
    public boolean isEmpty() {
        return entries.length == 0;
    }

    /** The name of the event and how many handlers it has. */
    @Override
    public String toString() {
        return name + " (" + entries.length + " handlers)";
    }

    void call(EventTag<A> tag, A arg) throws Exception {
        Pass<A> pass = begin();
        try {
            run(pass, tag, arg);
        } finally {
            EventTag<A> left = pass.inside;
            pass.inside = null;
            pass.owner = null; // nothing is called before: the stack may be at its end
            if (left != null && left.dead) {
                wake();
            }
        }
    }

    void deregister(EventTag<A> tag) {
        remove(tag);
        awaitLeft(List.of(tag));
    }

    void remove(EventTag<A> tag) {
        synchronized (lock) {
            if (tag.dead) {
                return;
            }
            EventTag<A>[] old = entries;
            EventTag<A>[] shrunk = array(old.length - 1);
            int place = firstBeyond(old, tag) - 1;
            assert old[place] == tag : tag + " is live and not in its list";
            System.arraycopy(old, 0, shrunk, 0, place);
            System.arraycopy(old, place + 1, shrunk, place, shrunk.length - place);
            tag.bury(); // nothing can fail any more
            entries = shrunk;
        }
    }

    private List<EventTag<A>> removeAll() {
        synchronized (lock) {
            EventTag<A>[] old = entries;
            List<EventTag<A>> removed = Arrays.asList(old);
            EventTag<A>[] none = array(0);
            for (EventTag<A> tag : old) {
                tag.bury(); // nothing can fail any more
            }
            entries = none;
            return removed;
        }
    }

    /** Waits until no thread is inside any of these, which are dead; not at all if this thread is inside the list. */
    private void awaitLeft(List<EventTag<A>> removed) {
        if (passes.isInside(Thread.currentThread())) {
            return;
        }
        KernelClock clock = KernelClock.system();
        boolean interrupted = false;
        synchronized (lock) {
            while (isAnyoneInside(removed)) {
                try {
                    clock.await(lock, KernelClock.NEVER);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isAnyoneInside(List<EventTag<A>> tags) {
        for (EventTag<A> tag : tags) {
            if (passes.isInside(tag)) {
                return true;
            }
        }
        return false;
    }

    private Pass<A> begin() {
        Thread self = Thread.currentThread();
        Pass<A> pass = passes.claim(self);
        if (pass == null) {
            synchronized (lock) {
                pass = passes.grow(self);
            }
        }
        return pass;
    }

    private void run(Pass<A> pass, EventTag<A> tag, A arg) throws Exception {
        EventTag<A> left = pass.inside;
        pass.inside = tag;
        if (left != null && left.dead) {
            wake();
        }
        if (!tag.dead) {
            tag.handler().handle(arg);
        }
    }

    private void wake() {
        synchronized (lock) {
            lock.notifyAll();
        }
    }

    private EventTag<A> mine(EventTag<A> tag) {
        if (tag.list() != this) {
            throw new IllegalArgumentException(tag + " is a tag of another list than " + name);
        }
        return tag;
    }

    /** The index of the first entry beyond the key of this tag, whether the tag is among them or not. */
    private static <A> int firstBeyond(EventTag<A>[] sorted, EventTag<A> tag) {
        int i = Arrays.binarySearch(sorted, tag, EventTag::compare);
        return i >= 0 ? i + 1 : -(i + 1);
    }

    @SuppressWarnings("unchecked") // an array of a generic type can only be made so; nothing else is ever stored in it
    private static <A> EventTag<A>[] array(int length) {
        return (EventTag<A>[]) new EventTag<?>[length];
    }
}
