package org.kthread.testing;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What a logger of ours is told while this is open; nothing of it reaches the screen. */
public final class LogLines implements AutoCloseable {
    private final Logger logger;
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Consumer<String> listener;
    private final boolean before;
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord one) {
            records.add(one);
            listener.accept(one.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private LogLines(String name, Consumer<String> listener) {
        this.listener = listener;
        logger = Logger.getLogger(name);
        before = logger.getUseParentHandlers();
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** Listens to a logger. */
    public static LogLines of(String name) {
        return of(name, message -> {});
    }

    /** Listens to a logger, and calls a listener with each message: on the thread that logs it, which may be kept there. */
    public static LogLines of(String name, Consumer<String> listener) {
        return new LogLines(name, listener);
    }

    /** The messages. */
    public List<String> messages() {
        return records.stream().map(LogRecord::getMessage).toList();
    }

    /** What was thrown, of those that tell it. */
    public List<Throwable> thrown() {
        return records.stream()
                .map(LogRecord::getThrown)
                .filter(thrown -> thrown != null)
                .toList();
    }

    /** The levels. */
    public List<Level> levels() {
        return records.stream().map(LogRecord::getLevel).toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(before);
    }
}
