package org.kthread.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.Filter;
import java.util.logging.Logger;

/** Keeps the loggers of the library quiet while this is open: daemons die by the thousand. Nothing is kept. */
final class Mute implements AutoCloseable {
    private final List<Logger> loggers = new ArrayList<>(); // a logger that nobody holds forgets its filter
    private final List<Filter> before = new ArrayList<>();

    Mute() {
        for (String name :
                List.of("org.kthread.proc", "org.kthread.event", "org.kthread.sysinit", "org.kthread.shutdown")) {
            Logger logger = Logger.getLogger(name);
            loggers.add(logger);
            before.add(logger.getFilter());
            logger.setFilter(line -> false);
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < loggers.size(); i++) {
            loggers.get(i).setFilter(before.get(i));
        }
    }
}
