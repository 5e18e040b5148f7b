package org.kthread.event;

import java.util.Objects;

/**
 * A callback of an {@link EventList}.
 *
 * <p>It runs on the thread that invokes the list, with no lock of this library held. It may invoke, register and
 * deregister on the list that called it. What it throws does not stop the other handlers.
 *
 * <p><b>Differences from BSD.</b> The argument given at registration is whatever the lambda or object captures.
 *
 * @param <A> what the event passes to its handlers
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=EVENTHANDLER&amp;sektion=9">EVENTHANDLER(9)</a>
 */
@FunctionalInterface
public interface EventHandler<A> {
    /**
     * Called once for each invocation of the event.
     *
     * @param arg what the invoker passed
     * @throws Exception a failure; the invoker receives it inside an {@link EventException}, after all other handlers
     *     have run
     */
    void handle(A arg) throws Exception;

    /**
     * The same handler with a name, which the report of a shutdown shows: a lambda has none.
     *
     * @param <A> what the event passes to its handlers
     * @param name what it is called
     * @param handler what it does
     * @return a handler whose {@code toString} is the name
     */
    static <A> EventHandler<A> named(String name, EventHandler<A> handler) {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(handler, "handler");
        return new NamedHandler<>(name, handler);
    }
}
