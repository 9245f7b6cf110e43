package dev.cleanroom.operator;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.cleanroom.operator.trust.ImageVerifier;
import dev.cleanroom.operator.trust.VerifiedImage;
import io.fabric8.kubernetes.client.CustomResource;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The rules of the house. A rule that matches no class fails, so that none dies silently. */
@AnalyzeClasses(packages = "dev.cleanroom", importOptions = ImportOption.DoNotIncludeTests.class)
class HouseRulesTest {
    private static final String OPERATOR = "dev.cleanroom.operator..";
    private static final String API = "dev.cleanroom.api.v1alpha1..";
    private static final String[] PURE = {
        "..classes..",
        "..network..",
        "..pod..",
        "..environment.model..",
        "..environment.acceptance..",
        "..environment.resources..",
        "..environment.status..",
        "..environment.decide..",
        "..incident.model..",
        "..incident.resources..",
        "..incident.status..",
        "..incident.decide..",
        "..trust.sigstore..",
        "..trust.cosign..",
        "..trust.policy.."
    };

    /** What reads a clock or a source of chance, by owner and method; a Clock that is handed in is neither. */
    private static final Map<String, Set<String>> TIME_AND_CHANCE = Map.of(
            "java.time.Instant", Set.of("now"),
            "java.time.LocalDate", Set.of("now"),
            "java.time.LocalDateTime", Set.of("now"),
            "java.time.OffsetDateTime", Set.of("now"),
            "java.time.ZonedDateTime", Set.of("now"),
            "java.time.Clock", Set.of("systemUTC", "systemDefaultZone", "system"),
            "java.util.UUID", Set.of("randomUUID"),
            "java.lang.Math", Set.of("random"),
            "java.util.concurrent.ThreadLocalRandom", Set.of("current"),
            "java.lang.System", Set.of("currentTimeMillis", "nanoTime"));

    @ArchTest
    static final ArchRule DECISIONS_ARE_PURE = noClasses()
            .that()
            .resideInAnyPackage(PURE)
            .and()
            .areNotAssignableTo(Reconciler.class)
            .should()
            .dependOnClassesThat(clientOrSdk())
            .because("what they decide must be a function of what was observed and the time");

    /** Each of them: a package that is renamed would leave its rule behind. */
    @ArchTest
    static void everyPurePackageIsThere(JavaClasses all) {
        for (String name : PURE) {
            assertThat(all).as(name).anyMatch(resideInAPackage(name)::test);
        }
    }

    @ArchTest
    static final ArchRule THE_HOT_PATH_NEEDS_NO_LEADER = noClasses()
            .that()
            .resideInAPackage("..containment..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.javaoperatorsdk..", "..environment..", "..incident..", "..classes..", "..network..")
            .because("every replica runs it, and the SDK runs nothing on a standby");

    @ArchTest
    static final ArchRule TIME_AND_CHANCE_ARE_HANDED_IN = noClasses()
            .that()
            .resideOutsideOfPackages("dev.cleanroom.operator.cli..", "dev.cleanroom.operator.telemetry..")
            .should()
            .callMethodWhere(
                    describe("reads a clock or a source of chance", call -> readsTimeOrChance(call.getTarget())))
            .because("a test and a simulation hand in their own");

    @ArchTest
    static final ArchRule NOBODY_SLEEPS = noClasses()
            .that()
            .resideInAPackage(OPERATOR)
            .should()
            .callMethodWhere(describe(
                    "sleeps",
                    call -> call.getTargetOwner().isEquivalentTo(Thread.class)
                            && call.getName().equals("sleep")))
            .because("a reconcile asks to be woken, and a wait has a condition");

    @ArchTest
    static final ArchRule ONLY_KUBE_BUILDS_CLIENTS = noClasses()
            .that()
            .resideOutsideOfPackage("dev.cleanroom.operator.kube..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.fabric8.kubernetes.client.KubernetesClientBuilder")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("io.fabric8.kubernetes.client.http..")
            .because("time limits, connections and serialization are settled in one place");

    @ArchTest
    static final ArchRule ONLY_THE_REGISTRY_CLIENT_SPEAKS_HTTP_ITSELF = noClasses()
            .that()
            .resideOutsideOfPackages("dev.cleanroom.operator.kube..", "dev.cleanroom.operator.trust.registry..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.net.http..")
            .because("limits, permitted addresses and who gets a credential are settled in one place");

