package dev.cleanroom.operator.check;

import static dev.cleanroom.operator.check.Stored.TARGET;
import static dev.cleanroom.operator.check.Stored.lines;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import io.fabric8.kubernetes.api.model.Namespace;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is looked at in a namespace, and the policies about what runs there. */
class NamespaceCheckTest {
    private static String policy(String name, String status, String spec) {
        return """
                metadata: {name: %s, generation: 1}
                spec: %s
                status:
                  conditions: [{type: Ready, status: "%s", reason: A, message: told, observedGeneration: 1}]
                """.formatted(name, spec, status);
    }

    private static String accepting(String name, String status) {
        return policy(name, status, "{images: [registry.example.com/a], authorities: [{name: k, key: {pem: x}}]}");
    }

    private static String environment(String name, String reason, String pullSecrets) {
        return """
                metadata: {name: %s}
                spec: {image: registry.example.com/a, imagePullSecrets: %s}
                status: {conditions: [{type: ImageVerified, status: "Unknown", reason: %s}]}
                """.formatted(name, pullSecrets, reason);
    }

    private static List<String> policies(String... policies) {
        return lines(PolicyCheck.of(Stored.list(TrustPolicy.class, policies)));
    }

    private static List<String> images(String... environments) {
        return lines(EnvironmentsCheck.images(Stored.list(BuildEnvironment.class, environments), "team"));
    }

    @Test
    void theOperatorsOwnNamespaceIsNeverOpenedForBuilds() {
        Lookup<Namespace> closed = Stored.found(Namespace.class, "metadata: {name: cleanroom-system}");
        assertThat(lines(NamespaceCheck.of(closed, "cleanroom-system", TARGET)))
                .containsExactly(
                        "MISSING  namespace cleanroom-system: it is the operator's namespace, where no builds may run; use"
                                + " another",
                        "    kubectl create namespace builds");
        Lookup<Namespace> open = Stored.found(
                Namespace.class, "metadata: {name: cleanroom-system, labels: {cleanroom.dev/builds: enabled}}");
        assertThat(lines(NamespaceCheck.of(open, "cleanroom-system", TARGET)).getLast())
                .isEqualTo("    kubectl label namespace cleanroom-system cleanroom.dev/builds-");
    }

    @Test
    void anotherValueOfTheLabelOpensNothing() {
        Lookup<Namespace> odd = Stored.found(
                Namespace.class,
                "metadata: {name: team, labels: {cleanroom.dev/builds: \"true\","
                        + " pod-security.kubernetes.io/enforce: baseline}}");
        assertThat(lines(NamespaceCheck.of(odd, "team", TARGET)))
                .containsExactly(
                        "MISSING  namespace team: it is not open for builds",
                        "    kubectl label --overwrite namespace team cleanroom.dev/builds=enabled",
                        "note  namespace team: it does not enforce Pod Security restricted; build pods comply with it, but"
                                + " check other pods there before you enforce it",
                        "    kubectl label --overwrite namespace team pod-security.kubernetes.io/enforce=restricted");
    }

    @Test
    void logsThatTheOperatorMayNotReadAreANoteWithTheCommand() {
        Lookup<Boolean> yes = new Lookup.Found<>(true);
        assertThat(lines(NamespaceCheck.logs(yes, "team", TARGET)))
                .containsExactly("ok    logs of runs in team: the operator may read them");
        Lookup<Boolean> no = new Lookup.Found<>(false);
        assertThat(lines(NamespaceCheck.logs(no, "team", TARGET)))
                .containsExactly(
                        "note  logs of runs in team: the operator may not read them, so the records of these runs do not say"
                                + " what the runs tried",
                        "    kubectl create rolebinding cleanroom-runs -n team --clusterrole=cleanroom-runs"
                                + " --serviceaccount=cleanroom-system:cleanroom-operator");
        assertThat(lines(NamespaceCheck.logs(Stored.denied(), "team", TARGET)))
                .containsExactly(
                        "note  logs of runs in team: whether the operator may read them: not checked, because you may"
                                + " not list things");
    }

    @Test
    void aPolicyThatOnlyDeniesLetsNoImageRun() {
        assertThat(policies(policy("denied", "True", "{deny: {digests: []}}")))
                .containsExactly(
                        "MISSING  TrustPolicy with authorities: there is none, so no image may run",
                        "    kubectl apply -f examples/quickstart.yaml  # with your images and your key in it");
    }

    @Test
    void aPolicyThatCannotBeUsedIsNeverCountedAsOneThatCan() {
        assertThat(policies(accepting("broken", "False")))
                .containsExactly("MISSING  TrustPolicy broken: A, told", "    kubectl edit tpol/broken");
        assertThat(policies(accepting("broken", "False"), accepting("good", "True")))
                .containsExactly(
                        "ok    TrustPolicy with authorities: good",
                        "MISSING  TrustPolicy broken: A, told",
                        "    kubectl edit tpol/broken");
    }

