package org.kthread.event;

/** A handler, and what it is called. */
final class NamedHandler<A> implements EventHandler<A> {
    private final String name;
    private final EventHandler<A> handler;

    NamedHandler(String name, EventHandler<A> handler) {
        this.name = name;
        this.handler = handler;
    }

    /** What was given the name, or the names. */
    static <A> EventHandler<A> unnamed(EventHandler<A> handler) {
        EventHandler<A> bare = handler;
        while (bare instanceof NamedHandler<A> named) {
            bare = named.handler;
        }
        return bare;
    }

    @Override
    public void handle(A arg) throws Exception {
        handler.handle(arg);
    }

    @Override
    public String toString() {
        return name;
    }
}