    /** With the next rule: what was verified is the only text that can reach a pod. */
    @ArchTest
    static final ArchRule ONLY_THE_VERIFIER_MAKES_A_VERIFIED_IMAGE = noClasses()
            .that()
            .areNotAssignableTo(ImageVerifier.class)
            .should()
            .callConstructorWhere(describe(
                    "makes a verified image", call -> call.getTargetOwner().isEquivalentTo(VerifiedImage.class)));

    @ArchTest
    static final ArchRule ONLY_STEPS_NAME_AN_IMAGE_AND_TAKE_IT_FROM_A_VERIFIED_ONE = noClasses()
            .that()
            .haveNameNotMatching(".*\\.Steps")
            .should()
            .callMethodWhere(describe(
                    "names a container's image",
                    call -> call.getName().equals("withImage") || call.getName().equals("setImage")));

    @ArchTest
    static final ArchRule NO_STATE_IN_STATIC_FIELDS = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideInAPackage("dev.cleanroom..")
            .should()
            .beFinal()
            .because("two operators in one test must not meet");

    /** A final field may still hold what changes. */
    @ArchTest
    static final ArchRule NO_CHANGING_VALUE_IN_STATIC_FIELDS = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideInAPackage("dev.cleanroom..")
            .should()
            .notHaveRawType(describe(
                    "a type that changes",
                    type -> type.getPackageName().startsWith("java.util.concurrent")
                            || Set.of("java.util.ArrayList", "java.util.HashMap", "java.util.HashSet")
                                    .contains(type.getName())))
            .because("two operators in one test must not meet");

    @ArchTest
    static final ArchRule NO_DUMPING_GROUND = noClasses()
            .that()
            .resideInAPackage("dev.cleanroom..")
            .should()
            .haveNameMatching(".*(Utils?|Helpers?|Managers?)")
            .because("a class has a name of its own, or no reason to be");

    /** Packages that need none of the others left are taken away, until there are none: what stays leads into a cycle. */
    @ArchTest
    static void packagesHaveNoCycles(JavaClasses all) {
        Map<String, Set<String>> needs = new TreeMap<>();
        for (JavaClass from : all.that(resideInAPackage(OPERATOR))) {
            for (Dependency dependency : from.getDirectDependenciesFromSelf()) {
                JavaClass to = dependency.getTargetClass();
                if (resideInAPackage(OPERATOR).test(to) && !to.getPackageName().equals(from.getPackageName())) {
                    needs.computeIfAbsent(from.getPackageName(), name -> new TreeSet<>())
                            .add(to.getPackageName());
                }
            }
        }
        assertThat(needs).hasSizeGreaterThan(5);
        do {
            Set<String> left = Set.copyOf(needs.keySet());
            needs.values().forEach(needed -> needed.retainAll(left));
        } while (needs.values().removeIf(Set::isEmpty));
        assertThat(needs)
                .as("packages in a cycle, or on the way to one, by what they need")
                .isEmpty();
    }

    /** A field with a value of its own would be applied by server-side apply, and take a user's list away. */
    @ArchTest
    static final ArchRule API_TYPES_HOLD_NO_VALUES_OF_THEIR_OWN = classes()
            .that()
            .resideInAPackage(API)
            .and()
            .areNotInterfaces()
            .and()
            .areNotAssignableTo(CustomResource.class)
            .and()
            .areNotEnums()
            .and(describe(
                    "have instance fields",
                    type -> type.getFields().stream()
                            .anyMatch(field -> !field.getModifiers().contains(JavaModifier.STATIC))))
            .should()
            .beRecords();

    @ArchTest
    static final ArchRule THE_API_KNOWS_NO_OPERATOR = noClasses()
            .that()
            .resideInAPackage("dev.cleanroom.api..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(OPERATOR, "io.javaoperatorsdk..");

    /** The client's own base of custom resources apart: our API types extend it. */
    private static DescribedPredicate<JavaClass> clientOrSdk() {
        return resideInAnyPackage("io.fabric8.kubernetes.client..", "io.javaoperatorsdk..", "java.net.http..")
                .and(DescribedPredicate.not(
                        describe("the base of custom resources", type -> type.isEquivalentTo(CustomResource.class))));
    }

    private static boolean readsTimeOrChance(AccessTarget.CodeUnitCallTarget target) {
        boolean handedIn = target.getRawParameterTypes().stream()
                .anyMatch(parameter -> parameter.getName().equals("java.time.Clock"));
        return !handedIn
                && TIME_AND_CHANCE
                        .getOrDefault(target.getOwner().getName(), Set.of())
                        .contains(target.getName());
    }
}
