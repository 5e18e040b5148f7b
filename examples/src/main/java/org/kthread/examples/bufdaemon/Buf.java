package org.kthread.examples.bufdaemon;

/**
 * One block of a file in memory. The fields are the cache's, under its lock; the data belongs to whoever made the buffer busy,
 * so a buffer is never changed while it is on its way to the disk. A buffer is the channel of those who wait for it.
 */
final class Buf {
    final Vnode vnode;
    final long block;
    final byte[] data;

    /** Somebody is at work on the data. */
    boolean busy;

    /** The data is newer than the disk. Stays true while it is being written, and after a write that failed. */
    boolean dirty;

    Buf(Vnode vnode, long block, byte[] data) {
        this.vnode = vnode;
        this.block = block;
        this.data = data;
    }

    long position() {
        return block * data.length;
    }
}
