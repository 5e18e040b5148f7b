package org.kthread.stress;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The real classes. */
@DisplayName("What is read without its lock shows nothing forbidden")
class StressTest {
    @TestFactory
    Stream<DynamicTest> shows() throws Exception {
        return Outcomes.run("org\\.kthread\\.(event|proc|sleep|sys)\\..*", "real").entrySet().stream()
                .map(each -> dynamicTest(
                        each.getKey(), () -> assertFalse(each.getValue().isForbidden(), each.getValue()::toString)));
    }
}
