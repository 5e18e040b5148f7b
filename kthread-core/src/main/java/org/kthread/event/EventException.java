package org.kthread.event;

import java.util.List;

/**
 * Handlers of an event have failed: names the event, and carries every failure as a suppressed exception, in the order
 * in which the handlers ran. All other handlers have run.
 */
public final class EventException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String list;

    EventException(String list, List<Throwable> failures) {
        super("event " + list + ": " + count(failures.size()) + " failed, the first with " + told(failures.get(0)));
        this.list = list;
        failures.forEach(this::addSuppressed);
    }

    /** What it says of itself; its class, if it cannot. */
    private static String told(Throwable failure) {
        try {
            return failure.toString();
        } catch (RuntimeException | Error e) {
            return failure.getClass().getName();
        }
    }

    private static String count(int failures) {
        return failures == 1 ? "1 handler" : failures + " handlers";
    }

    /**
     * The name of the event.
     *
     * @return the name given to {@link EventList#EventList(String)}
     */
    public String list() {
        return list;
    }
}
