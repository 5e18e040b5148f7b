package org.kthread.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code quick} and {@code full}: the same measurements, with less or more time for each. */
abstract class MeasureCommand implements Callable<Integer> {
    @Parameters(
            arity = "0..1",
            defaultValue = "",
            paramLabel = "NAME",
            description = "Only what has this in its name; see `list`.")
    private String name = "";

    @Option(names = "--minutes", description = "About how long all of it takes; with a NAME, how long that takes.")
    private @Nullable Double minutes;

    @Option(
            names = "--results",
            defaultValue = "benchmarks/results",
            description = "Where jdk17.json and the like are. Default: ${DEFAULT-VALUE}")
    private Path results = Path.of("benchmarks", "results");

    @Option(
            names = "--jfr",
            description =
                    "Also record each of JMH's benchmarks with JFR, into the directory jfr beside the results, and tell who waited for a monitor.")
    private boolean jfr;

    private final double usual;
    private final int forks;

    MeasureCommand(double usual, int forks) {
        this.usual = usual;
        this.forks = forks;
    }

    @Override
    public Integer call() throws Exception {
        double time = minutes != null ? minutes : name.isEmpty() ? usual : 0.7;
        String command = "java -jar benchmarks/target/benchmarks.jar "
                + getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT)
                + (name.isEmpty() ? "" : " " + name)
                + (minutes != null ? " --minutes " + minutes : "");
        return new Measure(results, time, forks, jfr, System.out).run(name, command) ? 0 : 1;
    }

    /** Under ten minutes. */
    @Command(
            name = "quick",
            mixinStandardHelpOptions = true,
            description = "Measures all in under 10 minutes, or the lines called NAME.")
    static final class Quick extends MeasureCommand {
        Quick() {
            super(8, 2);
        }
    }

    /** As long as it is worth. */
    @Command(
            name = "full",
            mixinStandardHelpOptions = true,
            description = "Measures all in about 15 minutes, or as long as --minutes says.")
    static final class Full extends MeasureCommand {
        Full() {
            super(15, 3);
        }
    }
}
