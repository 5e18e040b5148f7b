package org.kthread.sysinit;

import org.jspecify.annotations.Nullable;

/** Our log. What the logger throws costs the line, not the roll-back. */
final class Log {

    private Log() {}

    static void error(String text, @Nullable Throwable thrown) {
        log(System.Logger.Level.ERROR, text, thrown);
    }

    static void warning(String text, Throwable thrown) {
        log(System.Logger.Level.WARNING, text, thrown);
    }

    private static void log(System.Logger.Level level, String text, @Nullable Throwable thrown) {
        try {
            System.getLogger("org.kthread.sysinit").log(level, text, thrown);
        } catch (Throwable t) {
            // a line less
        }
    }
}
