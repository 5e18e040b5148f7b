package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    })
    void names(String subsystem, String order, String text) {
        assertEquals(
                text,
                new Key(Long.decode(subsystem).intValue(), Long.decode(order).intValue()).toString());
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
}
