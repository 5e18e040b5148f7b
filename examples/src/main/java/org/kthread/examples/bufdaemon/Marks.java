package org.kthread.examples.bufdaemon;

/**
 * How many buffers may be dirty, as the kernel derives it from their number: a quarter and 20, halved until it is at most
 * three quarters of what is left beside ten reserved buffers.
 *
 * @param lo bufdaemon flushes until no more than so many are dirty
 * @param hi above it writers wait
 */
record Marks(int lo, int hi) {
    static Marks of(int buffers) {
        int space = Math.max((int) (buffers * 3L / 4), buffers - 10);
        int hi = buffers / 4 + 20;
        while (hi > 1 && hi > space * 3L / 4) {
            hi /= 2;
        }
        return new Marks(hi / 2, hi);
    }

    /** Crossing this upward wakes bufdaemon, crossing it downward the writers. */
    int mid() {
        return (lo + hi) / 2;
    }
}
