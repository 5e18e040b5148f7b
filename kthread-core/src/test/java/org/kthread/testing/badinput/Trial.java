package org.kthread.testing.badinput;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.kthread.testing.Caller;
import org.kthread.testing.badinput.Row.Cell;

/** One cell, run: in a world of its own for each bad value. */
final class Trial {
    private static final Duration BEYOND_NANOS = Duration.ofDays(365L * 300);

    private final Row row;
    private final Executable call;
    private final Cell cell;
    private final Row.Samples samples;

    Trial(Row row, Executable call, Cell cell, Row.Samples samples) {
        this.row = row;
        this.call = call;
        this.cell = cell;
        this.samples = samples;
    }

    void run() throws Exception {
        int place = row.signature.parameters().indexOf(cell.parameter());
        if (place < 0) {
            run(-1, null, cell.expected());
            return;
        }
        Class<?> type = call.getParameterTypes()[place];
        for (Object bad : values(type)) {
            run(place, bad, cell.expected());
        }
        if (cell.kind() == Kind.NULL
                && type != Object[].class
                && (type.isArray() || Collection.class.isAssignableFrom(type))) {
            Object holding =
                    type.isArray() ? Array.newInstance(type.getComponentType(), 1) : Arrays.asList((Object) null);
            run(place, holding, Expected.fails(NullPointerException.class, ""));
        }
    }

    private void run(int place, @Nullable Object bad, Expected expected) throws Exception {
        try (World world = new World(samples)) {
            Callable<@Nullable Object> made = make(world, place, bad);
            world.arrange(cell.kind(), cell.code() != null);
            boolean interrupted = cell.kind() == Kind.INTERRUPTED;
            Callable<Outcome> trial = () -> Outcome.of(interrupted, made);
            Outcome outcome = expected.isWaiting()
                    ? endWaiting(Caller.start("waiting", trial))
                    : place(world)
                            ? world.onDaemon(trial)
                            : Caller.start("calling", trial).result();
            String wrong = expected.wrong(cell.kind(), outcome);
            if (!wrong.isEmpty()) {
                AssertionError e = new AssertionError((place < 0 ? "" : "given " + bad + ": ") + wrong);
                e.initCause(outcome.thrown());
                throw e;
            }
        }
    }

    private static Outcome endWaiting(Caller<Outcome> caller) throws Exception {
        Caller.eventually(() -> caller.thread().getState() == Thread.State.WAITING || !caller.isAlive());
        if (!caller.isAlive()) {
            throw new AssertionError("expected: waits without limit, but " + caller.result());
        }
        caller.interrupt();
        return caller.result();
    }

    /** Whether the call is made on a daemon of the world. */
    private boolean place(World world) {
        if (row.rows.isOnDaemon()) {
            return cell.kind() != Kind.THREAD && cell.kind() != Kind.STATE;
        }
        return cell.kind() == Kind.THREAD || (cell.kind() == Kind.KERNEL && !world.hasForeign());
    }

    /** Receiver and arguments are made now; the call is made later. */
    private Callable<@Nullable Object> make(World world, int place, @Nullable Object bad) throws Exception {
        Row.Code code = cell.code();
        if (code != null) {
            world.kernel();
            return () -> code.run(world);
        }
        Object receiver = row.rows.receiver == null ? null : row.rows.receiver.in(world);
        List<@Nullable Object> arguments = new ArrayList<>();
        for (int i = 0; i < row.signature.parameters().size(); i++) {
            Row.Sample own = row.samples.get(row.signature.parameters().get(i));
            Class<?> type = call.getParameterTypes()[i];
            Object good =
                    i == place ? bad : own != null ? own.in(world) : world.sample(type, cell.kind() == Kind.KERNEL);
            arguments.add(good);
        }
        return () -> call instanceof Constructor<?> constructor
                ? constructor.newInstance(arguments.toArray())
                : ((Method) call).invoke(receiver, arguments.toArray());
    }

    private List<@Nullable Object> values(Class<?> type) {
        return switch (cell.kind()) {
            case NULL -> Arrays.asList((Object) null);
            case ZERO ->
                List.of(
                        type == Duration.class
                                ? Duration.ZERO
                                : type == String.class ? "" : type == int.class ? 0 : (Object) 0L);
            case NEGATIVE ->
                type == Duration.class
                        ? List.of(Duration.ofNanos(-1), Duration.ofSeconds(Long.MIN_VALUE))
                        : type == int.class ? List.of(-1, Integer.MIN_VALUE) : List.of(-1L, Long.MIN_VALUE);
            case OVERFLOW ->
                type == Duration.class
                        ? List.of(BEYOND_NANOS, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999))
                        : List.of(type == int.class ? Integer.MAX_VALUE : (Object) Long.MAX_VALUE);
            default -> throw new AssertionError(cell.kind());
        };
    }
}
