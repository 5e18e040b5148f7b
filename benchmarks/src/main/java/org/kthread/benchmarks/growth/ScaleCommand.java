package org.kthread.benchmarks.growth;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.kthread.benchmarks.growth.Scale.Check;
import org.kthread.benchmarks.growth.Scale.Plant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Checks the largest numbers, each in a JVM of its own with a heap of two gibibytes. */
@Command(
        name = "scale",
        mixinStandardHelpOptions = true,
        description =
                "Checks the largest numbers, each in a JVM with a heap of 2 GiB. Virtual daemons need JDK 24 or later.")
public final class ScaleCommand implements Callable<Integer> {
    @Option(names = "--only", description = "Only this check.")
    private String only = "";

    @Option(names = "--size", description = "This many, instead of as many as are promised.")
    private int size;

    @Option(names = "--heap", description = "The heap of the JVM (${DEFAULT-VALUE}).")
    private String heap = "2g";

    @Option(names = "--plant", description = "Plants a violation: ${COMPLETION-CANDIDATES}.")
    private Plant plant = Plant.NOTHING;

    @Override
    public Integer call() throws Exception {
        List<String> failed = new ArrayList<>();
        for (Check check : Scale.checks()) {
            if (!only.isEmpty() && !only.equals(check.name())) {
                continue;
            }
            if (!check.isPossible()) {
                System.out.println(check.name() + ": NOT run, this JDK cannot");
                continue;
            }
            int n = size > 0 ? size : check.size();
            int status = Child.run(
                    Scale.class,
                    List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"),
                    check.name(),
                    Integer.toString(n),
                    plant.name());
            System.out.println(status == 0 ? "  ok" : "  FAILED (" + status + ")");
            if (status != 0) {
                failed.add(check.name());
            }
        }
        System.out.println(failed.isEmpty() ? "scale: ok" : "scale: FAILED: " + String.join(", ", failed));
        return failed.isEmpty() ? 0 : 1;
    }
}
