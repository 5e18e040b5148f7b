package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.kthread.examples.bufdaemon.Iolog.TracedFile;
import org.kthread.proc.CurThread;

@DisplayName("A daemon that dies of the unforeseen ends the run: exit code 70")
@Timeout(60)
class RunTest {
    @TempDir
    private Path dir;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();

    private int run(List<TracedFile> files) throws InterruptedException {
        Machine.Config config = new Machine.Config(new Iolog(2, files, 1, 0, 0), dir, null, 8, 512, false, 1, false);
        PrintStream chatter = new PrintStream(said, true, StandardCharsets.UTF_8);
        return new Run(config, Duration.ofSeconds(8), false, chatter).call();
    }

    /** A list of one, that a kernel thread cannot read. */
    private static <T> List<T> unreadable(T element, Supplier<? extends Error> unforeseen) {
        return new AbstractList<>() {
            @Override
            public T get(int index) {
                if (CurThread.isKernelThread()) {
                    throw unforeseen.get();
                }
                return element;
            }

            @Override
            public int size() {
                return 1;
            }
        };
    }

    @Test
    @DisplayName("at work")
    void atWork() throws Exception {
        IoOp add = new IoOp(1, 0, IoOp.Action.ADD, 0, 0, 0);
        TracedFile dying = new TracedFile("a", unreadable(add, OutOfMemoryError::new));
        assertEquals(Bufdaemon.EX_SOFTWARE, run(List.of(dying, new TracedFile("b", List.of(add)))));
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("halted"), said::toString);
    }

    @Test
    @DisplayName("before it is ready")
    void notReady() throws Exception {
        TracedFile file = new TracedFile("a", List.of());
        assertEquals(Bufdaemon.EX_SOFTWARE, run(unreadable(file, AssertionError::new)));
    }
}
