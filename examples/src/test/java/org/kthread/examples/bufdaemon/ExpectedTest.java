package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExpectedTest {
    private static final int SIZE = 500;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    @DisplayName("agrees with an array of bytes after any writes and trims")
    void agreesWithArray(long seed) {
        Random random = new Random(seed);
        Expected expected = new Expected();
        byte[] file = new byte[SIZE];
        for (int k = 1; k <= 300; k++) {
            int from = random.nextInt(SIZE);
            int length = random.nextInt(SIZE - from + 1);
            if (random.nextInt(4) == 0) {
                expected.trim(from, length);
                java.util.Arrays.fill(file, from, from + length, (byte) 0);
            } else {
                expected.write(from, length, k);
                Pattern.fill(file, from, length, k, from);
            }
            int at = random.nextInt(SIZE);
            assertNull(expected.mismatch(file, at, SIZE - at, at), "seed " + seed + ", after operation " + k);
            file[at] ^= 1;
            assertNotNull(expected.mismatch(file, 0, SIZE, 0), "seed " + seed + ", wrong byte at " + at);
            file[at] ^= 1;
        }
    }

    @Test
    @DisplayName("a mismatch names the position, both bytes, and the write that should be there")
    void message() {
        Expected expected = new Expected();
        expected.write(10, 5, 3);
        byte[] data = new byte[20];
        Pattern.fill(data, 10, 5, 3, 10);
        data[12] = 0x5a;

        assertEquals(
                String.format("position 12 holds 0x5a, must be 0x%02x (write 3)", Pattern.at(3, 12)),
                expected.mismatch(data, 0, 20, 0));
        data[12] = Pattern.at(3, 12);
        data[15] = 1;
        assertEquals("position 15 holds 0x01, must be 0x00 (never written)", expected.mismatch(data, 0, 20, 0));
    }
}
