package org.kthread.badinput;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.interrupted;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;
import static org.kthread.testing.badinput.Expected.waits;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.kthread.proc.Proc;
import org.kthread.sys.Action;
import org.kthread.testing.badinput.Expected;
import org.kthread.testing.badinput.GoodArguments;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

@DisplayName("The table of bad input can fail")
class TableTest {
    /** An API with faults. */
    public static final class Toy {
        public static final Toy ONE = new Toy();

        private Toy() {}

        public void sleep(Duration timo) throws InterruptedException {
            long nanos = timo.toNanos();
            if (nanos != 1) {
                throw new InterruptedException(nanos + " ns");
            }
        }

        public String name(@Nullable String of) {
            return "toy of " + of;
        }

        public void adopt(Proc proc, Action then) throws Exception {
            then.run();
        }

        public void eat() {
            if (Thread.interrupted()) {
                return;
            }
            throw new IllegalStateException("hungry");
        }
    }

    private final Table table = new Table(Set.of(Proc.class));
    private final Rows rows = table.of(Toy.class, world -> Toy.ONE);
    private final Row sleep = rows.call("sleep(Duration timo)");
    private final Row name = rows.call("name(String of)");

    private List<String> faults() {
        return table.faults(List.of(Toy.class));
    }

    private void restComplete() {
        name.with(Kind.NULL, "of", gives("toy of null")).with(Kind.ZERO, "of", gives("toy of "));
        rows.call("adopt(Proc proc, Action then)").returnsWhen(Kind.KERNEL, Kind.REENTRANT);
        rows.call("eat()");
    }

    private void sleepComplete() {
        sleep.with(Kind.ZERO, "timo", interrupted())
                .with(Kind.OVERFLOW, "timo", interrupted())
                .when(Kind.INTERRUPTED, interrupted());
    }

    @Test
    @DisplayName("not if all is there")
    void complete() {
        sleepComplete();
        restComplete();
        assertEquals(List.of(), faults());
    }

    @Test
    @DisplayName("if a method is missing")
    void missing() {
        sleepComplete();
        name.with(Kind.NULL, "of", gives("toy of null")).with(Kind.ZERO, "of", gives("toy of "));
        rows.call("eat()");
        assertEquals(List.of("Toy.adopt(Proc, Action) has 0 rows"), faults());
    }

    @Test
    @DisplayName("if a method is there twice")
    void twice() {
        sleepComplete();
        restComplete();
        rows.call("eat()");
        assertEquals(List.of("Toy.eat() has 2 rows"), faults());
    }

    @Test
    @DisplayName("if a row is of no method, or of no type of the API")
    void stale() {
        sleepComplete();
        restComplete();
        rows.call("drink()");
        rows.call("eat(int times)");
        table.of(String.class, world -> "").call("length()");
        assertEquals(
                List.of(
                        "Toy.drink() is stale: there is no such call",
                        "Toy.eat(int times) is stale: there is no such call",
                        "String.length() is stale: there is no such call"),
                faults());
    }

    @Test
    @DisplayName("if a kind is missing that follows from a parameter")
    void missingArgument() {
        restComplete();
        sleep.with(Kind.ZERO, "timo", interrupted()).when(Kind.INTERRUPTED, interrupted());
        assertEquals(List.of("Toy.sleep(Duration timo) does not say what happens: timo OVERFLOW"), faults());
    }

    @Test
    @DisplayName("if a kind is missing that follows from an exception, from a callback, or from what is of a kernel")
    void missingMoment() {
        name.with(Kind.NULL, "of", returns()).with(Kind.ZERO, "of", returns());
        sleep.with(Kind.ZERO, "timo", interrupted()).with(Kind.OVERFLOW, "timo", interrupted());
        rows.call("adopt(Proc proc, Action then)");
        rows.call("eat()");
        assertEquals(
                List.of(
                        "Toy.sleep(Duration timo) does not say what happens: INTERRUPTED",
                        "Toy.adopt(Proc proc, Action then) does not say what happens: KERNEL",
                        "Toy.adopt(Proc proc, Action then) does not say what happens: REENTRANT"),
                faults());
    }

    @Test
    @DisplayName("if a kind is missing that the type demands")
    void missingDemanded() {
        sleepComplete();
        restComplete();
        rows.demand(Kind.CLOSED);
        assertEquals(4, faults().size(), () -> faults().toString());
        assertTrue(faults().contains("Toy.eat() does not say what happens: CLOSED"));
    }

    @Test
    @DisplayName("if a cell is of no parameter, or a kind is excused that nobody demands")
    void vain() {
        sleepComplete();
        restComplete();
        sleep.with(Kind.ZERO, "time", returns()).never(Kind.CLOSED, "it has no kernel");
        assertEquals(
                List.of(
                        "Toy.sleep(Duration timo) says in vain that it is never CLOSED=it has no kernel",
                        "Toy.sleep(Duration timo) has a cell for time, which is no parameter"),
                faults());
    }

    @Test
    @DisplayName("if a null is refused without a name, and a negative time is not refused")
    void untrueByRule() {
        assertUntrue("timo NULL -> NullPointerException: timo", "expected: NullPointerException: timo, but it threw");
        assertUntrue("timo NEGATIVE -> IllegalArgumentException", "but it threw java.lang.InterruptedException: -1 ns");
    }

    @Test
    @DisplayName("if a time beyond nanoseconds fails in another way than is said")
    void untrueOverflow() {
        sleep.with(Kind.OVERFLOW, "timo", interrupted());
        assertUntrue("timo OVERFLOW", "java.lang.ArithmeticException: long overflow");
    }

    @Test
    @DisplayName("if an interrupt is eaten")
    void untrueInterrupt() {
        rows.call("eat()").when(Kind.INTERRUPTED, returns());
        assertUntrue("eat(): INTERRUPTED", "the interrupt was eaten");
    }

    @Test
    @DisplayName("if a result, a message or a wait is not what is said")
    void untrueOutcome() {
        assertUntrueName(gives("boy"), "expected: gives boy, but it gave toy of null");
        assertUntrueName(refuses("null"), "expected: IllegalArgumentException: ...null..., but it gave toy");
        assertUntrueName(waits(), "expected: waits without limit, but it gave toy of null");
    }

    private void assertUntrueName(Expected expected, String wrong) {
        name.with(Kind.NULL, "of", expected);
        assertUntrue("of NULL -> " + expected, wrong);
    }

    /** One cell of the table fails like this. */
    private void assertUntrue(String cell, String wrong) {
        DynamicTest test = table.tests(new GoodArguments())
                .map(DynamicTest.class::cast)
                .filter(each -> each.getDisplayName().contains(cell))
                .findFirst()
                .orElseThrow();
        AssertionError e = assertThrows(AssertionError.class, test.getExecutable());
        assertTrue(String.valueOf(e.getMessage()).contains(wrong), e::getMessage);
    }
}
