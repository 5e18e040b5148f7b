package org.kthread.sysinit.man;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.kthread.sysinit.Order.SI_ORDER_ANY;
import static org.kthread.sysinit.Order.SI_ORDER_FIRST;
import static org.kthread.sysinit.Order.SI_ORDER_MIDDLE;
import static org.kthread.sysinit.Order.SI_ORDER_SECOND;
import static org.kthread.sysinit.Order.SI_ORDER_THIRD;
import static org.kthread.sysinit.Subsystem.SI_SUB_CREATE_INIT;
import static org.kthread.sysinit.Subsystem.SI_SUB_DONE;
import static org.kthread.sysinit.Subsystem.SI_SUB_DUMMY;
import static org.kthread.sysinit.Subsystem.SI_SUB_KLD;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_BUF;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_INIT;
import static org.kthread.sysinit.Subsystem.SI_SUB_KTHREAD_UPDATE;
import static org.kthread.sysinit.Subsystem.SI_SUB_LAST;
import static org.kthread.sysinit.Subsystem.SI_SUB_TUNABLES;
import static org.kthread.sysinit.Subsystem.SI_SUB_VFS;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.kthread.KernelConfig;
import org.kthread.proc.KprocDesc;
import org.kthread.proc.Proc;
import org.kthread.shutdown.Howto;
import org.kthread.sys.KernelPanic;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.KprocStart;
import org.kthread.sysinit.Machine;
import org.kthread.sysinit.NoThreadLeft;
import org.kthread.sysinit.Order;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;

/** The sentences of SYSINIT(9), and of what mi_startup does beyond it. */
@ExtendWith(NoThreadLeft.class)
class Sysinit9Test {

    private final Machine machine = new Machine();
    private final List<String> history = machine.history;
    private final Boot boot = Boot.of(machine.kernel);

    @AfterEach
    void close() {
        machine.close();
    }

    private Sysinit step(String name, int subsystem, int order) {
        return machine.noted(name, subsystem, order);
    }

    @Nested
    @DisplayName("SYSINIT")
    class Mechanism {

        @Test
        @DisplayName("a step runs at boot, once, on the thread that boots")
        void runs() throws Exception {
            Thread[] thread = new Thread[1];
            BootReport report = boot.add(Sysinit.of("step", SI_SUB_VFS, SI_ORDER_FIRST, () -> {
                        history.add("step");
                        thread[0] = Thread.currentThread();
                    }))
                    .run();
            assertEquals(List.of("step"), history);
            assertSame(Thread.currentThread(), thread[0]);
            assertEquals("step", report.steps().get(0).name());
            assertEquals(BootReport.Result.DONE, report.steps().get(0).result());
            assertEquals(Thread.currentThread().getName(), report.steps().get(0).thread());
            assertThrows(IllegalStateException.class, boot::run);
        }

        @Test
        @DisplayName("steps run ascending by subsystem, and by order within a subsystem")
        void ascending() throws Exception {
            boot.add(
                            step("last", SI_SUB_LAST, SI_ORDER_ANY),
                            step("vfs any", SI_SUB_VFS, SI_ORDER_ANY),
                            step("tunables", SI_SUB_TUNABLES, SI_ORDER_MIDDLE),
                            step("vfs first", SI_SUB_VFS, SI_ORDER_FIRST))
                    .run();
            assertEquals(List.of("tunables", "vfs first", "vfs any", "last"), history);
        }

        @Test
        @DisplayName("I1: equal keys run in the order in which they were added: (2,a) (2,b) (1,c) gives c, a, b")
        void stable() throws Exception {
            boot.add(step("a", 2, 0), step("b", 2, 0), step("c", 1, 0)).run();
            assertEquals(List.of("c", "a", "b"), history);
        }

        @Test
        @DisplayName("values are plain integers: arithmetic on them, and every int, is accepted")
        void arithmetic() throws Exception {
            boot.add(
                            step("highest", Integer.MAX_VALUE, Integer.MAX_VALUE),
                            step("any-128", SI_SUB_VFS, SI_ORDER_ANY - 128),
                            step("third+1", SI_SUB_VFS, SI_ORDER_THIRD + 1),
                            step("third", SI_SUB_VFS, SI_ORDER_THIRD),
                            step("init-100", SI_SUB_KTHREAD_INIT - 100, SI_ORDER_FIRST),
                            step("init", SI_SUB_KTHREAD_INIT, SI_ORDER_FIRST),
                            step("kld-1", SI_SUB_KLD - 1, SI_ORDER_ANY),
                            step("kld", SI_SUB_KLD, SI_ORDER_FIRST),
                            step("lowest", Integer.MIN_VALUE, Integer.MIN_VALUE))
                    .run();
            assertEquals(
                    List.of("lowest", "kld-1", "kld", "third", "third+1", "any-128", "init-100", "init", "highest"),
                    history);
        }

