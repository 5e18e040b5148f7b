package org.kthread.sysinit.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.importer.ImportOption.Predefined.DO_NOT_INCLUDE_TESTS;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("The rules of the house, in sysinit")
class ArchitectureTest {
    private static final String ROOT = "org.kthread.sysinit";
    private static final JavaClasses HOUSE =
            new ClassFileImporter().withImportOption(DO_NOT_INCLUDE_TESTS).importPackages(ROOT);
    private static final JavaClasses VIOLATIONS =
            new ClassFileImporter().importPackages(ROOT + ".architecture.planted");

    static Stream<ArchRule> rules() {
        return Stream.of(
                classes()
                        .should()
                        .onlyDependOnClassesThat()
                        .resideInAnyPackage(
                                "java..",
                                "org.kthread..",
                                "com.google.common..",
                                "com.google.errorprone..",
                                "org.jspecify.."),
                classes()
                        .should(ArchCondition.from(describe(
                                "be in a @NullMarked package",
                                (JavaClass c) -> c.getPackage().isAnnotatedWith(NullMarked.class)))),
                noClasses().should(ACCESS_STANDARD_STREAMS),
                noClasses().should().accessTargetWhere(describe("make a thread", ArchitectureTest::makesThread)),
                noClasses().should().accessTargetWhere(describe("read the time", ArchitectureTest::readsTime)));
    }

    private static boolean makesThread(JavaAccess<?> access) {
        return access.getTargetOwner().isAssignableTo(Thread.class)
                && access.getName().equals("<init>");
    }

    private static boolean readsTime(JavaAccess<?> access) {
        return access.getTargetOwner().isEquivalentTo(System.class)
                && Set.of("nanoTime", "currentTimeMillis").contains(access.getName());
    }

    @ParameterizedTest
    @MethodSource("rules")
    @DisplayName("hold")
    void hold(ArchRule rule) {
        rule.check(HOUSE);
    }

    @ParameterizedTest
    @MethodSource("rules")
    @DisplayName("refuse a planted violation")
    void refuse(ArchRule rule) {
        assertTrue(rule.evaluate(VIOLATIONS).hasViolation());
    }
}
