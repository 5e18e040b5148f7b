package org.kthread.testing.badinput;

import java.lang.reflect.Executable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/**
 * A table of the public API: for each method what comes of each kind of bad input. The table is executable: each cell is a
 * test. {@link #faults} walks the API, and finds what the table lacks, and what of it is stale.
 *
 * <pre>{@code
 * Rows proc = table.of(Proc.class, World::daemon).demand(Kind.CLOSED);
 * proc.reads("pid()");
 * proc.call("suspend(Duration timo)")
 *         .with(Kind.ZERO, "timo", gives("TIMED_OUT"))
 *         .with(Kind.OVERFLOW, "timo", gives("SUSPENDED"))
 *         .when(Kind.INTERRUPTED, interrupted())
 *         .when(Kind.CLOSED, gives("EXITED"));
 * }</pre>
 */
public final class Table {
    private final Rules rules;
    private final List<Rows> all = new ArrayList<>();

    /** With what belongs to one kernel, and so may be of the wrong one. */
    public Table(Set<Class<?>> ofAKernel) {
        this.rules = new Rules(ofAKernel);
    }

    /** The rows of a type's constructors and static methods. */
    public Rows of(Class<?> type) {
        return of(type, null);
    }

    /** The rows of a type, and an object to call. */
    public Rows of(Class<?> type, Row.Sample receiver) {
        Rows rows = new Rows(type, receiver);
        all.add(rows);
        return rows;
    }

    /** What is wrong with the table, as a table of these types; empty: nothing. */
    public List<String> faults(List<Class<?>> api) {
        List<String> faults = new ArrayList<>();
        for (Class<?> type : api) {
            for (Executable call : Api.calls(type)) {
                long rows =
                        rowsOf(type).filter(row -> row.signature.matches(call)).count();
                if (rows != 1) {
                    faults.add(type.getSimpleName() + "." + Signature.of(call) + " has " + rows + " rows");
                }
            }
        }
        for (Rows rows : all) {
            for (Row row : rows.all) {
                Optional<Executable> call = api.contains(rows.type) ? callOf(row) : Optional.empty();
                if (call.isEmpty()) {
                    faults.add(title(row) + " is stale: there is no such call");
                } else {
                    rules.faults(row, call.get()).forEach(fault -> faults.add(title(row) + " " + fault));
                }
            }
        }
        return faults;
    }

    /** Each cell as a test. */
    public Stream<DynamicNode> tests(Row.Samples samples) {
        return all.stream()
                .flatMap(rows -> rows.all.stream())
                .filter(row -> callOf(row).isPresent())
                .flatMap(row -> rules.cells(row, callOf(row).get()).stream()
                        .map(cell -> DynamicTest.dynamicTest(
                                title(row) + ": " + cell.title(),
                                () -> new Trial(row, callOf(row).get(), cell, samples).run())));
    }

    private Stream<Row> rowsOf(Class<?> type) {
        return all.stream().filter(rows -> rows.type == type).flatMap(rows -> rows.all.stream());
    }

    private static Optional<Executable> callOf(Row row) {
        return Api.calls(row.rows.type).stream().filter(row.signature::matches).findFirst();
    }

    private static String title(Row row) {
        return row.rows.type.getSimpleName() + "." + row.signature;
    }

    /** The table, to read: a line for each cell. */
    @Override
    public String toString() {
        return all.stream()
                .flatMap(rows -> rows.all.stream())
                .flatMap(row -> callOf(row).stream()
                        .flatMap(call -> rules.cells(row, call).stream())
                        .map(cell -> title(row) + ": " + cell.title()))
                .collect(Collectors.joining("\n"));
    }
}
