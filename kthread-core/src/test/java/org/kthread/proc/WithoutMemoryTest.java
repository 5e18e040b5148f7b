package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.kthread.sys.BrokenClock;
import org.kthread.sys.KernelClock;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;
import org.kthread.testing.Rounds;

/** The heap is full; or a list says so when it is copied. */
@DisplayName("Without memory")
class WithoutMemoryTest extends KernelTest {
    private final BrokenClock clock = new BrokenClock();
    private final OutOfMemoryError planted = new OutOfMemoryError("planted");

    @Override
    protected KernelClock clock() {
        return clock;
    }

    /** The same requests, of which there is no memory for a copy. */
    private List<SuspendRequest> uncopied(List<SuspendRequest> requests) {
        return new AbstractList<>() {
            @Override
            public SuspendRequest get(int index) {
                return requests.get(index);
            }

            @Override
            public int size() {
                return requests.size();
            }

            @Override
            public Object[] toArray() {
                throw planted;
            }
        };
    }

    @Test
    @DisplayName(
            "a daemon that is interrupted while it is suspended stays suspended, and has the interrupt after resume")
    void interrupted() throws Exception {
        assertPrints("after resume, status 0", FullHeap.class);
    }

    @Test
    @DisplayName("a daemon that ends its process for want of memory ends its other threads too")
    void exitsProc() throws Exception {
        assertPrints("ended true, status 1", FullHeapExit.class);
    }

    private static void assertPrints(String line, Class<?> main) throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classpath = home(KernelClock.class) + File.pathSeparator + home(main);
        Process program = new ProcessBuilder(
                        java, "-Xmx16m", "-XX:+UseSerialGC", "-XX:-UseTLAB", "-cp", classpath, main.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(program.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(printed.contains(line), printed);
        assertEquals(0, program.waitFor());
    }

    private static Path home(Class<?> type) throws URISyntaxException {
        URI home = type.getProtectionDomain().getCodeSource().getLocation().toURI();
        return Path.of(home);
    }

    @Test
    @DisplayName("who cannot even be told that a close has failed: the others are closed")
    void closes() {
        List<String> closed = new ArrayList<>();
        Filedesc table = new Filedesc();
        table.enter(new OpenFile(() -> closed.add("first")), 9);
        table.enter(
                new OpenFile(() -> {
                    throw new IllegalStateException("planted");
                }),
                9);
        table.share().unshare(null);
        assertEquals(List.of(), closed);
        table.unshare(failure -> {
            throw planted;
        });
        assertEquals(List.of("first"), closed);
    }

    @Test
    @DisplayName("a process that cannot be created gives back what it was to have open")
    void creation() throws Exception {
        List<String> closed = new ArrayList<>();
        Container kernelOwn = kernel.proc0().container;
        int fd = kernelOwn.install(() -> closed.add("it"));
        try (Suspension hold = kernel.quiesceAll("all", LIMIT)) { // so that the clock is read
            clock.breakAfter(0);
            assertThrows(BrokenClock.Broken.class, () -> create("born", () -> {}), hold::toString);
            clock.repair();
        }
        kernelOwn.remove(fd).drop();
        assertEquals(List.of("it"), closed);
    }

    @Test
    @DisplayName("the end of a hold fails, and what it held goes on all the same; it can be closed again, and is gone")
    void endOfHold() throws Exception {
        Rounds first = new Rounds();
        Rounds second = new Rounds();
        Proc poor = create("poor", first);
        create("other", second);
        Suspension hold = kernel.quiesceAll("backup", LIMIT);
        List<SuspendRequest> requests = poor.requests;
        poor.requests = uncopied(requests);
        assertSame(planted, assertThrows(OutOfMemoryError.class, hold::close));
        first.awaitWork();
        second.awaitWork();
        poor.requests = requests;
        hold.close();
        assertEquals(List.of(), poor.requests);
    }

    @Test
    @DisplayName("a hold that a process has left open fails to end, and is told; the others that it left end")
    void leftOpen() throws Exception {
        Rounds first = new Rounds();
        Rounds second = new Rounds();
        Proc poor = create("poor", first);
        Proc other = create("other", second);
        try (LogLines log = LogLines.of("org.kthread.proc")) {
            Proc holder = create("holder", () -> {
                poor.hold("one", LIMIT);
                other.hold("two", LIMIT);
                poor.requests = uncopied(poor.requests);
            });
            awaitReaped(holder);
            assertEquals(Set.of(planted), Set.copyOf(log.thrown()));
            assertTrue(
                    log.messages().toString().contains("hold of one"),
                    () -> log.messages().toString());
        }
        first.awaitWork();
        second.awaitWork();
        poor.requests = List.of();
    }
}
