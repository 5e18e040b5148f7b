package org.kthread.event;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.kthread.sys.KernelClock;
import org.kthread.testing.Schedules;
import org.kthread.testing.Schedules.Body;
import org.kthread.testing.Schedules.Rejected;
import org.kthread.testing.Schedules.Scenario;

/**
 * The race this hunts: a deregistration against passes that enter, leave and start anew. It must return (no wakeup is
 * lost), and when it has, nobody may be inside the handler. Three broken lists must be rejected by the same scenario.
 */
class EventListLincheckTest {
    private static final int SCHEDULES = 2_000;

    /** The checker does not see that what a lambda captures is shared between threads; what a static field holds, it does. */
    static volatile @Nullable Object shared;

    @Test
    void deregisterAgainstInvokeAgainstRegister() {
        check(() -> new Ours());
    }

    @Test
    void rejectsAWakeupOnlyByWhoPrunes() {
        rejects(() -> new WakesWhenItPrunes(), "deadlock");
    }

    @Test
    void rejectsAListThatLooksBeforeItMarks() {
        rejects(() -> new LooksFirst(), "inside a handler");
    }

    @Test
    void rejectsALeaverThatReadsTheMarkFirst() {
        rejects(() -> new ReadsMarkFirst(), "deadlock");
    }

    /** One thread invokes twice and another once, each beside a third that takes the handler out and another in. */
    private static void check(Supplier<Subject> lists) {
        Schedules.check(SCHEDULES, () -> new Removal(lists.get(), false));
        Schedules.check(SCHEDULES, () -> new Removal(lists.get(), true));
    }

    private static void rejects(Supplier<Subject> broken, String why) {
        Throwable found = assertThrows(Rejected.class, () -> check(broken));
        assertTrue(found.getMessage().contains(why), found.getMessage());
    }

    private static final class Removal implements Scenario {
        private final Subject list;
        private final boolean crowd;
        private final Handler handler = new Handler();

        Removal(Subject list, boolean crowd) {
            this.list = list;
            this.crowd = crowd;
            list.register(handler);
            shared = this;
        }

        @Override
        public List<Body> bodies() {
            Body twice = () -> {
                list.invoke();
                list.invoke();
            };
            Body once = () -> list.invoke();
            Body remove = () -> {
                list.deregister();
                handler.gone = true;
                list.register(new Handler());
            };
            return crowd ? List.of(once, once, remove) : List.of(twice, remove);
        }

        @Override
        public void end() {}
    }

    /** Fails if it runs, or still runs, after its deregistration has returned. */
    private static final class Handler {
        volatile boolean gone;

        void run() {
            check();
            check();
        }

        private void check() {
            if (gone) {
                throw new AssertionError("inside a handler whose deregistration has returned");
            }
        }
    }

    /** What the scenario needs of a list with one handler at a time. */
    private interface Subject {
        void register(Handler handler);

        void invoke();

        void deregister();
    }

    private static final class Ours implements Subject {
        private final EventList<String> list = new EventList<>("model");
        private @Nullable EventTag<String> tag;

        @Override
        public void register(Handler handler) {
            tag = list.register(arg -> handler.run(), 1);
        }

        @Override
        public void invoke() {
            list.invoke("");
        }

        @Override
        public void deregister() {
            tag.deregister();
        }
    }

    private static void await(Object monitor) {
        try {
            KernelClock.system().await(monitor, KernelClock.NEVER);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The list of BSD with D56767: it waits for the end of all passes, and only a pass that frees something wakes. */
    private static final class WakesWhenItPrunes implements Subject {
        private @Nullable Handler live;
        private int passes;
        private boolean dead;

        @Override
        public synchronized void register(Handler handler) {
            live = handler;
        }

        @Override
        public void invoke() {
            Handler handler;
            synchronized (this) {
                passes++;
                handler = live;
            }
            if (handler != null) {
                handler.run();
            }
            synchronized (this) {
                passes--;
                if (passes == 0 && dead) {
                    dead = false;
                    notifyAll();
                }
            }
        }

        @Override
        public synchronized void deregister() {
            live = null;
            dead = passes > 0;
            while (passes > 0) {
                await(this);
            }
        }
    }

    /** Looks who is inside, then marks the handler dead: who enters in between is missed. */
    private static final class LooksFirst implements Subject {
        private volatile @Nullable Handler live;
        private int inside;

        @Override
        public void register(Handler handler) {
            live = handler;
        }

        @Override
        public void invoke() {
            synchronized (this) {
                inside++;
            }
            Handler handler = live;
            if (handler != null) {
                handler.run();
            }
            synchronized (this) {
                inside--;
                notifyAll();
            }
        }

        @Override
        public void deregister() {
            synchronized (this) {
                while (inside > 0) {
                    await(this);
                }
            }
            live = null;
        }
    }

    /** As ours, but a pass that leaves reads the mark before it overwrites its record: the wakeup can be lost. */
    private static final class ReadsMarkFirst implements Subject {
        private final Object lock = new Object();
        private volatile @Nullable Handler live;
        private final AtomicReference<@Nullable Handler> one = new AtomicReference<>();
        private final AtomicReference<@Nullable Handler> two = new AtomicReference<>();

        @Override
        public void register(Handler handler) {
            live = handler;
        }

        @Override
        public void invoke() {
            Handler handler = live;
            if (handler == null) {
                return;
            }
            AtomicReference<@Nullable Handler> record = one.compareAndSet(null, handler) ? one : two;
            record.set(handler);
            if (live == handler) {
                handler.run();
            }
            boolean wake = live != handler;
            record.set(null);
            if (wake) {
                synchronized (lock) {
                    lock.notifyAll();
                }
            }
        }

        @Override
        public void deregister() {
            Handler handler = live;
            live = null;
            synchronized (lock) {
                while (one.get() == handler || two.get() == handler) {
                    await(lock);
                }
            }
        }
    }
}
