package org.kthread.testing;

import org.kthread.sys.Action;

/** A daemon that is deaf, to asks, stops and interrupts, until the test lets it go; then it does something else, or ends. */
public final class Stuck implements Action {
    private final Door inside = new Door();
    private final Door leave = new Door();
    private final Action then;

    public Stuck() {
        this(() -> {});
    }

    public Stuck(Action then) {
        this.then = then;
    }

    @Override
    public void run() throws Exception {
        inside.open();
        leave.await();
        then.run();
    }

    /** Lets it go. */
    public void release() {
        leave.open();
    }

    /** Returns when it is deaf. */
    public void awaitInside() {
        inside.await();
    }
}
