package org.kthread.benchmarks;

import org.kthread.benchmarks.growth.GrowthCommand;
import org.kthread.benchmarks.growth.ScaleCommand;
import org.kthread.benchmarks.process.ProcessCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The one command: {@code java -jar benchmarks/target/benchmarks.jar}. */
@Command(
        name = "benchmarks",
        mixinStandardHelpOptions = true,
        subcommands = {
            MeasureCommand.Quick.class,
            MeasureCommand.Full.class,
            ListCommand.class,
            ReportCommand.class,
            GrowthCommand.class,
            ScaleCommand.class,
            ProcessCommand.class,
        },
        description = "Measures the library beside its limits and its peers.")
public final class Benchmarks implements Runnable {
    private Benchmarks() {}

    public static void main(String... args) {
        System.exit(new CommandLine(new Benchmarks()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }
}
