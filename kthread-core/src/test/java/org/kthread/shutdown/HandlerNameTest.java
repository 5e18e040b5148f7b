package org.kthread.shutdown;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.event.EventHandler;
import org.kthread.event.EventList;
import org.kthread.event.EventTag;

@DisplayName("What the report calls a handler is")
class HandlerNameTest {
    private static final String HERE = HandlerNameTest.class.getName();

    private final EventList<Howto> list = new EventList<>("test");

    /** Says nothing about itself. */
    private static class Plain implements EventHandler<Howto> {
        @Override
        public void handle(Howto howto) {}
    }

    /** Calls itself something. */
    private static final class Named extends Plain {
        private final @Nullable String name;

        Named(@Nullable String name) {
            this.name = name;
        }

        @Override
        @SuppressWarnings({"NullAway", "ToStringReturnsNull"}) // what a program may do against its promise
        public String toString() {
            return name;
        }
    }

    private EventTag<Howto> register(EventHandler<Howto> handler) {
        return list.register(handler, 3);
    }

    @Test
    @DisplayName("what it calls itself, once that was asked")
    void itself() {
        EventTag<Howto> tag = register(new Named("the cache"));
        assertEquals("the cache", HandlerName.itself(tag));
        assertEquals(HERE + "$Named at priority 3", HandlerName.of(tag));
    }

    @Test
    @DisplayName("the name that it was given, before anything was asked")
    void given() {
        assertEquals("the index", HandlerName.of(register(EventHandler.named("the index", howto -> {}))));
    }

    @Test
    @DisplayName("its class and its priority, if it says no more than that")
    void plain() {
        assertEquals(HERE + "$Plain at priority 3", HandlerName.itself(register(new Plain())));
        assertEquals(HERE + "$Named at priority 3", HandlerName.itself(register(new Named(null))));
    }

    @Test
    @DisplayName("the class that wrote it and its priority, for a lambda")
    void lambda() {
        EventTag<Howto> tag = register(howto -> {});
        assertEquals("handler of " + HERE + " at priority 3", HandlerName.of(tag));
        assertEquals("handler of " + HERE + " at priority 3", HandlerName.itself(tag));
    }

    @Test
    @DisplayName("its class and its priority, if asking it fails")
    void failing() {
        EventTag<Howto> tag = register(new Plain() {
            @Override
            public String toString() {
                throw new IllegalStateException("no name");
            }
        });
        assertEquals(HERE + "$1 at priority 3", HandlerName.itself(tag));
    }

    @Test
    @DisplayName("its class and its priority, if asking it does not come to an end by itself")
    void endless() {
        EventTag<Howto> tag = register(new Plain() {
            @Override
            public String toString() {
                throw new StackOverflowError("planted: it shows what shows it");
            }
        });
        assertEquals(HERE + "$2 at priority 3", HandlerName.itself(tag));
    }
}
