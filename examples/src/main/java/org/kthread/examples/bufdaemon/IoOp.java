package org.kthread.examples.bufdaemon;

import java.util.Locale;

/**
 * One operation of a trace.
 *
 * @param line   where it stands in the trace, from 1
 * @param micros when it is due, in microseconds from the start of the trace
 * @param action what to do
 * @param offset where in the file, in bytes; without meaning for add, open, close, sync, datasync and wait
 * @param length how many bytes
 * @param k      the number of a write, counted from 1 over all files in trace order; 0 for every other action
 */
record IoOp(int line, long micros, Action action, long offset, long length, long k) {
    /** The actions fio writes and reads. The first three stand alone, the others carry an offset and a length. */
    enum Action {
        ADD,
        OPEN,
        CLOSE,
        READ,
        WRITE,
        SYNC,
        DATASYNC,
        TRIM,
        WAIT;

        boolean isFileAction() {
            return this == ADD || this == OPEN || this == CLOSE;
        }

        boolean isTransfer() {
            return this == READ || this == WRITE || this == TRIM;
        }

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Override
    public String toString() {
        return "line " + line + ": " + action.word() + (action.isTransfer() ? " " + offset + " " + length : "");
    }
}
