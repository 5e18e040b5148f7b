package org.kthread.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;

/** Runs the jcstress tests, and judges: the real classes show nothing forbidden, and each planted twin does. */
@DisplayName("What is read without its lock")
class StressTest {
    /** The outcomes of one jcstress test, over all configurations it was run in. */
    private static final class Outcomes {
        private final Map<String, Long> counts = new TreeMap<>();
        private long forbidden;
        private boolean broken;

        void add(TestResult result) {
            broken |= result.status() != Status.NORMAL;
            for (GradingResult grade : result.grading().gradingResults.values()) {
                counts.merge(grade.id, grade.count, Long::sum);
                forbidden += grade.expect == Expect.FORBIDDEN ? grade.count : 0;
            }
        }

        @Override
        public String toString() {
            String seen = counts.entrySet().stream()
                    .filter(each -> each.getValue() > 0)
                    .map(each -> "(" + each.getKey() + ") x " + each.getValue())
                    .collect(Collectors.joining("; "));
            return seen + (forbidden > 0 ? "; forbidden: " + forbidden : "") + (broken ? "; BROKEN" : "");
        }
    }

    private static SortedMap<String, Outcomes> run(String tests, String name) throws Exception {
        String mode = System.getProperty("jcstress.mode", "quick");
        Options options = new Options(new String[] {
            "-m",
            mode,
            "-sc",
            "false",
            "-f",
            "1",
            "-t",
            tests,
            "-r",
            Path.of(name).toString()
        });
        assertTrue(options.parse(), "the options of jcstress");
        JCStress jcstress = new JCStress(options);
        jcstress.run();
        InProcessCollector collector = new InProcessCollector();
        DiskReadCollector reader = new DiskReadCollector(options.getResultFile(), collector);
        reader.dump();
        reader.close();
        SortedMap<String, Outcomes> all = new TreeMap<>();
        for (TestResult result : collector.getTestResults()) {
            all.computeIfAbsent(result.getName(), each -> new Outcomes()).add(result);
        }
        assertEquals(jcstress.getTests(), all.keySet(), "each has a result");
        all.forEach((test, outcomes) -> System.out.println("jcstress: " + test + ": " + outcomes));
        return all;
    }

    @TestFactory
    @DisplayName("shows nothing forbidden")
    Stream<DynamicTest> real() throws Exception {
        return run("org\\.kthread\\.(event|proc|sleep|sys)\\..*", "real").entrySet().stream()
                .map(each -> dynamicTest(each.getKey(), () -> {
                    Outcomes outcomes = each.getValue();
                    assertTrue(!outcomes.broken && outcomes.forbidden == 0, outcomes::toString);
                }));
    }

    @TestFactory
    @DisplayName("shows what is forbidden, with its protection left out")
    Stream<DynamicTest> planted() throws Exception {
        return run("org\\.kthread\\.stress\\.planted\\..*", "planted").entrySet().stream()
                .map(each -> dynamicTest(each.getKey(), () -> {
                    Outcomes outcomes = each.getValue();
                    assertTrue(!outcomes.broken && outcomes.forbidden > 0, outcomes::toString);
                }));
    }
}
