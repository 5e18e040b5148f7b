package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTest {

    @ParameterizedTest(name = "{0}, {1} reads {2}")
    @DisplayName("a key is shown as a person would write it")
    @CsvSource({
        "0xea00000, 0, KTHREAD_BUF/FIRST",
        "0xea00003, 0xfffff7f, KTHREAD_BUF+3/ANY-128",
        "0x1ffffff, 3, KLD-1/FOURTH",
        "0xdffff9c, 0x1000000, KTHREAD_INIT-100/MIDDLE",
        "0, 8, DUMMY/EIGHTH+1",
        "1, -1, DONE/FIRST-1",
        "2, 5000, 0x2/0x1388",
        "0x8ffffff, 7, PROTO_END/EIGHTH",
        "0xfffffff, 0x10000000, LAST/ANY+1",
        "0x80000000, 0x7fffffff, 0x80000000/0x7fffffff",
        "0x20003e7, 1006, KLD+999/EIGHTH+999",
        "0x20003e8, 1007, 0x20003e8/0x3ef",
        "0x1fffc19, -999, KLD-999/FIRST-999",
        "0x1fffc18, -1000, 0x1fffc18/0xfffffc18",
    })
    void names(String subsystem, String order, String text) {
        assertEquals(
                text,
                new Key(Long.decode(subsystem).intValue(), Long.decode(order).intValue()).toString());
    }

    @Test
    @DisplayName("a number in the middle between two constants is read from the lower one")
    void middle() {
        ImmutableSortedMap<Integer, String> names = ImmutableSortedMap.of(10, "TEN", 20, "TWENTY");
        assertEquals("TEN+4", Key.read(14, names, names));
        assertEquals("TEN+5", Key.read(15, names, names));
        assertEquals("TWENTY-4", Key.read(16, names, names));
    }

    @Test
    @DisplayName("the names are those of the constants with the prefix, without it")
    void constants() {
        assertEquals(Map.of(-1, "BELOW", 7, "ABOVE"), Key.constants(Landmarks.class, "AT_"));
        assertEquals(Map.of(3, "OTHER"), Key.constants(Landmarks.class, "NOT_AT_"));
    }

    @Test
    @DisplayName("keys are compared as ints, never by subtraction")
    void extremes() {
        Key lowest = new Key(Integer.MIN_VALUE, Integer.MAX_VALUE);
        Key highest = new Key(Integer.MAX_VALUE, Integer.MIN_VALUE);
        assertTrue(lowest.compareTo(highest) < 0);
        assertTrue(highest.compareTo(lowest) > 0);
        assertTrue(new Key(5, Integer.MIN_VALUE).compareTo(new Key(5, Integer.MAX_VALUE)) < 0);
        assertEquals(0, new Key(5, 6).compareTo(new Key(5, 6)));
    }

    /** Constants with two prefixes. */
    public static final class Landmarks {
        public static final int AT_ABOVE = 7;
        public static final int AT_BELOW = -1;
        public static final int NOT_AT_OTHER = 3;

        private Landmarks() {}
    }
}
