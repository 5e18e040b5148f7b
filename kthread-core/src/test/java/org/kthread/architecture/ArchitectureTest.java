package org.kthread.architecture;

import static com.tngtech.archunit.core.importer.ImportOption.Predefined.DO_NOT_INCLUDE_TESTS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayName("The rules of the house")
class ArchitectureTest {
    private static final String ROOT = "org.kthread";
    private static final String PLANTED = ROOT + ".architecture.planted";

    private static final JavaClasses HOUSE =
            new ClassFileImporter().withImportOption(DO_NOT_INCLUDE_TESTS).importPackages(ROOT);
    private static final JavaClasses VIOLATIONS = new ClassFileImporter().importPackages(PLANTED);

    @ParameterizedTest
    @EnumSource
    @DisplayName("hold")
    void hold(Rule rule) {
        rule.below(ROOT).check(HOUSE);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("refuse the planted violations, and nothing that is allowed")
    void refuse(Rule rule) {
        List<String> report =
                rule.below(PLANTED).evaluate(VIOLATIONS).getFailureReport().getDetails();
        for (String offender : rule.offenders()) {
            assertTrue(
                    report.stream().anyMatch(line -> line.contains("<" + PLANTED + "." + offender)),
                    () -> offender + " is not in " + report);
        }
        Predicate<String> allowed = Pattern.compile("^\\w+ <\\S+(Allowed|HostThreads|Console|KernelClock)[.>]")
                .asPredicate();
        assertEquals(List.of(), report.stream().filter(allowed).toList());
    }
}
