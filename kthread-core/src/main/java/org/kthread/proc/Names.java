package org.kthread.proc;

import org.jspecify.annotations.Nullable;

/** What becomes of a name. */
final class Names {
    /** {@code MAXCOMLEN}: how many characters of a name a process keeps. */
    static final int MAXCOMLEN = 19;

    private Names() {}

    /** The first 19 characters, no half of a surrogate pair; control characters, which would break a line, as '?'. */
    static String comm(String name) {
        String printable = printable(name);
        if (printable.length() <= MAXCOMLEN) {
            return printable;
        }
        int end = Character.isHighSurrogate(printable.charAt(MAXCOMLEN - 1)) ? MAXCOMLEN - 1 : MAXCOMLEN;
        return printable.substring(0, end);
    }

    /** Refuses an owner that nobody could be told: null is none. */
    static void requireOwner(@Nullable String owner) {
        if (owner != null && owner.isEmpty()) {
            throw new IllegalArgumentException(
                    "the owner of a request or hold is \"\": ps and who finds the daemon held could not name it; give it a name");
        }
    }

    /** The name itself where nothing has to be replaced: no daemon has a copy of its own name. */
    private static String printable(String name) {
        StringBuilder text = null;
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                text = text == null ? new StringBuilder(name) : text;
                text.setCharAt(i, '?');
            }
        }
        return text == null ? name : text.toString();
    }
}
