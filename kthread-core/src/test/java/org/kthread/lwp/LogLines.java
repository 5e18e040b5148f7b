package org.kthread.lwp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/** What the logger of processes is told while this is open. */
final class LogLines implements AutoCloseable {
    private final Logger logger = Logger.getLogger("org.kthread.proc");
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final boolean before = logger.getUseParentHandlers();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord one) {
            lines.add(one.getLevel() + " " + new SimpleFormatter().formatMessage(one));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    LogLines() {
        logger.setUseParentHandlers(false);
        logger.addHandler(handler);
    }

    /** The lines that contain a text. */
    List<String> with(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(before);
    }
}
