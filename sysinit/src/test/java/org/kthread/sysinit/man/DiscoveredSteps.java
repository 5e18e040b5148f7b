package org.kthread.sysinit.man;

import java.util.ArrayList;
import java.util.List;
import org.kthread.sysinit.Boot;
import org.kthread.sysinit.Order;
import org.kthread.sysinit.Subsystem;
import org.kthread.sysinit.Sysinit;
import org.kthread.sysinit.SysinitProvider;

/** Named in META-INF/services: what a library on the path brings along. */
public final class DiscoveredSteps implements SysinitProvider {

    static final ThreadLocal<List<String>> HISTORY = ThreadLocal.withInitial(ArrayList::new);

    @Override
    public List<Sysinit> sysinits(Boot boot) {
        return List.of(
                Sysinit.of(
                        "late",
                        Subsystem.SI_SUB_VFS,
                        Order.SI_ORDER_ANY,
                        () -> HISTORY.get().add("late")),
                Sysinit.of(
                        "early",
                        Subsystem.SI_SUB_VFS,
                        Order.SI_ORDER_FIRST,
                        () -> HISTORY.get()
                                .add("early on " + boot.kernel().initproc().comm())));
    }
}
