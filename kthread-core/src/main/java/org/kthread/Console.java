package org.kthread;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Takes the kernel's lines to where the program wants them. A console that fails costs its line, and nothing else. */
final class Console implements Consumer<String> {
    private static volatile System.@Nullable Logger log;

    private final @Nullable Consumer<String> chosen;
    private volatile boolean hook;

    Console(@Nullable Consumer<String> chosen) {
        this.chosen = chosen;
    }

    /** The JVM is ending: its loggers may have ended before us, so lines go to standard error too. */
    void inHook() {
        hook = true;
    }

    @Override
    @SuppressWarnings("SystemOut") // in the JVM hook standard error is all that is sure to be there
    public void accept(String line) {
        try {
            if (chosen == null) {
                log().log(System.Logger.Level.INFO, line);
            } else {
                chosen.accept(line);
            }
        } catch (RuntimeException | Error e) {
            tellFailed(line, e);
        }
        if (hook && chosen == null) {
            System.err.println(line);
        }
    }

    /**
     * Looked up when there is something to log: the JDK takes longer to make its first logger than the kernel to start. Kept,
     * for the JDK forgets a logger that nobody keeps, and how it was configured.
     */
    private static System.Logger log() {
        System.Logger known = log;
        if (known == null) {
            known = System.getLogger("org.kthread.console");
            log = known;
        }
        return known;
    }

    private static void tellFailed(String line, Throwable failure) {
        try {
            log().log(System.Logger.Level.ERROR, "the console failed with this line: " + line, failure);
        } catch (RuntimeException | Error e) {
            // the logger is the console, or as broken as the console
        }
    }
}
