package org.kthread.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.PROTECTED;
import static com.tngtech.archunit.core.domain.JavaModifier.PUBLIC;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.members;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.properties.HasModifiers;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.GivenClassesConjunction;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.NullMarked;

/** A rule of the house, with the classes below {@code planted} that it must refuse. */
enum Rule {
    /** A package uses those below it, never one above or beside. */
    PACKAGE_GRAPH(
            root -> layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .withOptionalLayers(true)
                    .ensureAllClassesAreContainedInArchitecture()
                    .layer("root")
                    .definedBy(root)
                    .layer("shutdown")
                    .definedBy(root + ".shutdown")
                    .layer("lwp")
                    .definedBy(root + ".lwp")
                    .layer("proc")
                    .definedBy(root + ".proc")
                    .layer("event")
                    .definedBy(root + ".event")
                    .layer("sleep")
                    .definedBy(root + ".sleep")
                    .layer("sys")
                    .definedBy(root + ".sys")
                    .whereLayer("shutdown")
                    .mayOnlyAccessLayers("proc", "event", "sleep", "sys")
                    .whereLayer("lwp")
                    .mayOnlyAccessLayers("proc", "event", "sleep", "sys")
                    .whereLayer("proc")
                    .mayOnlyAccessLayers("event", "sleep", "sys")
                    .whereLayer("event")
                    .mayOnlyAccessLayers("sys")
                    .whereLayer("sleep")
                    .mayOnlyAccessLayers("sys")
                    .whereLayer("sys")
                    .mayNotAccessAnyLayer(),
            "sys.UsesAbove",
            "event.UsesBeside",
            "unmarked.Unknown"),

    NO_CYCLES(
            root -> slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true),
            "sys.UsesAbove"),

    EVERY_PACKAGE_IS_NULL_MARKED(
            root -> classes()
                    .should(ArchCondition.from(describe(
                            "be in a @NullMarked package",
                            (JavaClass c) -> c.getPackage().isAnnotatedWith(NullMarked.class)))),
            "unmarked.Unknown"),

    /** The console alone may: while the JVM ends there may be no logger left. */
    NO_STANDARD_STREAMS(root -> noClassesBut(root, "Console").should(ACCESS_STANDARD_STREAMS), "Planted$Prints"),

    THREADS_ARE_MADE_IN_HOST_THREADS(
            root -> noClassesBut(root, "proc.HostThreads")
                    .should()
                    .accessTargetWhere(calls("make a thread", Rule::makesThread)),
            "Planted$MakesThread",
            "Planted$RefersToThread",
            "Planted$MakesPool"),

    ONLY_THE_CLOCK_WAITS(
            root -> noClassesBut(root, "sys.KernelClock", "sys.ManualClock")
                    .should()
                    .accessTargetWhere(calls("wait", Rule::waits)),
            "Planted$Waits",
            "Planted$Sleeps"),

    NOBODY_NOTIFIES_ONE(
            root -> noClasses()
                    .should()
                    .accessTargetWhere(calls("notify one", t -> t.getName().equals("notify") && ofObject(t))),
            "Planted$Notifies"),

    ONLY_THE_CLOCK_READS_TIME(
            root -> noClassesBut(root, "sys.KernelClock")
                    .should()
                    .accessTargetWhere(calls(
                            "read the time",
                            t -> t.getOwner().isEquivalentTo(System.class)
                                    && Set.of("nanoTime", "currentTimeMillis").contains(t.getName()))),
            "Planted$ReadsTime"),

    /** Monitors only; the lock of a user is the exception. */
    NO_LOCKS_BUT_A_USERS(
            root -> noClasses().should().accessTargetWhere(calls("make a lock, use a condition or park", Rule::locks)),
            "Planted$Locks",
            "Planted$Awaits",
            "Planted$Parks"),

    NO_GUAVA_IN_A_SIGNATURE(
            root -> members()
                    .that(describe("users see", Rule::isVisible))
                    .should(ArchCondition.from(describe(
                            "not show Guava",
                            m -> m.getAllInvolvedRawTypes().stream()
                                    .noneMatch(c -> c.getPackageName().startsWith("com.google.common")))))
                    .allowEmptyShould(true),
            "Planted$ShowsGuava");

    private final Function<String, ArchRule> rule;
    private final List<String> offenders;

    Rule(Function<String, ArchRule> rule, String... offenders) {
        this.rule = rule;
        this.offenders = List.of(offenders);
    }

    /** The rule for the packages below this one. */
    ArchRule below(String root) {
        return rule.apply(root);
    }

    List<String> offenders() {
        return offenders;
    }

    private static GivenClassesConjunction noClassesBut(String root, String... names) {
        return noClasses()
                .that(describe(
                        "are not " + String.join(", ", names),
                        c -> List.of(names).stream()
                                .map(name -> root + "." + name)
                                .noneMatch(name ->
                                        c.getName().equals(name) || c.getName().startsWith(name + "$"))));
    }

    private static DescribedPredicate<JavaAccess<?>> calls(String what, Predicate<CodeUnitAccessTarget> which) {
        return describe(what, access -> access.getTarget() instanceof CodeUnitAccessTarget t && which.test(t));
    }

    private static boolean makesThread(CodeUnitAccessTarget t) {
        JavaClass owner = t.getOwner();
        return (owner.isAssignableTo(Thread.class) && t.getName().equals("<init>"))
                || owner.getName().startsWith("java.lang.Thread$Builder")
                || owner.isEquivalentTo(Executors.class);
    }

    private static boolean waits(CodeUnitAccessTarget t) {
        return (t.getName().equals("wait") && ofObject(t))
                || (t.getName().equals("sleep") && t.getOwner().isEquivalentTo(Thread.class));
    }

    private static boolean locks(CodeUnitAccessTarget t) {
        JavaClass owner = t.getOwner();
        return owner.getPackageName().equals(Lock.class.getPackageName())
                && (owner.isEquivalentTo(LockSupport.class)
                        || owner.isAssignableTo(Condition.class)
                        || Set.of("<init>", "newCondition").contains(t.getName()));
    }

    /** Whether this has the shape of {@code wait} or {@code notify}, which no other class can redefine. */
    private static boolean ofObject(CodeUnitAccessTarget target) {
        List<String> parameters = HasName.Utils.namesOf(target.getRawParameterTypes());
        return List.of(List.of(), List.of("long"), List.of("long", "int")).contains(parameters);
    }

    private static boolean isVisible(JavaMember member) {
        return isVisible((HasModifiers) member) && isVisible((HasModifiers) member.getOwner());
    }

    private static boolean isVisible(HasModifiers it) {
        return it.getModifiers().contains(PUBLIC) || it.getModifiers().contains(PROTECTED);
    }
}
