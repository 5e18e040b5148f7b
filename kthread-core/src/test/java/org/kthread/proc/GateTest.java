package org.kthread.proc;

import static org.kthread.testing.Caller.eventually;

import org.jspecify.annotations.Nullable;
import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.Action;
import org.kthread.sys.ManualClock;
import org.kthread.testing.Caller;

/** A test of a gate by itself, without processes. */
abstract class GateTest {
    final ManualClock clock = new ManualClock();
    final SuspendGate gate = new SuspendGate(clock);

    Ask ask(@Nullable String owner) {
        Ask ask = new Ask(owner, false, clock.nanoTime());
        gate.add(ask);
        return ask;
    }

    /** The daemon, up to the end of what it runs. */
    Caller<Boolean> daemon(Action body) {
        return Caller.run("daemon", () -> {
            gate.bind(Thread.currentThread());
            body.run();
        });
    }

    void awaitVerdict(Ask ask, Verdict verdict) {
        eventually(() -> gate.verdict(ask) == verdict);
    }
}
