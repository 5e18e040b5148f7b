package org.kthread.badinput;

import static org.kthread.testing.badinput.Expected.fails;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;

import org.kthread.event.EventException;
import org.kthread.event.EventHandler;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

/** The package {@code org.kthread.event}. */
final class EventRows {
    private EventRows() {}

    static void in(Table table) {
        table.of(EventHandler.class)
                .value()
                .call("named(String name, EventHandler handler)")
                .with(Kind.ZERO, "name", returns());
        table.of(EventException.class, world -> failed()).report().reads("list()");
        table.of(EventList.class).value().call("new EventList(String name)").with(Kind.ZERO, "name", returns());
        list(table.of(EventList.class, world -> new EventList<Object>("good"))
                .demand(Kind.STATE, Kind.REENTRANT, Kind.INTERRUPTED));
        tag(table.of(EventTag.class, world -> new EventList<Object>("good").register(arg -> {}, 1))
                .demand(Kind.STATE, Kind.REENTRANT, Kind.INTERRUPTED));
    }

    private static EventException failed() {
        EventList<Object> list = new EventList<>("good");
        list.register(
                arg -> {
                    throw new IllegalStateException("planted");
                },
                1);
        try {
            list.invoke("");
        } catch (EventException e) {
            return e;
        }
        throw new AssertionError("a failure was swallowed");
    }

    private static void list(Rows list) {
        list.reads("name()", "isEmpty()", "toString()");
        list.call("register(EventHandler handler, int priority)")
                .any("priority")
                .when(Kind.STATE, gives("good (2 handlers)"), world -> {
                    EventList<Object> twice = new EventList<>("good");
                    EventHandler<Object> same = arg -> {};
                    twice.register(same, 1);
                    twice.register(same, 1);
                    return twice;
                })
                .when(Kind.REENTRANT, gives("ab"), world -> {
                    EventList<StringBuilder> nested = new EventList<>("good");
                    nested.register(
                            arg -> {
                                arg.append('a');
                                nested.register(more -> more.append('b'), 2);
                            },
                            1);
                    StringBuilder said = new StringBuilder();
                    nested.invoke(said);
                    return said;
                })
                .returnsWhen(Kind.INTERRUPTED);
        list.call("invoke(Object arg)")
                .with(Kind.NULL, "arg", returns()) // it is the handlers' business
                .returnsWhen(Kind.STATE, Kind.INTERRUPTED)
                .when(Kind.REENTRANT, fails(EventException.class, "StackOverflowError"), world -> {
                    EventList<Object> endless = new EventList<>("good");
                    endless.register(endless::invoke, 1);
                    endless.invoke("");
                    return null;
                });
        list.call("next(EventTag last)")
                .with(Kind.NULL, "last", gives("null"))
                .when(Kind.STATE, refuses("is a tag of another list than good"))
                .when(Kind.REENTRANT, gives("null"), world -> {
                    EventList<StringBuilder> own = new EventList<>("good");
                    own.register(arg -> arg.append(own.next(own.next(null))), 1);
                    StringBuilder said = new StringBuilder();
                    own.invoke(said);
                    return said;
                })
                .never(Kind.INTERRUPTED, "it waits for nothing");
        for (String signature : new String[] {"deregisterAll()", "deregisterAllNowait()"}) {
            list.call(signature)
                    .returnsWhen(Kind.STATE, Kind.INTERRUPTED)
                    .when(Kind.REENTRANT, gives("good (0 handlers)"), world -> {
                        EventList<Object> own = new EventList<>("good");
                        own.register(arg -> own.deregisterAll(), 1);
                        own.register(arg -> own.deregisterAllNowait(), 2);
                        own.invoke("");
                        return own;
                    });
        }
    }

    private static void tag(Rows tag) {
        tag.reads("priority()", "handler()", "unnamed()", "toString()");
        tag.call("call(Object arg)")
                .with(Kind.NULL, "arg", returns()) // it is the handler's business
                .when(Kind.STATE, returns(), world -> {
                    EventTag<Object> dead = new EventList<>("good")
                            .register(
                                    arg -> {
                                        throw new AssertionError("a dead handler runs");
                                    },
                                    1);
                    dead.deregister();
                    dead.call("");
                    return null;
                })
                .when(Kind.REENTRANT, gives("aa"), world -> {
                    EventList<StringBuilder> own = new EventList<>("good");
                    own.register(
                            arg -> {
                                if (arg.append('a').length() == 1) {
                                    own.next(null).call(arg);
                                }
                            },
                            1);
                    StringBuilder said = new StringBuilder();
                    own.next(null).call(said);
                    return said;
                })
                .returnsWhen(Kind.INTERRUPTED);
        for (String signature : new String[] {"deregister()", "deregisterNowait()"}) {
            tag.call(signature)
                    .when(Kind.STATE, returns(), world -> {
                        EventTag<Object> twice = new EventList<>("good").register(arg -> {}, 1);
                        twice.deregister();
                        twice.deregister();
                        twice.deregisterNowait();
                        return null;
                    })
                    .when(Kind.REENTRANT, gives("good (0 handlers)"), world -> {
                        EventList<Object> own = new EventList<>("good");
                        own.register(arg -> own.next(null).deregister(), 1);
                        own.register(arg -> own.next(null).deregisterNowait(), 2);
                        own.invoke("");
                        return own;
                    })
                    .returnsWhen(Kind.INTERRUPTED);
        }
    }
}
