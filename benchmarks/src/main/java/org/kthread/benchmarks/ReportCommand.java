package org.kthread.benchmarks;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code report}: the page of what was measured. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes docs/performance.md from the results of both JDKs.")
final class ReportCommand implements Callable<Integer> {
    @Option(
            names = "--results",
            defaultValue = "benchmarks/results",
            description = "Where jdk17.json and the like are. Default: ${DEFAULT-VALUE}")
    private Path results = Path.of("benchmarks", "results");

    @Option(names = "--out", defaultValue = "docs/performance.md", description = "The page. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("docs", "performance.md");

    @Override
    public Integer call() throws Exception {
        new Report(results).write(out);
        System.out.println(out);
        return 0;
    }
}