        @Test
        @DisplayName("I3: DUMMY steps are skipped; DONE is a subsystem like any other")
        void dummy() throws Exception {
            BootReport report = boot.add(
                            step("dummy", SI_SUB_DUMMY, SI_ORDER_FIRST), step("done", SI_SUB_DONE, SI_ORDER_FIRST))
                    .run();
            assertEquals(List.of("done"), history);
            assertEquals(1, report.steps().size());
            assertEquals(1, report.known());
        }

        @Test
        @DisplayName("I3: a DUMMY step is a name to require: who requires it waits for what it waits for, and runs")
        void dummyRequired() throws Exception {
            boot.add(
                            step("nfs", 1, 0).requires("net"),
                            step("net", SI_SUB_DUMMY, SI_ORDER_FIRST).requires("eth"),
                            step("eth", 2, 0))
                    .run();
            assertEquals(List.of("eth", "nfs"), history);
        }

        @Test
        @DisplayName("a failing step is no panic: the boot fails, names it, and is undone")
        void failure() {
            boot.add(
                    step("a", 1, 0),
                    Sysinit.of("b", 2, 0, () -> {
                        throw new IllegalStateException("no disk");
                    }),
                    step("c", 3, 0));
            BootException e = assertThrows(BootException.class, boot::run);
            assertEquals(
                    "boot step \"b\" (0x2/FIRST), 2 of 3, failed: java.lang.IllegalStateException: no disk",
                    e.getMessage());
            assertEquals(List.of("a", "undo a"), history);
        }
    }

    @Nested
    @DisplayName("sysinit_add")
    class Add {

        @Test
        @DisplayName(
                "I2: added while booting: an earlier key runs next, an equal one after those there, a later one in place")
        void added() throws Exception {
            Sysinit adder = Sysinit.of("adder", 10, 5, () -> {
                history.add("adder");
                boot.add(step("later", 10, 9), step("equal", 10, 7), step("earlier", 3, 0));
                boot.add(step("same", 10, 5), step("earliest", 2, 0));
                history.add("adder ends");
            });
            boot.add(adder, step("next", 10, 5), step("seven", 10, 7), step("eight", 10, 8), step("last", 11, 0))
                    .run();
            assertEquals(
                    List.of(
                            "adder",
                            "adder ends",
                            "earliest",
                            "earlier",
                            "next",
                            "same",
                            "seven",
                            "equal",
                            "eight",
                            "later",
                            "last"),
                    history);
        }

        @Test
        @DisplayName("modules found at KLD: records with an earlier subsystem run after KLD, right away")
        void modules() throws Exception {
            boot.add(
                            Sysinit.of(
                                    "kld",
                                    SI_SUB_KLD,
                                    SI_ORDER_FIRST,
                                    () -> boot.add(
                                            step("module late", SI_SUB_VFS, SI_ORDER_ANY),
                                            step("module early", SI_SUB_TUNABLES, SI_ORDER_FIRST))),
                            step("init", SI_SUB_CREATE_INIT, SI_ORDER_FIRST),
                            step("vfs", SI_SUB_VFS, SI_ORDER_ANY))
                    .run();
            assertEquals(List.of("module early", "init", "vfs", "module late"), history);
        }

        @Test
        @DisplayName("only a step of the boot may add, on its thread, and not when the boot is over")
        void notByOthers() throws Exception {
            AtomicReference<@Nullable Throwable> refusal = new AtomicReference<>();
            boot.add(Sysinit.of("step", 1, 0, () -> {
                        Thread other = new Thread(() -> {
                            try {
                                boot.add(step("x", 1, 0));
                            } catch (IllegalStateException e) {
                                refusal.set(e);
                            }
                        });
                        other.start();
                        other.join();
                    }))
                    .run();
            assertInstanceOf(IllegalStateException.class, refusal.get());
            assertThrows(IllegalStateException.class, () -> boot.add(step("x", 1, 0)));
            assertEquals(List.of(), history);
        }
    }

