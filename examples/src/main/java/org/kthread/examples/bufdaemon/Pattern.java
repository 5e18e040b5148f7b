package org.kthread.examples.bufdaemon;

/**
 * What a write puts on disk: the k-th write of the trace, counted from 1 over all files, puts at absolute file position p the
 * byte {@code ((k * 2654435761 + p * 2246822519) >>> 24) & 0xff} in 64-bit arithmetic. Anyone can check a file from outside.
 */
final class Pattern {
    private static final long K = 2654435761L;
    private static final long P = 2246822519L;

    private Pattern() {}

    static byte at(long k, long position) {
        return (byte) ((k * K + position * P) >>> 24);
    }

    /** Fills {@code length} bytes of {@code data} from {@code from} on with what write k puts at {@code position}. */
    static void fill(byte[] data, int from, int length, long k, long position) {
        long v = k * K + position * P;
        for (int i = from; i < from + length; i++) {
            data[i] = (byte) (v >>> 24);
            v += P;
        }
    }
}
