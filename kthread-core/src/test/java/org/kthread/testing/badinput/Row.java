package org.kthread.testing.badinput;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One method of the API, and what comes of each kind of bad input. */
public final class Row {
    /** Makes the call in a way of its own. */
    public interface Code {
        @Nullable
        Object run(World world) throws Exception;
    }

    /** Makes an argument. */
    public interface Sample {
        @Nullable
        Object in(World world) throws Exception;
    }

    /** Makes good arguments by their type. */
    public interface Samples {
        @Nullable
        Object sample(Class<?> type, World world) throws Exception;
    }

    /** One kind of bad input; of an argument, or else of the moment. */
    record Cell(
            Kind kind,
            @Nullable String parameter,
            Expected expected,
            @Nullable Code code) {
        String title() {
            return (parameter == null ? "" : parameter + " ") + kind + " -> " + expected;
        }
    }

    final Rows rows;
    final Signature signature;
    final boolean reading;
    final List<Cell> cells = new ArrayList<>();
    final Map<Kind, String> never = new EnumMap<>(Kind.class);
    final Map<String, Sample> samples = new HashMap<>();

    Row(Rows rows, String signature, boolean reading) {
        this.rows = rows;
        this.signature = Signature.parse(signature);
        this.reading = reading;
    }

    /** What comes of a bad argument. */
    public Row with(Kind kind, String parameter, Expected expected) {
        if (!kind.isOfArgument()) {
            throw new IllegalArgumentException(kind + " is no kind of argument");
        }
        cells.add(new Cell(kind, parameter, expected, null));
        return this;
    }

    /** What comes of a bad argument, in a call made like this. */
    public Row with(Kind kind, String parameter, Expected expected, Code code) {
        cells.add(new Cell(kind, parameter, expected, code));
        return this;
    }

    /** Any number is good. */
    public Row any(String... parameters) {
        for (String parameter : parameters) {
            for (Kind kind : List.of(Kind.ZERO, Kind.NEGATIVE, Kind.OVERFLOW)) {
                with(kind, parameter, Expected.returns());
            }
        }
        return this;
    }

    /** What comes of a call with good arguments at a bad moment, which is arranged for it. */
    public Row when(Kind kind, Expected expected) {
        cells.add(new Cell(kind, null, expected, null));
        return this;
    }

    /** What comes of a call made like this. */
    public Row when(Kind kind, Expected expected, Code code) {
        cells.add(new Cell(kind, null, expected, code));
        return this;
    }

    /** At neither of these moments is anything wrong with a call. */
    public Row returnsWhen(Kind... kinds) {
        for (Kind kind : kinds) {
            when(kind, Expected.returns());
        }
        return this;
    }

    /** Cannot happen to this method. */
    public Row never(Kind kind, String why) {
        never.put(kind, why);
        return this;
    }

    /** A good argument, where the usual one of its type will not do. */
    public Row sample(String parameter, Sample good) {
        samples.put(parameter, good);
        return this;
    }

    boolean has(Kind kind, @Nullable String parameter) {
        return cells.stream()
                .anyMatch(cell -> cell.kind == kind && (parameter == null || parameter.equals(cell.parameter)));
    }
}
