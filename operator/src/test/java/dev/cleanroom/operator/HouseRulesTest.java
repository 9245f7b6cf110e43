package dev.cleanroom.operator;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.time.Clock;
import java.time.Instant;
import java.util.UUID;

/** The rules of the house. A rule that matches no class fails, so that none dies silently. */
@AnalyzeClasses(packages = "dev.cleanroom.operator", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseRulesTest {
    private static final String[] PURE = {
        "..environment.model..",
        "..environment.acceptance..",
        "..environment.resources..",
        "..environment.status..",
        "..environment.decide.."
    };

    @ArchTest
    static final ArchRule DECISIONS_ARE_PURE = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.fabric8.kubernetes.client.dsl..", "io.javaoperatorsdk..", "java.net.http..")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(io.fabric8.kubernetes.client.Client.class)
            .because("what they decide must be a function of what was observed and the time");

    @ArchTest
    static final ArchRule NO_CLOCK_IN_DECISIONS = noClasses()
            .that()
            .resideOutsideOfPackages("..cli..", "..telemetry..")
            .should()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .callMethod(Math.class, "random")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .because("time and chance are handed in, so that a test and a simulation can");

    @ArchTest
    static final ArchRule NO_SLEEP =
            noClasses().should().callMethod(Thread.class, "sleep", long.class).because("a reconcile asks to be woken");

    @ArchTest
    static final ArchRule ONLY_KUBE_BUILDS_CLIENTS = noClasses()
            .that()
            .resideOutsideOfPackage("..kube..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(KubernetesClientBuilder.class);

    @ArchTest
    static final ArchRule NO_DUMPING_GROUND =
            noClasses().should().haveSimpleNameEndingWith("Utils").orShould().haveSimpleNameEndingWith("Manager");

    @ArchTest
    static final ArchRule PACKAGES_HAVE_NO_CYCLES =
            slices().matching("dev.cleanroom.operator.(**)").should().beFreeOfCycles();
}
