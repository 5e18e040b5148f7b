package org.kthread.examples.bufdaemon;

/** A trace that cannot be replayed: which line, what stands there, and what was expected. */
final class IologException extends Exception {
    private static final long serialVersionUID = 1;
    private static final int SHOWN = 120;

    /** The trace as a whole is at fault. */
    IologException(String problem) {
        super(problem);
    }

    IologException(int line, String text, String expected) {
        super("line " + line + ": \"" + shown(text) + "\": expected " + expected);
    }

    /** The text with control characters escaped, so that a broken trace cannot drive the terminal, and cut when it is long. */
    static String shown(String text) {
        StringBuilder s = new StringBuilder();
        int i = 0;
        while (i < text.length() && s.length() < SHOWN) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            int type = Character.getType(c);
            if (c == '\t') {
                s.append("\\t");
            } else if (c == '"' || c == '\\') {
                s.append('\\').append((char) c);
            } else if (Character.isISOControl(c)
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR) {
                s.append(String.format("\\u%04x", c));
            } else {
                s.appendCodePoint(c);
            }
        }
        return i < text.length() ? s.append("...").toString() : s.toString();
    }
}
