package org.kthread.sysinit.badinput;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.kthread.proc.Proc;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.Key;
import org.kthread.sysinit.Sysinit;
import org.kthread.testing.badinput.Api;
import org.kthread.testing.badinput.GoodArguments;
import org.kthread.testing.badinput.Row;
import org.kthread.testing.badinput.Table;
import org.kthread.testing.badinput.World;

@DisplayName("Bad input to a boot: what comes of it, method by method")
class BadInputTest {
    private static final Row.Samples COMMON = new GoodArguments();

    private static Table table() {
        Table table = new Table(Set.of(Proc.class));
        BootRows.in(table);
        StepRows.in(table);
        return table;
    }

    private static @Nullable Object good(Class<?> type, World world) throws Exception {
        if (type == Supplier.class) {
            return (Supplier<Boot>) () -> Boot.of(world.kernel());
        } else if (type == Key.class) {
            return new Key(1, 1);
        } else if (type == Sysinit[].class) {
            return new Sysinit[0];
        } else if (type == Collection.class) {
            return List.of();
        } else if (type == BootReport.Result.class) {
            return BootReport.Result.DONE;
        }
        return COMMON.sample(type, world);
    }

    @Test
    @DisplayName("each public method is in the table, with every kind that can happen to it")
    void complete() throws IOException {
        Table table = table();
        assertEquals(List.of(), table.faults(Api.of(Boot.class, Set.of())));
        Files.writeString(Path.of("target", "bad-input.txt"), table.toString());
    }

    @TestFactory
    @DisplayName("each cell of the table is true")
    Stream<DynamicNode> cells() {
        return table().tests(BadInputTest::good);
    }
}
