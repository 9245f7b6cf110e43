package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static dev.cleanroom.operator.check.Stored.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import org.junit.jupiter.api.Test;

class ClassCheckTest {
    private static final Lookup<Namespace> TEAM = Stored.found(Namespace.class, """
            metadata: {name: team, labels: {tier: gold}}
            """);

    private static String buildClass(String name, boolean isDefault, String ready, String spec) {
        return """
                metadata:
                  name: %s
                  generation: 2
                  annotations: {cleanroom.dev/is-default-class: "%s"}
                spec: %s
                status: {conditions: [%s]}
                """.formatted(name, isDefault, spec, ready);
    }

    private static String condition(String status, String reason, int generation) {
        return "{type: Ready, status: \"%s\", reason: %s, message: told, observedGeneration: %d}"
                .formatted(status, reason, generation);
    }

    private static String ready(String name, String spec) {
        return buildClass(name, true, condition("True", "Accepted", 2), spec);
    }

    private static List<String> theDefault(String... classes) {
        return lines(ClassCheck.theDefault(Stored.list(BuildEnvironmentClass.class, classes), TARGET));
    }

    private static List<String> allowed(String spec) {
        return lines(ClassCheck.allows(Stored.list(BuildEnvironmentClass.class, ready("standard", spec)), TEAM));
    }

    @Test
    void exactlyOneIsTheDefault() {
        assertThat(theDefault(ready("standard", "{}"), buildClass("other", false, "", "{}")))
                .containsExactly("ok    default class: standard");
        assertThat(theDefault())
                .containsExactly(
                        "MISSING  default class: no BuildEnvironmentClass exists",
                        "    helm upgrade cleanroom helm/cleanroom -n cleanroom-system");
        assertThat(theDefault(buildClass("b", false, "", "{}"), buildClass("a", false, "", "{}")))
                .containsExactly(
                        "MISSING  default class: no class is marked as default (found: a, b)",
                        "    kubectl annotate --overwrite benvclass a cleanroom.dev/is-default-class=true");
        assertThat(theDefault(ready("c", "{}"), ready("a", "{}"), ready("b", "{}")))
                .containsExactly(
                        "MISSING  default class: several classes are marked as default (a, b, c), so environments without"
                                + " className get none; this keeps a",
                        "    kubectl annotate benvclass b c cleanroom.dev/is-default-class-");
    }

    @Test
    void theDefaultIsReadyByWhatWasSaidOfItsPresentSpec() {
        assertThat(theDefault(buildClass("standard", true, condition("False", "NotAllowed", 2), "{}")))
                .containsExactly(
                        "MISSING  default class standard: NotAllowed, told", "    kubectl edit benvclass/standard");
        for (String nothing : List.of("", condition("True", "Accepted", 1), condition("Unknown", "Pending", 2))) {
            assertThat(theDefault(buildClass("standard", true, nothing, "{}")))
                    .containsExactly(
                            "MISSING  default class standard: the operator has not checked yet whether it can be used",
                            "    kubectl wait --for=condition=Ready benvclass/standard");
        }
    }

    @Test
    void oneThatIsNotUnderstoodIsNamed() {
        var unread = Stored.of(BuildEnvironmentClass.class, ready("standard", "{}"));
        unread.markUnreadable("spec.limitz: unknown");
        assertThat(lines(ClassCheck.theDefault(new Lookup.Found<>(List.of(unread)), TARGET)))
                .containsExactly(
                        "MISSING  default class: standard cannot be parsed: spec.limitz: unknown",
                        "    kubectl edit benvclass/standard");
    }

    @Test
    void theNamespaceMustBeOneOfItsOwn() {
        assertThat(allowed("{}")).containsExactly("ok    default class standard for namespace team");
        assertThat(allowed("{allowedNamespaces: {matchLabels: {tier: gold}}}"))
                .containsExactly("ok    default class standard for namespace team");
        assertThat(allowed("{allowedNamespaces: {matchLabels: {tier: silver, a.example/b: c}}}"))
                .containsExactly(
                        "MISSING  default class standard for namespace team: the class's allowedNamespaces does not select"
                                + " the labels of the namespace",
                        "    kubectl label --overwrite namespace team a.example/b=c tier=silver");
    }

    @Test
    void noCommandIsMadeOfWhatIsNoLabel() {
        for (String selector : List.of(
                "{matchLabels: {tier: \"$(id)\"}}",
                "{matchLabels: {\"a;b\": c}}",
                "{matchExpressions: [{key: tier, operator: NotIn, values: [gold]}]}")) {
            assertThat(allowed("{allowedNamespaces: " + selector + "}").getLast())
                    .isEqualTo("    kubectl edit benvclass/standard");
        }
    }

    @Test
    void whatIsNotKnownIsNotAllowed() {
        var classes = Stored.list(BuildEnvironmentClass.class, ready("standard", "{}"));
        assertThat(lines(ClassCheck.allows(classes, Stored.denied())))
                .singleElement()
                .asString()
                .startsWith("note  ");
        assertThat(lines(ClassCheck.allows(Stored.denied(), TEAM)))
                .singleElement()
                .asString()
                .startsWith("note  ");
        assertThat(ClassCheck.allows(classes, new Lookup.Absent<>())).isEmpty();
        assertThat(lines(ClassCheck.theDefault(Stored.denied(), TARGET)))
                .containsExactly("note  default class: not checked, because you may not list things");
    }

    @Test
    void whatClassesLendMustBeReadable() {
        assertThat(ClassCheck.lentSecrets(Stored.list(
                        BuildEnvironmentClass.class,
                        ready("a", "{verificationPullSecrets: [{name: mirror}]}"),
                        ready("b", "{verificationPullSecrets: [{name: mirror}, {name: builders}]}"),
                        ready("c", "{}"))))
                .containsExactly("builders", "mirror");
        assertThat(ClassCheck.lent("mirror", new Lookup.Found<>(true), TARGET).lines())
                .containsExactly("ok    verification pull secret mirror: the operator may read it");
        assertThat(ClassCheck.lent("mirror", new Lookup.Found<>(false), TARGET).lines())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.getFirst()).startsWith("MISSING  verification pull secret mirror"))
                .satisfies(lines -> assertThat(lines.getLast())
                        .startsWith("    kubectl create role cleanroom-verification-mirror -n cleanroom-system"));
        assertThat(ClassCheck.lent("mirror", new Lookup.Denied<>("ask"), TARGET).lines())
                .singleElement()
                .asString()
                .startsWith("note  ");
    }
}
