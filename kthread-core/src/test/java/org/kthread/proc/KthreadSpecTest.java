package org.kthread.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.kthread.sys.Errno;
import org.kthread.testing.KernelTest;
import org.kthread.testing.LogLines;

class KthreadSpecTest extends KernelTest {
    private static final Set<Integer> KNOWN_BITS = Set.of(2, 4, 5, 6, 17, 18);

    private static KthreadSpec spec() {
        return KthreadSpec.named("spec").main(() -> {});
    }

    @Test
    @DisplayName("the constants have the bits of rfork(2)")
    void bits() {
        assertEquals(4, KthreadSpec.RFFDG);
        assertEquals(16, KthreadSpec.RFPROC);
        assertEquals(32, KthreadSpec.RFMEM);
        assertEquals(64, KthreadSpec.RFNOWAIT);
        assertEquals(4096, KthreadSpec.RFCFDG);
        assertEquals(131_072, KthreadSpec.RFSTOPPED);
        assertEquals(262_144, KthreadSpec.RFHIGHPID);
    }

    @Test
    @DisplayName(
            "each of the 32 bits: EINVAL unless it is one of the six; nothing is allocated, the cells are untouched")
    void everyBit() {
        for (int bit = 0; bit < 32; bit++) {
            KthreadSpec spec = spec().flags(1 << bit);
            if (KNOWN_BITS.contains(bit)) {
                spec.requireValid();
                continue;
            }
            AtomicReference<Proc> cell = new AtomicReference<>();
            AtomicReference<Kthread> threadCell = new AtomicReference<>();
            KthreadSpec bad = spec.cell(cell).threadCell(threadCell);
            assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadCreate(bad));
            assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadAdd(null, bad));
            assertErrno(Errno.EINVAL, () -> kernel.kthreads().kprocKthreadAdd(cell, "p", bad));
            assertNull(cell.get());
            assertNull(threadCell.get());
        }
        assertEquals(2, kernel.kthreads().kthreadCreate(spec()).pid(), "no pid was spent");
    }

    @Test
    @DisplayName("of several bits EINVAL names those that are unknown")
    void unknownBits() {
        KthreadSpec bad = spec().flags(KthreadSpec.RFFDG | 1 << 20);
        String message = assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadCreate(bad))
                .getMessage();
        assertTrue(message.contains(" 0x100000;"), message);
    }

    @Test
    @DisplayName("it shows its name, its kind and its flags")
    void shown() {
        assertEquals(
                "KthreadSpec[spec, flags 0x4]", spec().flags(KthreadSpec.RFFDG).toString());
        assertEquals("KthreadSpec[spec, virtual, flags 0x0]", spec().virtual().toString());
    }

    @Test
    @DisplayName("EINVAL is told before the full table: it is found before anything is allocated")
    void einvalFirst() {
        kernel.proc0().table.refuseCreation("closed");
        assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadCreate(spec().flags(KthreadSpec.RFCFDG)));
        assertErrno(Errno.ESHUTDOWN, () -> kernel.kthreads().kthreadCreate(spec()));
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE})
    @DisplayName("a negative number of pages is EINVAL")
    void negativePages(int pages) {
        assertErrno(Errno.EINVAL, () -> kernel.kthreads().kthreadCreate(spec().pages(pages)));
    }

    @Test
    @DisplayName("pages make a larger stack: the wish is passed on to the JVM")
    void pages() throws Exception {
        assertTrue(depth(8192) > 2 * depth(128), "32 MiB are deeper than 512 KiB");
    }

    private int depth(int pages) throws InterruptedException {
        int[] depth = {0};
        Proc proc = kernel.kthreads()
                .kthreadCreate(KthreadSpec.named("deep%d", pages)
                        .main(() -> assertThrows(StackOverflowError.class, () -> deeper(depth)))
                        .pages(pages));
        assertTrue(proc.join(LIMIT));
        assertTrue(proc.cause().isEmpty());
        return depth[0];
    }

    @SuppressWarnings("InfiniteRecursion") // until the stack is full
    private static void deeper(int[] depth) {
        depth[0]++;
        deeper(depth);
    }

    @Test
    @DisplayName(
            "without arguments the name is literal; with them it is a format; a bad or empty one is refused at once")
    void names() {
        assertEquals("100%", KthreadSpec.named("100%").name);
        assertEquals("a1b", KthreadSpec.named("a%db", 1).name);
        assertThrows(IllegalArgumentException.class, () -> KthreadSpec.named(""));
        assertThrows(IllegalArgumentException.class, () -> KthreadSpec.named("%s", ""));
        assertThrows(IllegalArgumentException.class, () -> KthreadSpec.named(formatWithoutArgument(), 1));
    }

    private static String formatWithoutArgument() {
        return "%s%s";
    }

    @Test
    @DisplayName("without main it is refused, with what to do")
    void noMain() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> kernel.kthreads().kthreadCreate(KthreadSpec.named("nomain")));
        assertTrue(e.getMessage().contains("nomain") && e.getMessage().contains("main("), e::getMessage);
    }

    @Test
    @DisplayName("it is a value: changing it gives another one")
    void value() {
        KthreadSpec spec = spec();
        assertNotSame(spec, spec.flags(KthreadSpec.RFSTOPPED));
        assertEquals(0, spec.flags);
        spec.pages(5);
        assertEquals(0, spec.pages);
        spec.virtual();
        assertFalse(spec.virtual);
        assertTrue(spec.virtual().flags(1).pages(2).main(() -> {}).virtual);
    }

    @Test
    @DisplayName("virtual where that keeps a carrier: who asks first is told, and nobody else, also if it is refused")
    void pinning() {
        kernel.kthreads().pinningToTell = true;
        try (LogLines log = LogLines.of("org.kthread.proc")) {
            kernel.kthreads().kthreadCreate(spec());
            assertEquals(List.of(), log.messages());
            for (int i = 0; i < 2; i++) {
                assertErrno(
                        Errno.EINVAL,
                        () -> kernel.kthreads().kthreadCreate(spec().virtual().flags(KthreadSpec.RFCFDG)));
                assertEquals(1, log.messages().size());
            }
        }
    }

    @Test
    @DisplayName("virtual on a JVM that has none is refused clearly, before anything is allocated")
    @EnabledForJreRange(max = JRE.JAVA_20)
    void noVirtual() {
        UnsupportedOperationException e = assertThrows(
                UnsupportedOperationException.class, () -> kernel.kthreads().kthreadCreate(spec().virtual()));
        assertTrue(e.getMessage().contains("JDK 21"), e::getMessage);
        assertEquals(2, kernel.kthreads().kthreadCreate(spec()).pid(), "no pid was spent");
    }

    @Test
    @DisplayName("virtual on a JVM that has them: the host thread is virtual, has the name, and inherits nothing")
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtual() throws Exception {
        AtomicReference<Thread> host = new AtomicReference<>();
        AtomicReference<ClassLoader> loader = new AtomicReference<>();
        AtomicReference<String> inherited = new AtomicReference<>("unset");
        InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        Thread.currentThread().setContextClassLoader(new ClassLoader(before) {});
        local.set("of the creator");
        try {
            Proc proc = kernel.kthreads()
                    .kthreadCreate(KthreadSpec.named("vthread")
                            .main(() -> {
                                host.set(Thread.currentThread());
                                loader.set(Thread.currentThread().getContextClassLoader());
                                inherited.set(local.get());
                            })
                            .virtual());
            assertTrue(proc.join(LIMIT));
        } finally {
            Thread.currentThread().setContextClassLoader(before);
            local.remove();
        }
        assertTrue((boolean) Thread.class.getMethod("isVirtual").invoke(host.get()));
        assertEquals("vthread", host.get().getName());
        assertSame(ClassLoader.getSystemClassLoader(), loader.get());
        assertNull(inherited.get());
    }
}
