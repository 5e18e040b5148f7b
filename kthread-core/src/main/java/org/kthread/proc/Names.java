package org.kthread.proc;

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

    private static String printable(String name) {
        StringBuilder text = new StringBuilder(name);
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                text.setCharAt(i, '?');
            }
        }
        return text.toString();
    }
}
