package org.kthread.event;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The records of the passes")
class PassesTest {
    private final Passes<String> passes = new Passes<>();

    @Test
    @DisplayName("are as many as needed, when many find none free at once and come one after another for a new one")
    void doNotDoubleForEachThatFoundNone() {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            threads.add(new Thread(() -> {}));
        }
        assertNotNull(passes.claim(new Thread(() -> {})));
        threads.forEach(thread -> assertNull(passes.claim(thread)));

        threads.forEach(thread -> assertNotNull(passes.grow(thread)));

        assertEquals(16, passes.size());
        threads.forEach(thread -> assertTrue(passes.isInside(thread)));
    }
}
