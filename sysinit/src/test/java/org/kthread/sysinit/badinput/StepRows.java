package org.kthread.sysinit.badinput;

import static org.kthread.testing.badinput.Expected.gives;
import static org.kthread.testing.badinput.Expected.refuses;
import static org.kthread.testing.badinput.Expected.returns;

import java.time.Duration;
import java.util.List;
import org.kthread.sysinit.BootReport;
import org.kthread.sysinit.Key;
import org.kthread.sysinit.KprocStart;
import org.kthread.sysinit.Order;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;
import org.kthread.testing.badinput.Kind;
import org.kthread.testing.badinput.Rows;
import org.kthread.testing.badinput.Table;

/** What a boot is made of, and what it tells. */
final class StepRows {
    private StepRows() {}

    static void in(Table table) {
        table.of(Order.class).call("nameOf(int order)").any("order");
        table.of(Subsystem.class).call("nameOf(int subsystem)").any("subsystem");
        Rows key = table.of(Key.class, world -> new Key(1, 1)).value();
        key.reads("toString()");
        key.call("new Key(int subsystem, int order)").any("subsystem", "order");
        key.call("compareTo(Key that)");
        table.of(KprocStart.class)
                .value()
                .call("sysinit(int subsystem, int order, KprocDesc desc)")
                .any("subsystem", "order");
        sysinit(table);
        reports(table);
    }

    private static void sysinit(Table table) {
        table.of(Sysinit.class)
                .value()
                .call("of(String name, int subsystem, int order, Action step)")
                .with(Kind.ZERO, "name", refuses("a boot step needs a name"))
                .any("subsystem", "order");
        Rows step = table.of(Sysinit.class, world -> Sysinit.of("good", 1, 1, () -> {}))
                .value();
        step.reads("name()", "key()", "toString()");
        step.call("undo(Action action)");
        step.call("requires(String[] names)");
        step.call("before(String[] names)");
        step.call("awaitReady(Duration timeout)")
                .with(Kind.ZERO, "timeout", refuses("step \"good\" cannot wait PT0S for its daemons"))
                .with(Kind.NEGATIVE, "timeout", refuses("give it more than zero, or KernelClock.FOREVER"))
                .with(Kind.OVERFLOW, "timeout", returns());
    }

    private static void reports(Table table) {
        Rows report = table.of(BootReport.class, world -> new BootReport(List.of(), 0, Duration.ZERO))
                .report();
        report.reads("toString()");
        report.call("new BootReport(List steps, int known, Duration took)");
        table.of(BootReport.Step.class)
                .report()
                .call("new Step(String name, Key key, Duration begin, Duration end, String thread, List processes,"
                        + " Result result, Throwable failure)")
                .with(Kind.NULL, "failure", gives("failure=null"));
    }
}