    @Nested
    @DisplayName("SYSUNINIT")
    class Undo {

        @Test
        @DisplayName("I4: runs only at the end, here the shutdown, in reverse of what really ran")
        void descending() throws Exception {
            boot.add(
                            step("third", 3, 0),
                            step("first", 1, 0).requires("second"),
                            Sysinit.of("second", 2, 0, () -> {
                                        history.add("second");
                                        boot.add(step("added", 1, 5));
                                    })
                                    .undo(() -> history.add("undo second")))
                    .run();
            assertEquals(List.of("second", "first", "added", "third"), history);
            history.clear();
            machine.kernel.reboot(Howto.HALT);
            assertEquals(List.of("undo third", "undo added", "undo first", "undo second"), history);
        }

        @Test
        @DisplayName("a boot may be told to leave everything as it is at shutdown, as the kernel does")
        void notWanted() throws Exception {
            boot.add(step("step", 1, 0)).withoutUndoAtShutdown().run();
            machine.kernel.reboot(Howto.HALT);
            assertEquals(List.of("step"), history);
        }
    }

    @Nested
    @DisplayName("SYSINIT(name, subsystem, order, kproc_start, &desc)")
    class Daemons {

        @Test
        @DisplayName("starts the daemon of the description, and fills its cell; the step has the daemon's name")
        void kprocStart() throws Exception {
            AtomicReference<@Nullable Proc> bufdaemonproc = new AtomicReference<>();
            BootReport report = boot.add(KprocStart.sysinit(
                            SI_SUB_KTHREAD_BUF,
                            SI_ORDER_FIRST,
                            new KprocDesc("bufdaemon", machine.sleeper(), bufdaemonproc)))
                    .run();
            Proc proc = bufdaemonproc.get();
            assertEquals("bufdaemon", proc.comm());
            assertEquals("bufdaemon", report.steps().get(0).name());
            assertEquals("KTHREAD_BUF/FIRST", report.steps().get(0).key().toString());
            assertEquals(
                    List.of("bufdaemon[" + proc.pid() + "]"),
                    report.steps().get(0).processes());
            assertEquals(List.of("bufdaemon"), machine.processes());
        }

        @Test
        @DisplayName("syncer and vnlru tie at KTHREAD_UPDATE/FIRST: they start in the order in which they were added")
        void tie() throws Exception {
            BootReport report = boot.add(
                            KprocStart.sysinit(
                                    SI_SUB_KTHREAD_UPDATE, SI_ORDER_FIRST, new KprocDesc("syncer", machine.sleeper())),
                            KprocStart.sysinit(
                                    SI_SUB_KTHREAD_UPDATE, SI_ORDER_FIRST, new KprocDesc("vnlru", machine.sleeper())),
                            KprocStart.sysinit(
                                    SI_SUB_KTHREAD_BUF, SI_ORDER_FIRST, new KprocDesc("bufdaemon", machine.sleeper())))
                    .run();
            assertEquals(List.of("bufdaemon", "syncer", "vnlru"), machine.processes());
            assertEquals(
                    List.of("bufdaemon", "syncer", "vnlru"),
                    report.steps().stream().map(BootReport.Step::name).toList());
        }

        @Test
        @DisplayName("C10: a daemon that cannot be started panics, which fails the boot")
        void panics() {
            try (Machine small = new Machine(KernelConfig.defaults().withMaxproc(4))) {
                Boot tight = Boot.of(small.kernel)
                        .add(
                                KprocStart.sysinit(1, SI_ORDER_FIRST, new KprocDesc("one", small.sleeper())),
                                KprocStart.sysinit(1, SI_ORDER_SECOND, new KprocDesc("two", small.sleeper())));
                BootException e = assertThrows(BootException.class, tight::run);
                KernelPanic panic = assertInstanceOf(KernelPanic.class, e.getCause());
                assertEquals("kproc_start: two: error 35", panic.getMessage());
                assertEquals(List.of(), small.processes());
            }
        }
    }

    @Nested
    @DisplayName("sys/kernel.h")
    class Values {

