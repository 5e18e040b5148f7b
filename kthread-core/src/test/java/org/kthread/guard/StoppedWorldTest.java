package org.kthread.guard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.proc.HostThreads;
import org.kthread.proc.SuspendRefusedException;
import org.kthread.sys.Action;
import org.kthread.testing.Door;
import org.kthread.testing.KernelTest;

@DisplayName("To take the stacks of many stops the whole JVM")
class StoppedWorldTest extends KernelTest {
    private static final int REFUSERS = 20;

    @TempDir
    private Path directory;

    private final Door end = new Door();

    @BeforeEach
    void create() {
        for (int i = 0; i < REFUSERS; i++) {
            create("refuser", end::await);
        }
    }

    @AfterEach
    void end() {
        end.open();
    }

    @Test
    @DisplayName("once, however many there are; not at all where it has virtual threads")
    void once() throws Exception {
        assertEquals(HostThreads.hasVirtual() ? 0 : 1, stops(this::refused));
    }

    @Test
    @DisplayName("(and a look at each alone is seen to stop it each time)")
    void planted() throws Exception {
        long stops = stops(() -> {
            for (int i = 0; i < REFUSERS; i++) {
                ManagementFactory.getThreadMXBean().getThreadInfo(1, Integer.MAX_VALUE);
            }
        });
        assertTrue(stops >= REFUSERS, stops + " stops");
    }

    private void refused() {
        SuspendRefusedException refused = assertThrows(
                SuspendRefusedException.class,
                () -> kernel.quiesce("guard", proc -> proc.comm().equals("refuser"), Duration.ZERO));
        assertEquals(REFUSERS, refused.refusers().size());
        refused.refusers().forEach(each -> assertTrue(!each.stack().isEmpty(), each.toString()));
    }

    /** How often the JVM dumps threads meanwhile. */
    private long stops(Action call) throws Exception {
        Path file = directory.resolve("stops.jfr");
        try (Recording recording = new Recording()) {
            recording.enable("jdk.ExecuteVMOperation").withoutThreshold();
            recording.start();
            call.run();
            recording.stop();
            recording.dump(file);
        }
        List<RecordedEvent> events = RecordingFile.readAllEvents(file);
        return events.stream()
                .filter(event -> "ThreadDump".equals(event.getString("operation")))
                .count();
    }
}
