package org.kthread.proc;

import org.jspecify.annotations.Nullable;

/**
 * What this package tells the log. A logger that fails, or lack of memory for a line, costs that line, and never what is
 * under way: the end of a thread goes on, holds and descriptors are closed.
 */
final class Log {
    private Log() {}

    static void info(String line) {
        tell(System.Logger.Level.INFO, null, line);
    }

    static void warning(String format, Object... params) {
        tell(System.Logger.Level.WARNING, null, format, params);
    }

    static void error(Throwable thrown, Object... parts) {
        tell(System.Logger.Level.ERROR, thrown, "", parts);
    }

    private static void tell(System.Logger.Level level, @Nullable Throwable thrown, String format, Object... params) {
        try {
            System.Logger log =
                    System.getLogger("org.kthread.proc"); // here, where it may fail: the first one is made with memory
            if (thrown == null) {
                log.log(level, format, params);
                return;
            }
            StringBuilder line = new StringBuilder();
            for (Object part : params) {
                line.append(part);
            }
            log.log(level, line.toString(), thrown);
        } catch (Throwable t) {
            // there is nobody to tell that nobody can be told
        }
    }
}
