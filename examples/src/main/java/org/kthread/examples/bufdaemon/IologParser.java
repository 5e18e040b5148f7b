package org.kthread.examples.bufdaemon;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kthread.examples.bufdaemon.IoOp.Action;
import org.kthread.examples.bufdaemon.Iolog.TracedFile;

/** Reads an iolog line by line, strictly: what fio's manual does not allow is refused with the line and what was expected. */
final class IologParser {
    /** fio's own words: below 100 microseconds a wait is not worth its cost. */
    private static final long SHORTEST_WAIT = 100;

    /** What file systems take. */
    private static final int LONGEST_NAME = 255;

    private final int version;
    private final long maxFile;
    private final List<TracedFile> files = new ArrayList<>();
    private final Map<String, Seen> byName = new HashMap<>();
    private final Map<String, String> byBaseName = new HashMap<>();
    private int operations;
    private long writes;
    private long micros;
    private int waits;

    /** A file named so far, and whether it is open at this point of the trace. */
    private static final class Seen {
        final TracedFile file;
        boolean open;

        Seen(TracedFile file) {
            this.file = file;
        }
    }

    IologParser(String header, long maxFile) throws IologException {
        this.maxFile = maxFile;
        switch (header) {
            case "fio version 2 iolog" -> version = 2;
            case "fio version 3 iolog" -> version = 3;
            default ->
                throw new IologException(
                        1, header, "\"fio version 2 iolog\" or \"fio version 3 iolog\"; other versions are not known");
        }
    }

    void parse(int number, String line) throws IologException {
        if (line.startsWith("fio version ")) {
            throw new IologException(number, line, "one trace in a file: fio appends to a log that exists");
        }
        String form = version == 3 ? "TIMESTAMP FILE ACTION [OFFSET LENGTH]" : "FILE ACTION [OFFSET LENGTH]";
        List<String> words = Arrays.asList(line.strip().split("[ \t]+", -1));
        if (version == 3 && words.size() > 1) {
            micros = Math.max(micros, number(number, line, words.get(0), "a timestamp in microseconds"));
            words = words.subList(1, words.size());
        } else if (version == 3) {
            throw new IologException(number, line, form);
        }
        if (words.size() != 2 && words.size() != 4) {
            throw new IologException(number, line, form);
        }
        if (++operations > Iolog.MAX_OPERATIONS) {
            throw new IologException(number, line, "the end: at most " + Iolog.MAX_OPERATIONS + " operations");
        }
        Action action = action(number, line, words.get(1));
        if (action.isFileAction() != (words.size() == 2)) {
            String rest = action.isFileAction() ? " and nothing after it" : " OFFSET LENGTH";
            throw new IologException(number, line, action.word() + rest);
        }
        if (action.isFileAction()) {
            manage(number, line, words.get(0), action);
        } else {
            long offset = number(number, line, words.get(2), "an offset");
            long length = number(number, line, words.get(3), "a length");
            transfer(number, line, words.get(0), action, offset, length);
        }
    }

    Iolog finish() throws IologException {
        if (operations == 0) {
            throw new IologException("the trace is empty: expected operations after the first line");
        }
        return new Iolog(version, List.copyOf(files), writes, micros, waits);
    }

    /** add, open, close: in this order, but a file may be added or opened again, as fio does when it starts over. */
    private void manage(int number, String line, String name, Action action) throws IologException {
        Seen seen = action == Action.ADD ? add(number, line, name) : known(number, line, name, action);
        if (action == Action.CLOSE && !seen.open) {
            throw new IologException(number, line, "\"open\" of this file before \"close\"");
        }
        if (action != Action.ADD) {
            seen.open = action == Action.OPEN;
        }
        seen.file.operations().add(new IoOp(number, micros, action, 0, 0, 0));
    }

    private void transfer(int number, String line, String name, Action action, long offset, long length)
            throws IologException {
        Seen seen = known(number, line, name, action);
        if (!seen.open) {
            throw new IologException(number, line, "\"open\" of this file before \"" + action.word() + "\"");
        }
        if (action == Action.WAIT) {
            pause(number, line, offset);
        } else if (action.isTransfer() && (offset > maxFile || length > maxFile - offset)) {
            throw new IologException(
                    number, line, "an offset and a length that end at or before " + maxFile + " (--max-file)");
        }
        long k = action == Action.WRITE ? ++writes : 0;
        seen.file.operations().add(new IoOp(number, micros, action, offset, length, k));
    }

    /** The offset of a wait is a time, counted from the wait before it. It moves what follows, of every file. */
    private void pause(int number, String line, long wait) throws IologException {
        if (version == 3) {
            waits++;
        } else if (wait >= SHORTEST_WAIT) {
            try {
                micros = Math.addExact(micros, wait);
            } catch (ArithmeticException e) {
                throw new IologException(number, line, "waits that add up to fewer microseconds");
            }
        }
    }

    private Seen known(int number, String line, String name, Action action) throws IologException {
        Seen seen = byName.get(name);
        if (seen == null) {
            throw new IologException(number, line, "\"add\" of this file before \"" + action.word() + "\"");
        }
        return seen;
    }

    private Seen add(int number, String line, String name) throws IologException {
        Seen again = byName.get(name);
        if (again != null) {
            return again;
        }
        String base = name.substring(name.lastIndexOf('/') + 1);
        if (base.isEmpty() || base.equals(".") || base.equals("..") || base.indexOf('\0') >= 0) {
            throw new IologException(number, line, "a path that ends in the name of a file");
        }
        if (base.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME) {
            throw new IologException(number, line, "a name of at most " + LONGEST_NAME + " bytes");
        }
        String other = byBaseName.putIfAbsent(base, name);
        if (other != null) {
            throw new IologException(
                    number,
                    line,
                    "another name: only the last part of a path is used, and \"" + IologException.shown(other)
                            + "\" has the same");
        }
        Seen seen = new Seen(new TracedFile(base, new ArrayList<>()));
        byName.put(name, seen);
        files.add(seen.file);
        return seen;
    }

    private static Action action(int number, String line, String word) throws IologException {
        @Nullable Action found = null;
        for (Action action : Action.values()) {
            if (action.word().equals(word)) {
                found = action;
            }
        }
        if (found == null) {
            throw new IologException(
                    number, line, "an action: add, open, close, read, write, sync, datasync, trim or wait");
        }
        return found;
    }

    private static long number(int number, String line, String word, String what) throws IologException {
        boolean digits = !word.isEmpty() && word.chars().allMatch(c -> c >= '0' && c <= '9');
        try {
            if (digits) {
                return Long.parseLong(word);
            }
        } catch (NumberFormatException e) {
            // Only digits, and yet no long: it is too large.
            throw new IologException(number, line, what + " of at most " + Long.MAX_VALUE);
        }
        throw new IologException(number, line, what + " as a whole number, not negative");
    }
}
