package org.kthread.examples.bufdaemon;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What must be in a file: which write last covered each byte, as a map of extents. Used by one replayer only. */
final class Expected {
    private record Extent(long end, long k) {}

    private final TreeMap<Long, Extent> extents = new TreeMap<>();

    void write(long offset, long length, long k) {
        trim(offset, length);
        if (length > 0) {
            extents.put(offset, new Extent(offset + length, k));
        }
    }

    /** Trimmed bytes read as zeros, as do those that no write ever covered. */
    void trim(long offset, long length) {
        if (length > 0) {
            split(offset);
            split(offset + length);
            extents.subMap(offset, offset + length).clear();
        }
    }

    /** The first byte of {@code data} that differs from what must be at {@code position}, as a sentence; null if none does. */
    @Nullable
    String mismatch(byte[] data, int from, int length, long position) {
        int i = 0;
        while (i < length) {
            long at = position + i;
            Map.Entry<Long, Extent> e = extents.floorEntry(at);
            boolean covered = e != null && e.getValue().end() > at;
            long k = covered ? e.getValue().k() : 0;
            @Nullable Long next = covered ? Long.valueOf(e.getValue().end()) : extents.higherKey(at);
            int until = next == null ? length : (int) Math.min(length, next - position);
            for (; i < until; i++) {
                byte must = covered ? Pattern.at(k, position + i) : 0;
                if (data[from + i] != must) {
                    return String.format(
                            "position %d holds 0x%02x, must be 0x%02x (%s)",
                            position + i, data[from + i], must, covered ? "write " + k : "never written");
                }
            }
        }
        return null;
    }

    private void split(long at) {
        Map.Entry<Long, Extent> e = extents.lowerEntry(at);
        if (e != null && e.getValue().end() > at) {
            Extent whole = e.getValue();
            extents.put(e.getKey(), new Extent(at, whole.k()));
            extents.put(at, whole);
        }
    }
}
