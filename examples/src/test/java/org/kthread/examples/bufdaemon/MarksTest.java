package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarksTest {
    @Test
    @DisplayName("as the kernel derives them: hi is a quarter of the buffers and 20, lo its half")
    void large() {
        assertEquals(new Marks(138, 276), Marks.of(1024));
        assertEquals(207, Marks.of(1024).mid());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 8, 16, 31, 64, 1000, 1_000_000, Integer.MAX_VALUE})
    @DisplayName("with few buffers too, some may be dirty, and a writer can always go on before all are")
    void any(int buffers) {
        Marks marks = Marks.of(buffers);

        assertTrue(marks.hi() >= 1 && marks.hi() <= buffers, marks.toString());
        assertTrue(marks.lo() >= 0 && marks.lo() < marks.hi(), marks.toString());
        assertTrue(marks.mid() < marks.hi() && marks.mid() >= marks.lo(), marks.toString());
    }
}
