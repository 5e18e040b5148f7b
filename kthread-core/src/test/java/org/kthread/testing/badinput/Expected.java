package org.kthread.testing.badinput;

import java.util.function.Predicate;
import org.kthread.sleep.WakeReason;
import org.kthread.sys.Errno;
import org.kthread.sys.KernelException;
import org.kthread.sys.KernelPanic;
import org.kthread.sys.Unwind;

/** What must come of a call with bad input. */
public final class Expected {
    private final String text;
    private final Predicate<Outcome> holds;
    private final boolean waiting;

    private Expected(String text, boolean waiting, Predicate<Outcome> holds) {
        this.text = text;
        this.waiting = waiting;
        this.holds = holds;
    }

    private Expected(String text, Predicate<Outcome> holds) {
        this(text, false, holds);
    }

    /** It returns as if nothing were wrong. */
    public static Expected returns() {
        return new Expected("returns", outcome -> outcome.thrown() == null);
    }

    /** It returns this, or what reads so in part. */
    public static Expected gives(Object what) {
        String part = String.valueOf(what);
        return new Expected(
                "gives " + part,
                outcome -> outcome.thrown() == null
                        && String.valueOf(outcome.given()).contains(part));
    }

    /** The null is refused by the name of the parameter. */
    public static Expected names(String parameter) {
        return new Expected(
                "NullPointerException: " + parameter,
                outcome -> outcome.thrown() instanceof NullPointerException
                        && parameter.equals(outcome.thrown().getMessage()));
    }

    /** It refuses the argument. */
    public static Expected refuses(String reason) {
        return fails(IllegalArgumentException.class, reason);
    }

    /** It fails with this errno. */
    public static Expected errno(Errno errno, String reason) {
        return new Expected(
                errno + ": ..." + reason + "...",
                outcome -> outcome.thrown() instanceof KernelException e
                        && e.errno() == errno
                        && String.valueOf(e.getMessage()).contains(reason));
    }

    /** The caller broke the protocol. */
    public static Expected panics(String reason) {
        return fails(KernelPanic.class, reason);
    }

    /** It throws this type itself, with a message that has these words. */
    public static Expected fails(Class<? extends Throwable> type, String reason) {
        return new Expected(
                type.getSimpleName() + ": ..." + reason + "...",
                outcome -> outcome.thrown() != null
                        && outcome.thrown().getClass() == type
                        && String.valueOf(outcome.thrown().getMessage()).contains(reason));
    }

    /** It ends with an InterruptedException, and the flag is clear. */
    public static Expected interrupted() {
        return new Expected("InterruptedException", outcome -> outcome.thrown() instanceof InterruptedException);
    }

    /** The kernel thread is unwound. */
    public static Expected unwinds() {
        return new Expected("unwinds the thread", outcome -> outcome.thrown() instanceof Unwind);
    }

    /** It waits without limit; an interrupt ends it then. */
    public static Expected waits() {
        return new Expected("waits without limit", true, outcome -> true);
    }

    boolean isWaiting() {
        return waiting;
    }

    /** What is wrong with the outcome; empty: nothing. */
    String wrong(Kind kind, Outcome outcome) {
        if (!holds.test(outcome)) {
            return "expected: " + text + ", but " + outcome;
        }
        if (kind == Kind.INTERRUPTED && !waiting) {
            boolean told =
                    outcome.thrown() instanceof InterruptedException || outcome.given() == WakeReason.INTERRUPTED;
            if (told == outcome.flag()) {
                return told ? "it was told, and the flag is still set" : "the interrupt was eaten";
            }
        }
        return "";
    }

    @Override
    public String toString() {
        return text;
    }
}
