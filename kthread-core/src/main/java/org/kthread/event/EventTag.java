package org.kthread.event;

/**
 * One registration of a handler in an {@link EventList}: the opaque tag of the manual.
 *
 * <p>Any thread may use it. Nothing here runs a handler with a lock held.
 *
 * @param <A> what the event passes to its handlers
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=EVENTHANDLER&amp;sektion=9">EVENTHANDLER(9)</a>
 */
public final class EventTag<A> {
    /*
     * Locking key: (f) final; (l) written under the monitor of the list, read without it.
     *
     * dead: false -> true, once, by the first deregistration. It is set before anyone looks who is inside; see Passes.
     */
    private final EventList<A> list; // (f)
    private final EventHandler<? super A> handler; // (f)
    private final int priority; // (f)
    private final long sequence; // (f)
    volatile boolean dead; // (l)

    EventTag(EventList<A> list, EventHandler<? super A> handler, int priority, long sequence) {
        this.list = list;
        this.handler = handler;
        this.priority = priority;
        this.sequence = sequence;
    }

    /**
     * Its priority: lower runs first.
     *
     * @return the priority given at registration
     */
    public int priority() {
        return priority;
    }

    /**
     * The handler it stands for.
     *
     * @return the handler given at registration
     */
    public EventHandler<? super A> handler() {
        return handler;
    }

    /**
     * The handler without the name that {@link EventHandler#named} gave it.
     *
     * @return what was given the name; the handler given at registration if that has none
     */
    public EventHandler<? super A> unnamed() {
        return NamedHandler.unnamed(handler);
    }

    /**
     * Runs this handler alone, counted as inside it, for an invoker that goes through the list one by one with
     * {@link EventList#next}. Nothing happens if the tag has been deregistered.
     *
     * @param arg what to pass
     * @throws Exception what the handler throws
     */
    public void call(A arg) throws Exception {
        list.call(this, arg);
    }

    /**
     * Removes the handler and waits until no thread is inside it, so that what it uses can be released. From inside any
     * handler of the same list (on the calling thread) it does not wait. It waits without limit; an interrupt that
     * comes meanwhile is remembered and the thread's flag set on return. Twice is harmless. On a thread that a handler may be
     * waiting for, use {@link #deregisterNowait}.
     *
     * <p><b>Differences from BSD.</b> BSD waits until nobody is inside the whole list, deadlocks when called from a
     * handler of the list, can miss its wakeup, and forbids a second call.
     */
    public void deregister() {
        list.deregister(this);
    }

    /** Removes the handler and does not wait: it may still be running when this returns. Twice is harmless. */
    public void deregisterNowait() {
        list.remove(this);
    }

    EventList<A> list() {
        return list;
    }

    void bury() {
        dead = true;
    }

    /** The total order of a list: priority, then age. */
    static int compare(EventTag<?> a, EventTag<?> b) {
        int byPriority = Integer.compare(a.priority, b.priority);
        return byPriority != 0 ? byPriority : Long.compare(a.sequence, b.sequence);
    }

    /** The name of its event, its priority and its handler. */
    @Override
    public String toString() {
        return list.name() + "[" + priority + "] " + handler;
    }
}
