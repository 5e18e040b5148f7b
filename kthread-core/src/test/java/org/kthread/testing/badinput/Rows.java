package org.kthread.testing.badinput;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The rows of one type. */
public final class Rows {
    final Class<?> type;
    final Row.@Nullable Sample receiver;
    final List<Row> all = new ArrayList<>();
    private final Set<Kind> demanded = EnumSet.noneOf(Kind.class);
    private boolean onDaemon;
    private boolean value;
    private boolean report;

    Rows(Class<?> type, Row.@Nullable Sample receiver) {
        this.type = type;
        this.receiver = receiver;
    }

    /** Every call of this type has a cell for these, beside those that follow from its parameters and exceptions. */
    public Rows demand(Kind... kinds) {
        demanded.addAll(List.of(kinds));
        return this;
    }

    /** The calls are a kernel thread's: all but {@link Kind#THREAD} are made on one, and that one elsewhere. */
    public Rows onKernelThread() {
        onDaemon = true;
        return this;
    }

    /** A value: its calls keep what they are given, and call nothing of it. */
    public Rows value() {
        value = true;
        return this;
    }

    /** A value that the library makes, to tell what happened: of what it is made of, only nulls are refused. */
    public Rows report() {
        value = true;
        report = true;
        return this;
    }

    /** Calls without parameters that give what they know, at any moment, on any thread. */
    public Rows reads(String... signatures) {
        for (String signature : signatures) {
            Row row = new Row(this, signature, true);
            row.returnsWhen(Kind.INTERRUPTED);
            if (demanded.contains(Kind.CLOSED)) {
                row.returnsWhen(Kind.CLOSED, Kind.SHUTDOWN, Kind.KERNEL);
            }
            all.add(row);
        }
        return this;
    }

    /** A call: {@code name(Type parameter, ...)}, or {@code new Name(...)}. */
    public Row call(String signature) {
        Row row = new Row(this, signature, false);
        all.add(row);
        return row;
    }

    Set<Kind> demanded() {
        return demanded;
    }

    boolean isValue() {
        return value;
    }

    boolean isReport() {
        return report;
    }

    boolean isOnDaemon() {
        return onDaemon;
    }
}