        @Test
        @DisplayName("the subsystems have the kernel's values, each in its place")
        void subsystems() throws Exception {
            String kernel = """
                    DUMMY 0x0000000        DONE 0x0000001         TUNABLES 0x0700000     COPYRIGHT 0x0800001
                    VM 0x1000000           COUNTER 0x1100000      KMEM 0x1800000         HYPERVISOR 0x1A40000
                    WITNESS 0x1A80000      LOCK 0x1B00000         EVENTHANDLER 0x1C00000 VNET_PRELINK 0x1E00000
                    KLD 0x2000000          CPU 0x2100000          RACCT 0x2110000        RANDOM 0x2160000
                    MAC 0x2180000          INTRINSIC 0x2200000    VM_CONF 0x2300000      DDB_SERVICES 0x2380000
                    RUN_QUEUE 0x2400000    CREATE_INIT 0x2500000  SCHED_IDLE 0x2600000   MBUF 0x2700000
                    INTR 0x2800000         TASKQ 0x2880000        EPOCH 0x2888000        SMP 0x2900000
                    SOFTINTR 0x2A00000     DEVFS 0x2F00000        INIT_IF 0x3000000      DRIVERS 0x3100000
                    CONFIGURE 0x3800000    VFS 0x4000000          CLOCKS 0x4800000       PSEUDO 0x7000000
                    EXEC 0x7400000         PROTO_BEGIN 0x8000000  PROTO_PFIL 0x8100000   PROTO_IF 0x8400000
                    PROTO_DOMAININIT 0x8600000                    PROTO_MC 0x8700000     PROTO_DOMAIN 0x8800000
                    PROTO_FIREWALL 0x8806000                      PROTO_IFATTACHDOMAIN 0x8808000
                    PROTO_END 0x8ffffff    KPROF 0x9000000
                    KICK_SCHEDULER 0xa000000  INT_CONFIG_HOOKS 0xa800000  ROOT_CONF 0xb000000  INTRINSIC_POST 0xd000000
                    SYSCALLS 0xd800000     VNET_DONE 0xdc00000    KTHREAD_INIT 0xe000000 KTHREAD_PAGE 0xe400000
                    KTHREAD_VM 0xe800000   KTHREAD_BUF 0xea00000  KTHREAD_UPDATE 0xec00000 KTHREAD_IDLE 0xee00000
                    RACCTD 0xf100000       LAST 0xfffffff
                    """;
            assertEquals(table(kernel), constants(Subsystem.class, "SI_SUB_"));
        }

        @Test
        @DisplayName("so have the orders")
        void orders() throws Exception {
            String kernel = """
                    FIRST 0  SECOND 1  THIRD 2  FOURTH 3  FIFTH 4  SIXTH 5  SEVENTH 6  EIGHTH 7
                    MIDDLE 0x1000000  ANY 0xfffffff
                    """;
            assertEquals(table(kernel), constants(Order.class, "SI_ORDER_"));
        }

        private static Map<String, Integer> table(String text) {
            Map<String, Integer> values = new TreeMap<>();
            Iterator<String> words = Splitter.on(CharMatcher.whitespace())
                    .omitEmptyStrings()
                    .split(text)
                    .iterator();
            while (words.hasNext()) {
                values.put(words.next(), Integer.decode(words.next()));
            }
            return values;
        }

        private static Map<String, Integer> constants(Class<?> type, String prefix) throws Exception {
            Map<String, Integer> values = new TreeMap<>();
            for (var field : type.getFields()) {
                assertTrue(field.getName().startsWith(prefix), field.getName());
                values.put(field.getName().substring(prefix.length()), field.getInt(null));
            }
            return values;
        }
    }

    @Nested
    @DisplayName("the linker set")
    class LinkerSet {

        @Test
        @DisplayName("steps of every provider on the path take part, in the order of the providers among equal keys")
        void discovered() throws Exception {
            List<String> seen = new ArrayList<>();
            DiscoveredSteps.HISTORY.set(seen);
            try {
                boot.add(step("mine", SI_SUB_VFS, SI_ORDER_MIDDLE)).discover().run();
            } finally {
                DiscoveredSteps.HISTORY.remove();
            }
            assertEquals(List.of("early on " + machine.kernel.initproc().comm(), "late"), seen);
            assertEquals(List.of("mine"), history);
            assertEquals(List.of(), machine.processes());
        }
    }
}
