package org.kthread.sysinit;

import com.google.common.collect.ImmutableSortedMap;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.Objects;

/**
 * The place of a step in the boot: ascending by subsystem, then by order within it.
 *
 * <p>Both are plain ints, and every int is allowed: the constants are landmarks, arithmetic on them ({@code
 * SI_ORDER_ANY - 128}) is usual. {@link #toString} reads a key the way it was written, as {@code KTHREAD_BUF/FIRST} or
 * {@code KTHREAD_BUF+3/ANY-128}; a number far from every constant is shown in hex.
 *
 * @param subsystem one of {@link Subsystem}, or any int
 * @param order one of {@link Order}, or any int
 * @see <a href="https://man.freebsd.org/cgi/man.cgi?query=SYSINIT&amp;sektion=9">SYSINIT(9)</a>
 */
public record Key(int subsystem, int order) implements Comparable<Key> {

    /** How far from a constant a number may be and still be read as that constant plus or minus something. */
    private static final int NEAR = 999;

    @Override
    public int compareTo(Key that) {
        return Long.compare(rank(), Objects.requireNonNull(that, "that").rank());
    }

    /** The key as one number in the same order. */
    long rank() {
        return (long) subsystem << Integer.SIZE | Integer.toUnsignedLong(order ^ Integer.MIN_VALUE);
    }

    @Override
    public String toString() {
        return Subsystem.nameOf(subsystem) + '/' + Order.nameOf(order);
    }

    /** The int constants of {@code type} whose name starts with {@code prefix}, without it, by value. */
    static ImmutableSortedMap<Integer, String> constants(Class<?> type, String prefix) {
        ImmutableSortedMap.Builder<Integer, String> names = ImmutableSortedMap.naturalOrder();
        for (Field field : type.getFields()) {
            if (field.getName().startsWith(prefix)) {
                try {
                    names.put(field.getInt(null), field.getName().substring(prefix.length()));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(field.getName(), e);
                }
            }
        }
        return names.buildOrThrow();
    }

    /** {@code value} as a name, as the nearest of {@code landmarks} with an offset, or in hex. */
    static String read(
            int value, ImmutableSortedMap<Integer, String> names, ImmutableSortedMap<Integer, String> landmarks) {
        String name = names.get(value);
        if (name != null) {
            return name;
        }
        Map.Entry<Integer, String> below = landmarks.lowerEntry(value);
        Map.Entry<Integer, String> above = landmarks.higherEntry(value);
        long up = below == null ? Long.MAX_VALUE : (long) value - below.getKey();
        long down = above == null ? Long.MAX_VALUE : (long) above.getKey() - value;
        if (below != null && up <= NEAR && up <= down) {
            return below.getValue() + '+' + up;
        }
        if (above != null && down <= NEAR) {
            return above.getValue() + '-' + down;
        }
        return String.format("0x%x", value);
    }
}
