package org.kthread.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;

/** One run of jcstress. A JVM is good for one: the next would find each of its configurations twice. */
final class Outcomes {
    private final Map<String, Long> counts = new TreeMap<>();
    private long forbidden;
    private boolean broken;

    /** Whether it ran as it should, and showed something forbidden. */
    boolean isForbidden() {
        assertFalse(broken, this::toString);
        return forbidden > 0;
    }

    private void add(TestResult result) {
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

    /** Runs the tests whose names match; their outcomes over all configurations. */
    static SortedMap<String, Outcomes> run(String tests, String name) throws Exception {
        String mode = System.getProperty("jcstress.mode", "quick");
        Options options = new Options(new String[] {"-m", mode, "-sc", "false", "-f", "1", "-t", tests, "-r", name});
        assertTrue(options.parse(), "the options of jcstress");
        JCStress jcstress = new JCStress(options);
        try {
            jcstress.run();
        } catch (AssertionError e) {
            System.out.println(
                    "jcstress: " + e.getMessage()); // something forbidden: whether that is right is judged below
        }
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
}
