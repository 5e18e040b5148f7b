package org.kthread.proc;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.kthread.proc.SuspendGate.Ask;
import org.kthread.sys.KernelClock;
import org.kthread.sys.Sleeper;
import org.kthread.testing.Schedules.Body;

/** The {@link SuspendGate}, used as processes and threads use it. */
final class RealGate implements Gate {
    final SuspendGate gate;

    RealGate(KernelClock clock) {
        gate = new SuspendGate(clock);
    }

    private final class Asked implements Request {
        final Ask ask;

        Asked(Ask ask) {
            this.ask = ask;
        }

        @Override
        public @Nullable Verdict verdict() {
            return gate.verdict(ask);
        }

        @Override
        public boolean inForce() {
            return gate.asks().contains(ask);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Asked asked && asked.ask == ask;
        }

        @Override
        public int hashCode() {
            return ask.hashCode();
        }
    }

    @Override
    public Request add(@Nullable String owner) {
        Ask ask = new Ask(owner, false, 0);
        gate.add(ask);
        return new Asked(ask);
    }

    @Override
    public @Nullable Verdict await(Request request, long deadline) throws InterruptedException {
        try {
            return gate.await(((Asked) request).ask, deadline);
        } catch (InterruptedException e) {
            withdraw(request);
            throw e;
        }
    }

    @Override
    public void withdraw(Request request) {
        gate.withdraw(((Asked) request).ask);
    }

    @Override
    public void resume() {
        gate.withdrawOwnerless(false);
    }

    @Override
    public boolean stop() {
        return gate.stop();
    }

    @Override
    public void interrupt() {
        gate.interrupt(false);
    }

    @Override
    public boolean awaitGone(long deadline) throws InterruptedException {
        return gate.awaitGone(deadline);
    }

    @Override
    public Request bearStopped() {
        gate.bear();
        return add(null);
    }

    @Override
    public void bind(Thread thread) {
        gate.bind(thread);
    }

    @Override
    public void birth() {
        gate.birth();
    }

    @Override
    public void check() {
        gate.check();
    }

    @Override
    @SuppressWarnings("Finally") // leaving a region throws the unwinding in place of what the body threw
    public void region(Body body) throws Throwable {
        String outer = gate.wmesg();
        gate.enterRegion("region");
        try {
            body.run();
        } finally {
            gate.leaveRegion(outer);
        }
    }

    @Override
    public void exiting() {
        gate.exiting();
    }

    @Override
    public void ending() {
        gate.ending();
    }

    @Override
    public void gone() {
        gate.gone();
    }

    @Override
    public Sleeper sleeper() {
        return gate;
    }

    @Override
    public List<Request> asked() {
        List<Request> asked = new ArrayList<>();
        for (Ask ask : gate.asks()) {
            asked.add(new Asked(ask));
        }
        return asked;
    }

    @Override
    public boolean promised() {
        synchronized (gate) {
            for (Ask ask : gate.asks()) {
                if (ask.verdict == Verdict.SUSPENDED) {
                    return true;
                }
            }
            return false;
        }
    }

    @Override
    public boolean isStopped() {
        return (gate.pending & SuspendGate.STOPPED) != 0;
    }

    @Override
    public boolean isGone() {
        return gate.isGone();
    }
}
