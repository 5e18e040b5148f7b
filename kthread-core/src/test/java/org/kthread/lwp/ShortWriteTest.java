package org.kthread.lwp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.kthread.lwp.Syscalls.O_APPEND;
import static org.kthread.lwp.Syscalls.O_RDWR;
import static org.kthread.lwp.Syscalls.O_WRONLY;
import static org.kthread.lwp.Syscalls.SEEK_CUR;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The system may write less than it is given, and tells why only who asks for the rest. */
@DisplayName("A write of which the system does a part at a time")
class ShortWriteTest {
    private static final int AT_ONCE = 3;
    private static final int DISK = 16;

    private final Disk disk = new Disk();
    private final ByteBuffer buf = ByteBuffer.wrap("0123456789".getBytes(StandardCharsets.UTF_8));

    private Vnode open(int flags) {
        return new Vnode(disk, Path.of("f"), flags);
    }

    @ParameterizedTest
    @ValueSource(ints = {O_WRONLY, O_RDWR, O_RDWR | O_APPEND})
    @DisplayName("is done to the end, and the offset is behind it")
    void all(int flags) throws IOException {
        disk.content.put("--".getBytes(StandardCharsets.UTF_8));
        Vnode file = open(flags);
        file.lseek(2, Syscalls.SEEK_SET);
        assertEquals(10, file.write(buf));
        assertEquals(0, buf.remaining());
        assertEquals("--0123456789", disk.text());
        assertEquals(12, file.lseek(0, SEEK_CUR));
    }

    @Test
    @DisplayName("is done to the end at an offset of its own")
    void allAtItsOwn() throws IOException {
        Vnode file = open(O_RDWR);
        assertEquals(10, file.pwrite(buf, 0));
        assertEquals("0123456789", disk.text());
        assertEquals(0, file.lseek(0, SEEK_CUR));
    }

    @Test
    @DisplayName("fails as the rest does: the buffer and the offset are behind what was written")
    void full() throws IOException {
        Vnode file = open(O_WRONLY);
        file.lseek(DISK - 4, Syscalls.SEEK_SET);
        assertSame(disk.full, assertThrows(IOException.class, () -> file.write(buf)));
        assertEquals(4, buf.position());
        assertEquals(DISK, file.lseek(0, SEEK_CUR));
        buf.rewind();
        assertSame(disk.full, assertThrows(IOException.class, () -> file.pwrite(buf, DISK - 5)));
        assertEquals(5, buf.position());
    }

    /** A small disk with one file. */
    private static final class Disk extends RefusingChannel {
        final IOException full = new IOException("No space left on device");
        final ByteBuffer content = ByteBuffer.allocate(DISK);
        private int position;

        String text() {
            return new String(content.array(), 0, content.position(), StandardCharsets.UTF_8);
        }

        @Override
        public long size() {
            return content.position();
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public FileChannel position(long newPosition) {
            position = (int) newPosition;
            return this;
        }

        @Override
        public int write(ByteBuffer src) throws IOException {
            int count = write(src, position);
            position += count;
            return count;
        }

        @Override
        public int write(ByteBuffer src, long position) throws IOException {
            content.position((int) position);
            int count = Math.min(AT_ONCE, Math.min(src.remaining(), content.remaining()));
            if (count == 0) {
                throw full;
            }
            content.put(src.slice().limit(count));
            src.position(src.position() + count);
            return count;
        }
    }
}
