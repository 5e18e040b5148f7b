package org.kthread.sysinit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(NoThreadLeft.class)
@DisplayName("a boot")
class BootTest {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    @Test
    @DisplayName("refuses a step that is null when it is added, and none of those beside it is taken")
    void nullStep() throws Exception {
        NullPointerException e =
                assertThrows(NullPointerException.class, () -> boot.add(machine.noted("a", 1, 0), null));
        assertEquals("a step among more", e.getMessage());
        boot.add(Sysinit.of("b", 2, 0, () -> {
            history.add("b");
            assertThrows(NullPointerException.class, () -> boot.add(Arrays.asList(machine.noted("c", 3, 0), null)));
        }));
        boot.run();
        assertEquals(List.of("b"), history);
    }

    @Test
    @DisplayName("is itself what its settings return, so that they can be chained")
    void chain() throws Exception {
        assertSame(boot, boot.budget(Duration.ofSeconds(1)));
        assertSame(boot, boot.withoutUndoAtShutdown());
        assertSame(boot, boot.add(machine.noted("a", 1, 0)));
        assertSame(boot, boot.add(List.of(machine.noted("b", 2, 0))));
    }

    @Test
    @DisplayName("looks at the processes that are created while it runs, and no longer, whether it completes or fails")
    void leavesNoHandler() throws Exception {
        assertTrue(machine.kernel.events().processCtor().isEmpty());
        boot.add(Sysinit.of(
                        "a",
                        1,
                        0,
                        () -> assertEquals(
                                "process_ctor (1 handlers)",
                                machine.kernel.events().processCtor().toString())))
                .run();
        assertTrue(machine.kernel.events().processCtor().isEmpty());
        Boot failing = Boot.of(machine.kernel).add(Sysinit.of("a", 1, 0, () -> {
            throw new IOException("a");
        }));
        assertThrows(BootException.class, failing::run);
        assertTrue(machine.kernel.events().processCtor().isEmpty());
    }
}
