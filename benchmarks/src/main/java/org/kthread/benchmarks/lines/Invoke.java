package org.kthread.benchmarks.lines;

import com.google.common.eventbus.EventBus;
import com.google.common.eventbus.Subscribe;
import org.kthread.event.EventHandler;
import org.kthread.event.EventList;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.SimpleApplicationEventMulticaster;

/** An event reaches ten handlers, of ten classes, each of which counts it. */
@State(Scope.Thread)
public class Invoke {
    static final int HANDLERS = 10;

    /** What the handlers count. */
    static final class Counts {
        final int[] of = new int[HANDLERS];
    }

    /** The event of Guava's bus. */
    static final class Message {}

    /** The event of Spring's multicaster. */
    static final class SpringEvent extends ApplicationEvent {
        private static final long serialVersionUID = 1;

        SpringEvent(Object source) {
            super(source);
        }
    }

    /** A subscriber of the bus. */
    static final class Subscriber {
        private final int[] counts;
        private final int mine;

        Subscriber(int[] counts, int mine) {
            this.counts = counts;
            this.mine = mine;
        }

        @Subscribe
        public void on(Message message) {
            counts[mine]++;
        }
    }

    private final Counts counts = new Counts();
    private final EventHandler<Counts>[] handlers = handlers();
    private final EventList<Counts> list = new EventList<>("bench");
    private final EventBus bus = new EventBus();
    private final Message message = new Message();
    private final SimpleApplicationEventMulticaster multicaster = new SimpleApplicationEventMulticaster();
    private final SpringEvent springEvent = new SpringEvent(this);

    @SuppressWarnings("unchecked") // an array of a generic type can only be made so
    private static EventHandler<Counts>[] handlers() {
        return (EventHandler<Counts>[]) new EventHandler<?>[] {
            (EventHandler<Counts>) c -> c.of[0]++,
            (EventHandler<Counts>) c -> c.of[1]++,
            (EventHandler<Counts>) c -> c.of[2]++,
            (EventHandler<Counts>) c -> c.of[3]++,
            (EventHandler<Counts>) c -> c.of[4]++,
            (EventHandler<Counts>) c -> c.of[5]++,
            (EventHandler<Counts>) c -> c.of[6]++,
            (EventHandler<Counts>) c -> c.of[7]++,
            (EventHandler<Counts>) c -> c.of[8]++,
            (EventHandler<Counts>) c -> c.of[9]++,
        };
    }

    @Setup
    public void setUp() {
        for (int i = 0; i < HANDLERS; i++) {
            int mine = i;
            list.register(handlers[i], i);
            bus.register(new Subscriber(counts.of, mine));
            multicaster.addApplicationListener((ApplicationListener<SpringEvent>) new Listener(counts.of, mine));
        }
    }

    /** A listener of the multicaster. */
    static final class Listener implements ApplicationListener<SpringEvent> {
        private final int[] counts;
        private final int mine;

        Listener(int[] counts, int mine) {
            this.counts = counts;
            this.mine = mine;
        }

        @Override
        public void onApplicationEvent(SpringEvent event) {
            counts[mine]++;
        }
    }

    @Benchmark
    public void ours() {
        list.invoke(counts);
    }

    @Benchmark
    public void arrayLoop() throws Exception {
        for (EventHandler<Counts> handler : handlers) {
            handler.handle(counts);
        }
    }

    @Benchmark
    public void guavaEventBus() {
        bus.post(message);
    }

    @Benchmark
    public void springMulticaster() {
        multicaster.multicastEvent(springEvent);
    }
}
