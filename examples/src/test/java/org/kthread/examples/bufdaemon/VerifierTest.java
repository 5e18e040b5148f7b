package org.kthread.examples.bufdaemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The checker must be able to say no: each kind of loss is planted and found. */
class VerifierTest {
    @TempDir
    private Path dir;

    private Verifier verifier;
    private final byte[] file = new byte[300];

    @BeforeEach
    void trace() throws Exception {
        Path trace = Files.writeString(dir.resolve("trace"), """
                fio version 2 iolog
                /x/a add
                /x/a open
                /x/a write 0 200
                /x/a write 100 200
                /x/a trim 0 50
                /x/a write 0 10
                /x/a close
                """);
        verifier = new Verifier(trace, 1);
        Pattern.fill(file, 0, 200, 1, 0);
        Pattern.fill(file, 100, 200, 2, 100);
    }

    private List<String> verify(long promise) throws IOException {
        Files.write(dir.resolve("a"), file);
        return verifier.verify(dir, Map.of("a", promise));
    }

    @Test
    @DisplayName("what is promised and there is good, and what is newer than promised too")
    void good() throws Exception {
        assertEquals(List.of(), verify(2));
        java.util.Arrays.fill(file, 0, 50, (byte) 0);
        assertEquals(List.of(), verify(2));
        assertEquals(List.of(), verify(0));
        Pattern.fill(file, 0, 10, 3, 0);
        assertEquals(List.of(), verify(3));
        assertEquals(List.of(), verifier.verifyAll(dir));
    }

    @Test
    @DisplayName("an older write, a missing trim, a wrong byte and a short file are found")
    void bad() throws Exception {
        assertEquals(1, verify(3).size(), "write 3 is missing");
        Pattern.fill(file, 0, 10, 3, 0);
        assertEquals(1, verify(3).size(), "the trim before write 3 is missing");
        Pattern.fill(file, 100, 100, 1, 100);
        assertEquals(1, verify(2).size(), "write 1 over write 2");
        Files.write(dir.resolve("a"), new byte[100]);
        assertEquals(1, verifier.verify(dir, Map.of("a", 2L)).size(), "short");
        assertEquals(1, verifier.verify(dir, Map.of("b", 1L)).size(), "no such file in the trace");
    }

    @Test
    @DisplayName("promises: the highest of each file counts, a cut last line does not, garbage is refused")
    void promises() throws Exception {
        Path journal = dir.resolve("journal");

        assertEquals(Map.of(), Verifier.promises(journal));
        Files.writeString(journal, "durable a k=7\ndurable b k=0\ndurable a k=5\ndurable a k=1");
        assertEquals(Map.of("a", 7L, "b", 0L), Verifier.promises(journal));
        Files.writeString(journal, "durable a\n");
        assertThrows(IOException.class, () -> Verifier.promises(journal));
    }
}
