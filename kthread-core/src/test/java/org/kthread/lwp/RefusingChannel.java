package org.kthread.lwp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A file channel that refuses everything but to be closed; a test overrides what it needs. */
class RefusingChannel extends FileChannel {
    private static UnsupportedOperationException no() {
        return new UnsupportedOperationException("this channel has not what is asked of it");
    }

    @Override
    protected void implCloseChannel() {}

    @Override
    public long size() throws IOException {
        throw no();
    }

    @Override
    public int read(ByteBuffer dst) {
        throw no();
    }

    @Override
    public long read(ByteBuffer[] dsts, int offset, int length) {
        throw no();
    }

    @Override
    public int write(ByteBuffer src) throws IOException {
        throw no();
    }

    @Override
    public long write(ByteBuffer[] srcs, int offset, int length) {
        throw no();
    }

    @Override
    public long position() {
        throw no();
    }

    @Override
    public FileChannel position(long newPosition) {
        throw no();
    }

    @Override
    public FileChannel truncate(long size) {
        throw no();
    }

    @Override
    public void force(boolean metaData) {
        throw no();
    }

    @Override
    public long transferTo(long position, long count, WritableByteChannel target) {
        throw no();
    }

    @Override
    public long transferFrom(ReadableByteChannel src, long position, long count) {
        throw no();
    }

    @Override
    public int read(ByteBuffer dst, long position) {
        throw no();
    }

    @Override
    public int write(ByteBuffer src, long position) throws IOException {
        throw no();
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long position, long size) {
        throw no();
    }

    @Override
    public FileLock lock(long position, long size, boolean shared) {
        throw no();
    }

    @Override
    public FileLock tryLock(long position, long size, boolean shared) {
        throw no();
    }
}
