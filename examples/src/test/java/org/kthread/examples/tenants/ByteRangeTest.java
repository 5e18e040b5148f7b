package org.kthread.examples.tenants;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("Range, RFC 9110 section 14")
class ByteRangeTest {
    private static final long SIZE = 100;

    @ParameterizedTest
    @CsvSource({
        "bytes=0-0, 0, 1",
        "bytes=0-, 0, 100",
        "bytes=10-19, 10, 10",
        "BYTES=10-19, 10, 10",
        "bytes= 10-19 , 10, 10",
        "bytes=99-, 99, 1",
        "bytes=90-100, 90, 10",
        "bytes=90-99999999999999999999999999, 90, 10",
        "bytes=-1, 99, 1",
        "bytes=-100, 0, 100",
        "bytes=-101, 0, 100",
        "bytes=-99999999999999999999999999, 0, 100",
        "bytes=000-009, 0, 10",
    })
    @DisplayName("one range that has bytes in common with the file")
    void satisfiable(String header, long first, long length) throws Status {
        ByteRange range = ByteRange.of(header, SIZE);
        assertEquals(new ByteRange(first, length), range);
        assertEquals("bytes " + first + "-" + (first + length - 1) + "/100", range.contentRange(SIZE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "bytes",
                "bytes=",
                "bytes=-",
                "bytes=a-b",
                "bytes=5-2",
                "bytes=--5",
                "bytes=1-2,5-6",
                "bytes=1-2,",
                "lines=1-2",
                "bytes=1 - 2",
                "bytes=0x1-",
                "bytes=+1-2",
                "bytes=99999999999999999999999999-1",
                "bytes=\u0661-"
            })
    @DisplayName("several, another unit and nonsense are ignored")
    void ignored(String header) throws Status {
        assertNull(ByteRange.of(header, SIZE));
    }

    @Test
    @DisplayName("none, or one for the end of an empty file: the whole file")
    void whole() throws Status {
        assertNull(ByteRange.of(null, SIZE));
        assertNull(ByteRange.of("bytes=-5", 0));
    }

    @ParameterizedTest
    @CsvSource({
        "bytes=100-, 100",
        "bytes=100-200, 100",
        "bytes=99999999999999999999999999-, 100",
        "bytes=-0, 100",
        "bytes=0-, 0",
        "bytes=0-0, 0"
    })
    @DisplayName("no byte of the file: 416")
    void unsatisfiable(String header, long size) {
        Status status = assertThrows(Status.class, () -> ByteRange.of(header, size));
        assertEquals(Status.RANGE_NOT_SATISFIABLE, status.code());
    }
}
