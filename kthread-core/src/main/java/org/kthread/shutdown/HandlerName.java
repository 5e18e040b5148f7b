package org.kthread.shutdown;

import org.kthread.event.EventTag;

/** What the report calls a handler. */
final class HandlerName {
    private static final String LAMBDA = "$$Lambda";

    private HandlerName() {}

    /** By the name that it was given, or by its class and its place. Runs nothing of a program's. */
    static String of(EventTag<?> tag) {
        if (tag.unnamed() != tag.handler()) {
            return tag.handler().toString();
        }
        return type(tag.handler().getClass()) + " at priority " + tag.priority();
    }

    /** What it calls itself, if it does. Runs code of a program's. */
    static String itself(EventTag<?> tag) {
        Class<?> type = tag.handler().getClass();
        try {
            String shown = tag.handler().toString();
            return shown == null || type.isHidden() || shown.startsWith(type.getName() + "@") ? of(tag) : shown;
        } catch (RuntimeException
                | Error e) { // also one that overflows the stack: the handler has its turn all the same
            return of(tag);
        }
    }

    /** The class that wrote a lambda, or the class itself. */
    private static String type(Class<?> type) {
        String name = type.getName();
        return name.contains(LAMBDA) ? "handler of " + name.substring(0, name.indexOf(LAMBDA)) : name;
    }
}
