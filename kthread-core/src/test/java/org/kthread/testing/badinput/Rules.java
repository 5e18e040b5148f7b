package org.kthread.testing.badinput;

import java.lang.reflect.Executable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.kthread.testing.badinput.Row.Cell;

/**
 * Which kinds of bad input a call can get, by its parameters and exceptions. A null where none is allowed, and a negative
 * duration, always come to the same: their cells need not be written down.
 */
final class Rules {
    private final Set<Class<?>> ofAKernel;

    Rules(Set<Class<?>> ofAKernel) {
        this.ofAKernel = ofAKernel;
    }

    /** The cells that are written down, and those that follow by rule. */
    List<Cell> cells(Row row, Executable call) {
        List<Cell> cells = new ArrayList<>();
        List<String> names = row.signature.parameters();
        for (int i = 0; i < names.size(); i++) {
            Class<?> type = call.getParameterTypes()[i];
            String name = names.get(i);
            if (!type.isPrimitive() && !isNullable(call, i) && !row.has(Kind.NULL, name)) {
                cells.add(new Cell(Kind.NULL, name, Expected.names(name), null));
            }
            if (type == Duration.class && !row.rows.isReport() && !row.has(Kind.NEGATIVE, name)) {
                cells.add(new Cell(Kind.NEGATIVE, name, Expected.refuses("negative"), null));
            }
        }
        cells.addAll(row.cells);
        return cells;
    }

    /** What a row lacks, or has too much. */
    List<String> faults(Row row, Executable call) {
        List<String> faults = new ArrayList<>();
        List<String> names = row.signature.parameters();
        for (int i = 0; i < names.size(); i++) {
            for (Kind kind : demanded(row, call, i)) {
                if (!row.has(kind, names.get(i))) {
                    faults.add("does not say what happens: " + names.get(i) + " " + kind);
                }
            }
        }
        Set<Kind> moments = moments(row, call);
        for (Kind kind : moments) {
            if (!row.has(kind, null) && !row.never.containsKey(kind)) {
                faults.add("does not say what happens: " + kind);
            }
        }
        for (Map.Entry<Kind, String> never : row.never.entrySet()) {
            if (!moments.contains(never.getKey()) || row.has(never.getKey(), null)) {
                faults.add("says in vain that it is never " + never);
            }
        }
        for (Cell cell : row.cells) {
            if (cell.parameter() != null && !names.contains(cell.parameter())) {
                faults.add("has a cell for " + cell.parameter() + ", which is no parameter");
            }
        }
        if (row.reading && !names.isEmpty()) {
            faults.add("has parameters, and is said to read only");
        }
        return faults;
    }

    private static Set<Kind> demanded(Row row, Executable call, int i) {
        Class<?> type = call.getParameterTypes()[i];
        Set<Kind> demanded = EnumSet.noneOf(Kind.class);
        if (!type.isPrimitive() && isNullable(call, i)) {
            demanded.add(Kind.NULL);
        }
        if (row.rows.isReport()) {
            return demanded;
        }
        if (type == String.class) {
            demanded.add(Kind.ZERO);
        } else if (type == Duration.class) {
            demanded.addAll(List.of(Kind.ZERO, Kind.OVERFLOW));
        } else if (type == int.class || type == long.class) {
            demanded.addAll(List.of(Kind.ZERO, Kind.NEGATIVE, Kind.OVERFLOW));
        }
        return demanded;
    }

    private Set<Kind> moments(Row row, Executable call) {
        Set<Kind> moments = EnumSet.noneOf(Kind.class);
        if (row.reading) {
            return moments;
        }
        moments.addAll(row.rows.demanded());
        if (List.of(call.getExceptionTypes()).contains(InterruptedException.class)) {
            moments.add(Kind.INTERRUPTED);
        }
        for (Class<?> type : call.getParameterTypes()) {
            if (ofAKernel.contains(type) && !row.rows.isValue()) {
                moments.add(Kind.KERNEL);
            }
            if (type.isInterface() && !Collection.class.isAssignableFrom(type) && !row.rows.isValue()) {
                moments.add(Kind.REENTRANT);
            }
        }
        return moments;
    }

    private static boolean isNullable(Executable call, int i) {
        return call.getAnnotatedParameterTypes()[i].isAnnotationPresent(Nullable.class);
    }
}
