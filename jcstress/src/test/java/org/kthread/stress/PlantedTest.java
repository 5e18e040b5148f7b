package org.kthread.stress;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The twins. */
@DisplayName("Each planted twin shows what is forbidden")
class PlantedTest {
    @TestFactory
    Stream<DynamicTest> shows() throws Exception {
        return Outcomes.run("org\\.kthread\\.stress\\.planted\\..*", "planted").entrySet().stream()
                .map(each -> dynamicTest(
                        each.getKey(), () -> assertTrue(each.getValue().isForbidden(), each.getValue()::toString)));
    }
}
