package org.kthread.proc;

/**
 * What this package tells the log. A logger that fails, or lack of memory for a line, costs that line, and never what is
 * under way: the end of a thread goes on, holds and descriptors are closed.
 */
final class Log {
    private Log() {}

    /*
     * As many parameters as are needed, not an array of them: the caller would have to find memory for that, and nothing would
     * catch it there.
     */

    static void info(String line) {
        try {
            log().log(System.Logger.Level.INFO, line);
        } catch (Throwable t) {
            // there is nobody to tell that nobody can be told
        }
    }

    static void warning(String format, Object one, Object two) {
        warning(format, one, two, "");
    }

    static void warning(String format, Object one, Object two, Object three) {
        try {
            log().log(System.Logger.Level.WARNING, format, one, two, three);
        } catch (Throwable t) {
            // there is nobody to tell that nobody can be told
        }
    }

    static void error(Throwable thrown, String line) {
        error(thrown, line, "", "");
    }

    static void error(Throwable thrown, String before, Object what, String after) {
        error(thrown, before, what, after, "", "");
    }

    static void error(Throwable thrown, String before, Object what, String between, Object other, String after) {
        try {
            StringBuilder line = new StringBuilder(before);
            line.append(what);
            line.append(between).append(other).append(after);
            log().log(System.Logger.Level.ERROR, line.toString(), thrown);
        } catch (Throwable t) {
            // there is nobody to tell that nobody can be told
        }
    }

    /** Found for each line, where that may fail: the first time needs memory. */
    private static System.Logger log() {
        return System.getLogger("org.kthread.proc");
    }
}
