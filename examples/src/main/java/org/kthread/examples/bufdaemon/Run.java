package org.kthread.examples.bufdaemon;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.kthread.Kernel;
import org.kthread.KernelConfig;
import org.kthread.examples.AfterSignal;
import org.kthread.shutdown.Howto;
import org.kthread.shutdown.ShutdownReport;
import org.kthread.sysinit.BootException;
import org.kthread.sysinit.BootReport;

/** One run: boot, replay, shutdown, and what is said about it. */
final class Run {
    private static final long PROGRESS_MILLIS = 200;
    private static final Duration HOOK_GRACE = Duration.ofSeconds(30);

    private final Machine.Config config;
    private final Duration budget;
    private final boolean json;
    private final PrintStream chatter;
    private final boolean terminal = isTerminal();

    /** Everything in one object, for --report json. */
    record Report(int exitCode, @Nullable String failure, BootReport boot, Summary summary, ShutdownReport shutdown) {}

    Run(Machine.Config config, Duration budget, boolean json, PrintStream chatter) {
        this.config = config;
        this.budget = budget;
        this.json = json;
        this.chatter = chatter;
    }

    /** Runs to the end, also when a signal says where that is; returns the exit code. */
    int call() throws InterruptedException {
        AfterSignal hook = new AfterSignal("bufdaemon", budget.plus(HOOK_GRACE));
        int code = Bufdaemon.EX_SOFTWARE;
        try (Kernel kernel = start(hook)) {
            code = kernel == null ? Outcome.OK : bootAndReplay(kernel);
            return code;
        } finally {
            System.out.flush();
            hook.finished(code);
        }
    }

    /** Null if a signal came before anything was touched: the JVM is ending. */
    private @Nullable Kernel start(AfterSignal hook) {
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return Kernel.start(KernelConfig.defaults()
                    .withConsole(this::console)
                    .withShutdownBudget(budget)
                    .withJvmHook(Howto.HALT));
        } catch (IllegalStateException e) {
            return null;
        }
    }

    private int bootAndReplay(Kernel kernel) throws InterruptedException {
        Outcome outcome = new Outcome();
        Machine machine = new Machine(kernel, config, outcome);
        long start = System.nanoTime();
        BootReport booted;
        try {
            booted = machine.boot().run();
            chatter.println(booted);
            replay(machine, outcome);
        } catch (BootException e) {
            if (!AfterSignal.stopped(e)) {
                return bootFailed(e, outcome);
            }
            booted = e.report();
            chatter.println(booted);
        }
        Duration replayed = Duration.ofNanos(System.nanoTime() - start).minus(booted.took());
        ShutdownReport report = shutdown(kernel, outcome);
        return tell(machine, outcome, booted, summary(machine, booted, replayed, report), report);
    }

    private static Summary summary(Machine machine, BootReport booted, Duration replayed, ShutdownReport report) {
        Map<String, Duration> phases = new LinkedHashMap<>();
        phases.put("boot", booted.took());
        phases.put("replay", replayed);
        report.phases().forEach(phase -> phases.put(phase.name(), phase.took()));
        return new Summary(
                machine.progress().operations.sum(),
                machine.progress().readBytes.sum(),
                machine.progress().writtenBytes.sum(),
                machine.stats(),
                machine.mostOpenFiles(),
                phases,
                machine.durable());
    }

    private void replay(Machine machine, Outcome outcome) throws InterruptedException {
        while (!outcome.awaitEnd(PROGRESS_MILLIS)) {
            if (terminal) {
                CacheStats s = machine.stats();
                chatter.printf(
                        "\r%,d operations, %,d dirty buffers, %,d flushes ",
                        machine.progress().operations.sum(), s.dirty(), s.flushes());
                chatter.flush();
            }
        }
        if (terminal) {
            chatter.println();
        }
    }

    /** The first to ask decides how; a signal may have been faster. */
    private static ShutdownReport shutdown(Kernel kernel, Outcome outcome) throws InterruptedException {
        @Nullable String mismatch = outcome.mismatch();
        if (mismatch != null) {
            kernel.panic(mismatch);
        }
        return kernel.reboot(Howto.HALT);
    }

    private int bootFailed(BootException e, Outcome outcome) {
        chatter.println(e.report());
        System.err.println("bufdaemon: " + e.getMessage());
        return outcome.death() == null ? Outcome.IO_FAILURE : Bufdaemon.EX_SOFTWARE;
    }

    private int tell(Machine machine, Outcome outcome, BootReport booted, Summary summary, ShutdownReport report) {
        @Nullable String failure = null;
        int code = Outcome.OK;
        @Nullable Exception io = outcome.ioFailure();
        @Nullable Throwable death = outcome.death();
        if (outcome.mismatch() != null) {
            code = Outcome.MISMATCH;
            failure = "data mismatch: " + outcome.mismatch();
        } else if (death != null) {
            code = Bufdaemon.EX_SOFTWARE;
            failure = "a daemon died: " + death + "; only what is listed as durable is promised";
        } else if (io != null) {
            code = Outcome.IO_FAILURE;
            failure = "I/O failure: " + io.getMessage() + "; only what is listed as durable is promised";
        } else if (leftBehind(report) || !machine.unsynced().isEmpty()) {
            code = Outcome.LEFT_BEHIND;
            failure = "the shutdown left something behind: not synced " + machine.unsynced() + "; see the report";
        }
        if (json) {
            System.out.println(Json.of(new Report(code, failure, booted, summary, report)));
        } else {
            System.out.println(summary);
            System.out.println(report);
        }
        if (failure != null) {
            System.err.println("bufdaemon: " + failure);
        }
        return code;
    }

    /** A daemon that did not park in time but was stopped later, and whose work is on disk, has left nothing behind. */
    private static boolean leftBehind(ShutdownReport report) {
        boolean ran = report.phases().stream()
                .flatMap(phase -> phase.runs().stream())
                .allMatch(run -> run.result() == ShutdownReport.Result.DONE);
        boolean stopped =
                report.daemons().stream().noneMatch(daemon -> daemon.how().equals("stop") && daemon.answered() == null);
        return !ran
                || !stopped
                || !report.unsynced().isEmpty()
                || !report.leftThreads().isEmpty();
    }

    private void console(String line) {
        chatter.println(line);
        chatter.flush();
    }

    /** Whether somebody looks on. From JDK 22 on a console may be there without a terminal; the method to ask came with that. */
    @SuppressWarnings("SystemConsoleNull") // it is null before 22 when there is no terminal, and sometimes later
    private static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true;
        }
    }
}
