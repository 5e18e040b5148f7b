package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PatternTest {
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 1", "2, 4096", "1000000, 17179869183", "9223372036854775807, 9007199254740993"})
    @DisplayName("the byte is bits 24 to 31 of k * 2654435761 + p * 2246822519, modulo 2^64")
    void byteOfWrite(long k, long position) {
        BigInteger sum = BigInteger.valueOf(k)
                .multiply(new BigInteger("2654435761"))
                .add(BigInteger.valueOf(position).multiply(new BigInteger("2246822519")))
                .mod(BigInteger.ONE.shiftLeft(64));

        assertEquals(sum.shiftRight(24).intValue() & 0xff, Pattern.at(k, position) & 0xff);
    }

    @Test
    @DisplayName("fill puts the same bytes, and none outside its range")
    void fill() {
        byte[] data = new byte[64];

        Pattern.fill(data, 8, 40, 7, 123_456);

        for (int i = 0; i < data.length; i++) {
            assertEquals(i < 8 || i >= 48 ? 0 : Pattern.at(7, 123_456 + i - 8), data[i], "byte " + i);
        }
    }
}