    @Test
    void whatAPolicyRejectsIsNotedUnlessAnEarlierGenerationDid() {
        String rejecting = accepting("good", "True") + "  observedGeneration: %d\n  rejectedEnvironments: %d\n";
        assertThat(policies(rejecting.formatted(1, 3)))
                .containsExactly(
                        "ok    TrustPolicy with authorities: good",
                        "note  TrustPolicy good: it rejects the images of 3 environments, which therefore start no new"
                                + " pods",
                        "    kubectl get benv -A");
        assertThat(policies(rejecting.formatted(1, 0))).containsExactly("ok    TrustPolicy with authorities: good");
        assertThat(policies(rejecting.formatted(0, 3))).containsExactly("ok    TrustPolicy with authorities: good");
    }

    @Test
    void environmentsAreCountedByReason() {
        assertThat(images(
                        environment("a", "Verified", "[]"),
                        environment("b", "NoMatchingPolicy", "[]"),
                        environment("c", "NoMatchingPolicy", "[]"),
                        environment("d", "SignatureMissing", "[]"),
                        "metadata: {name: e}",
                        "metadata: {name: f}"))
                .containsExactly(
                        "MISSING  images of the environments in team: no policy matches the images of 2: b, c",
                        "    kubectl edit tpol  # add to spec.images the images shown by: kubectl describe benv -n team b",
                        "note  images of the environments in team: not verified: Pending 2, SignatureMissing 1",
                        "    kubectl get benv -n team");
        assertThat(images(environment("a", "Verified", "[]")))
                .containsExactly("ok    images of the environments in team: 1 verified");
        assertThat(lines(EnvironmentsCheck.images(Stored.denied(), "team")))
                .singleElement()
                .asString()
                .startsWith("note  ");
    }

    private static List<String> enforcement(String... reasons) {
        String[] environments =
                Stream.of(reasons).map(reason -> """
                        metadata: {name: a}
                        status: {conditions: [{type: NetworkEnforced, status: "Unknown", reason: %s}]}
                        """.formatted(reason)).toArray(String[]::new);
        return lines(EnforcementCheck.of(Stored.list(BuildEnvironment.class, environments), "team", TARGET));
    }

    @Test
    void enforcementIsReportedAsTheGatesMeasuredIt() {
        String what = "enforcement of network policies, measured by the gates in team";
        assertThat(enforcement("NotProbed"))
                .containsExactly("note  " + what + ": no gate has measured it yet; the first build in team does");
        assertThat(enforcement("Enforced", "Enforced", "NotProbed"))
                .containsExactly("ok    " + what + ": Enforced 2, NotProbed 1");
        assertThat(enforcement("Enforced", "PolicyNotEnforced", "GateUnreachable"))
                .containsExactly(
                        "MISSING  " + what + ": Enforced 1, GateUnreachable 1, PolicyNotEnforced 1: make your network"
                                + " plug-in enforce them on the nodes of these pods",
                        "    kubectl get pods -o wide -n team -l cleanroom.dev/environment");
        assertThat(enforcement("CanaryUnavailable"))
                .containsExactly(
                        "MISSING  " + what
                                + ": CanaryUnavailable 1: the canaries must run, and pods in team must be able"
                                + " to reach the beacon",
                        "    kubectl get pods -o wide -n cleanroom-system -l app.kubernetes.io/component=canary");
    }

    @Test
    void oneSecretThatMayNotBeReadIsEnough() {
        assertThat(EnvironmentsCheck.pullSecrets(Stored.list(
                        BuildEnvironment.class,
                        environment("a", "Verified", "[{name: y}, {name: x}]"),
                        environment("b", "Verified", "[{name: x}]"))))
                .containsExactly("x", "y");
        Lookup<Boolean> yes = new Lookup.Found<>(true);
        Lookup<Boolean> no = new Lookup.Found<>(false);
        assertThat(level(Map.of("x", yes, "y", yes))).containsExactly(Finding.Level.OK);
        assertThat(level(Map.of("x", yes, "y", no))).containsExactly(Finding.Level.MISSING);
        assertThat(level(Map.of("x", yes, "y", Stored.denied()))).containsExactly(Finding.Level.NOTE);
        assertThat(level(Map.of("x", yes, "y", new Lookup.Absent<>()))).containsExactly(Finding.Level.MISSING);
        assertThat(level(Map.of())).isEmpty();
    }

    private static List<Finding.Level> level(Map<String, Lookup<Boolean>> mayGet) {
        return EnvironmentsCheck.pullRights(mayGet, "team", TARGET).stream()
                .map(Finding::level)
                .toList();
    }
}
