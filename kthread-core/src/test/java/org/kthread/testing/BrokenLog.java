package org.kthread.testing;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** While this is open, whoever logs a line with a logger of ours has it throw. */
public final class BrokenLog implements AutoCloseable {
    private final Logger logger;
    private final boolean before;
    private final AtomicInteger lines = new AtomicInteger();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.incrementAndGet();
            throw new IllegalStateException("planted: the log is broken");
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private BrokenLog(String name) {
        logger = Logger.getLogger(name);
        before = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** Breaks a logger. */
    public static BrokenLog of(String name) {
        return new BrokenLog(name);
    }

    /** How many lines were tried. */
    public int lines() {
        return lines.get();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(before);
    }
}
