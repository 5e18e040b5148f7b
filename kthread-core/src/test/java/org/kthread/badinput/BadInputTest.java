package org.kthread.badinput;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.kthread.Kernel;
import org.kthread.proc.Container;
import org.kthread.proc.HostThreads;
import org.kthread.proc.Kthread;
import org.kthread.proc.Lwp;
import org.kthread.proc.Lwproc;
import org.kthread.proc.OpenFile;
import org.kthread.proc.Proc;
import org.kthread.proc.ProcTable;
import org.kthread.proc.Pwd;
import org.kthread.proc.StopRecord;
import org.kthread.shutdown.ShutdownSequence;
import org.kthread.sys.CurrentThread;
import org.kthread.sys.Sleeper;
import org.kthread.testing.badinput.Api;
import org.kthread.testing.badinput.GoodArguments;
import org.kthread.testing.badinput.Table;

@DisplayName("Bad input: what comes of it, method by method")
class BadInputTest {
    /** Public for other packages of the library only; their Javadoc calls them wiring. */
    private static final Set<Class<?>> WIRING = Set.of(
            ProcTable.class,
            Container.class,
            Lwproc.class,
            OpenFile.class,
            HostThreads.class,
            Pwd.class,
            StopRecord.class,
            ShutdownSequence.class,
            CurrentThread.class,
            Sleeper.class,
            Sleeper.Bearer.class);

    private static Table table() {
        Table table = new Table(Set.of(Proc.class, Kthread.class, Lwp.class));
        KernelRows.in(table);
        SysRows.in(table);
        SleepRows.in(table);
        EventRows.in(table);
        CreateRows.in(table);
        ProcRows.in(table);
        ShutdownRows.in(table);
        ReportRows.in(table);
        LwpRows.in(table);
        SyscallRows.in(table);
        return table;
    }

    @Test
    @DisplayName("each public method is in the table, with every kind that can happen to it")
    void complete() throws IOException {
        Table table = table();
        assertEquals(List.of(), table.faults(Api.of(Kernel.class, WIRING)));
        Files.writeString(Path.of("target", "bad-input.txt"), table.toString());
    }

    @Test
    @DisplayName("no method gives a program what is wiring, but for the sleeper of a thread")
    void wiring() throws IOException {
        assertEquals(
                List.of("Kthread.sleeper()"),
                Api.of(Kernel.class, WIRING).stream()
                        .flatMap(type -> Api.giving(type, WIRING))
                        .toList());
    }

    @TestFactory
    @DisplayName("each cell of the table is true")
    Stream<DynamicNode> cells() {
        return table().tests(new GoodArguments());
    }
}
