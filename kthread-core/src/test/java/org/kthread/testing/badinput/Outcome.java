package org.kthread.testing.badinput;

import java.lang.reflect.InvocationTargetException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/** What came of a call. */
record Outcome(@Nullable Object given, @Nullable Throwable thrown, boolean flag) {
    /** Makes the call on this thread. */
    static Outcome of(boolean interrupted, Callable<? extends @Nullable Object> call) {
        Object given = null;
        Throwable thrown = null;
        try {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            given = call.call();
        } catch (InvocationTargetException e) {
            thrown = e.getCause();
        } catch (Throwable t) {
            thrown = t;
        }
        return new Outcome(given, thrown, Thread.interrupted());
    }

    @Override
    public String toString() {
        return thrown == null ? "it gave " + given : "it threw " + thrown;
    }
}
