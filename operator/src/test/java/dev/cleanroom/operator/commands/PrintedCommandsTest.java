package dev.cleanroom.operator.commands;

import static dev.cleanroom.operator.commands.People.Person.ADMINISTRATOR;
import static dev.cleanroom.operator.commands.People.Person.NAMESPACE_ADMINISTRATOR;
import static dev.cleanroom.operator.commands.People.Person.RESPONDER;
import static dev.cleanroom.operator.commands.People.Person.TEAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.environment.status.StatusWrites;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Incidents;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.Repository;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.record.RunLogs;
import dev.cleanroom.operator.trust.PullSecretSource;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every command in a message works as it is printed, for the person for whom it is printed. */
@LabTest
@Timeout(240)
class PrintedCommandsTest {
    /** What is not typed here needs more than a namespace; each is in a message that another test shows. */
    private static final Set<String> ELSEWHERE = Set.of(
            // DeniedImagesTest: it quarantines every pod that runs an image.
            "annotate tpol",
            // DeniedImageTest: the API server refuses to store one more digest.
            "edit tpol",
            // SnapshotTest: the lab serves no snapshots unless a test installs them.
            "delete volumesnapshot",
            "get volumesnapshotclass");

    private static final Pattern IN_A_RAIL = Pattern.compile("kubectl [a-z]+ [a-z,]+( -n [-a-z0-9]+)?");

    private Lab lab;
    private String open;
    private String closed;
    private String occupied;
    private People people;

    @BeforeEach
    void open(Lab given) {
        lab = given;
        open = lab.namespace();
        closed = lab.namespace(Map.of());
        occupied = lab.namespace(Map.of());
        people = People.in(lab, open, closed, occupied);
        lab.operator(
                lab.operatorKubeconfig(),
                "--leader-elect=false",
                "--namespaces",
                String.join(",", List.of(open, closed, occupied)));
    }

    @Test
    void everyCommand(@TempDir Path directory) throws IOException {
        whereNothingIsAccepted();
        wherePoliciesAreInTheWay();
        whereAPullSecretIsOfNoUse();
        whereABuildDoesNotRun();
        whereAPodIsUnderSuspicion();
        whatAdministratorsAreTold(directory);

        Set<String> all = new TreeSet<>(people.typed());
        all.addAll(ELSEWHERE);
        assertThat(all).as("actions that were typed, and those of the sources").containsAll(Commands.printed());
    }

    private void whereNothingIsAccepted() {
        create(closed, "payments", "standard", Manifests.IMAGE, "");
        people.follow(ADMINISTRATOR, awaited(closed, "payments", "Stalled", "NamespaceNotEnabled"));
        lab.environments(closed).awaitCondition("payments", "Ready", "True", "Running");

        create(open, "no-class", "no-such-class", Manifests.IMAGE, "");
        people.follow(TEAM, awaited(open, "no-class", "Stalled", "ClassNotFound"));

        create(open, "stranger", "standard", "registry.example.com/strangers/tool:1", "");
        people.follow(TEAM, awaited(open, "stranger", "ImageVerified", "NoMatchingPolicy"));

        var none = (ClassChoice.None) ClassChoice.of(null, List.of());
        people.follow(ADMINISTRATOR, none.message(), Map.of("NAME", lab.buildClass(Map.of()) + " --dry-run=server"));
    }

    private void wherePoliciesAreInTheWay() {
        lab.cluster().apply("""
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: cleanroom.deny-all, namespace: %1$s}
                spec: {podSelector: {}, policyTypes: [Ingress]}
                ---
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: everything, namespace: %1$s}
                spec: {podSelector: {}, egress: [{}], policyTypes: [Egress]}
                """.formatted(occupied));
        lab.admin()
                .namespaces()
                .withName(occupied)
                .edit(namespace -> namespace
                        .edit()
                        .editMetadata()
                        .addToLabels(CleanroomApi.BUILDS_LABEL, CleanroomApi.BUILDS_ENABLED)
                        .endMetadata()
                        .build());
        create(occupied, "payments", "standard", Manifests.IMAGE, "");
        people.follow(TEAM, awaited(occupied, "payments", "Stalled", "NameTaken"));
        people.follow(TEAM, awaited(occupied, "payments", "Stalled", "ForeignPolicy"));
    }

    private void whereAPullSecretIsOfNoUse() {
        lab.cluster().apply("""
                apiVersion: v1
                kind: Secret
                metadata: {name: registry, namespace: %s}
                stringData: {password: p}
                """.formatted(open));
        create(open, "private", "standard", Manifests.IMAGE, "imagePullSecrets: [{name: registry}]");
        people.follow(
                NAMESPACE_ADMINISTRATOR,
                awaitedMessage(open, "private", "ImageVerified", "create rolebinding cleanroom-pull-secrets"));
        lab.environments(open).awaitCondition("private", "ImageVerified", "True", "Verified");
        // Printed where the registry wants credentials, as in RealRegistriesTest.
        people.follow(
                TEAM,
                PullSecretSource.InCluster.createAgain("registry", open),
                Map.of("REGISTRY", "registry.example.com", "USER", "builder", "PASSWORD", "p"));
        people.follow(ADMINISTRATOR, PullSecretSource.InCluster.letReadLent("registry", open));
    }

    private void whereABuildDoesNotRun() {
        lab.admin()
                .resource(Manifests.limitRange(closed, "{type: Container, max: {cpu: 100m}}"))
                .create();
        create(closed, "great", "standard", Manifests.IMAGE, "");
        people.follow(TEAM, awaited(closed, "great", "Stalled", "WriteRefused"));

        create(open, "waits", lab.buildClass(Map.of("lab.cleanroom.dev/never-start", "true")), Manifests.IMAGE, "");
        people.follow(TEAM, awaited(open, "waits", "Ready", "ImagePullBackOff"));

        create(open, "fails", "standard", Manifests.IMAGE, "");
        Environments environments = lab.environments(open);
        environments.awaitCondition("fails", "Ready", "True", "Running");
        environments.annotatePod(
                "fails-0-1",
                Map.of(
                        "lab.cleanroom.dev/observed",
                        "[{\"name\":\"cdn.example.com\",\"step\":\"build\",\"count\":1}]",
                        "lab.cleanroom.dev/exit-code",
                        "1",
                        "lab.cleanroom.dev/exit-after",
                        "0s"));
        people.follow(TEAM, awaited(open, "fails", "Stalled", "BuildFailed"));
        people.follow(TEAM, event("ConnectionDenied"));
        people.follow(NAMESPACE_ADMINISTRATOR, RunLogs.letRead(closed, LabCluster.OPERATOR_NAMESPACE));
        environments.awaitPod(
                "fails-0-2", again -> assertThat(again.getMetadata().getName()).isNotNull());
    }

    private String event(String reason) {
        return lab.admin().v1().events().inNamespace(open).list().getItems().stream()
                .filter(event -> reason.equals(event.getReason()))
                .findFirst()
                .orElseThrow()
                .getMessage();
    }

    private void whereAPodIsUnderSuspicion() {
        Environments environments = lab.environments(open);
        environments.create(Manifests.agent("agents", "standard", 2));
        environments.awaitCondition("agents", "Ready", "True", "Running");
        // Each of these is refused, and says how to quarantine the pod.
        people.follow(TEAM, people.refused(TEAM, "kubectl label pod agents-0-1 -n " + open + " app=web"));
        people.follow(
                TEAM,
                people.refused(
                        TEAM, "kubectl annotate --overwrite pod agents-1-1 -n " + open + " cleanroom.dev/images=none"));
        people.follow(TEAM, awaited(open, "agents", "Quarantined", "UnderInvestigation"));
        people.follow(TEAM, people.refused(TEAM, "kubectl delete pod agents-0-1 -n " + open));

        Incidents incidents = environments.incidents();
        String first = incidents.awaitOf(environments.pod("agents-0-1"));
        String second = incidents.awaitOf(environments.pod("agents-1-1"));
        incidents.awaitCondition(first, "Closed", "False", "Open");
        people.follow(RESPONDER, incidents.message(first, "Closed"));
        people.follow(RESPONDER, people.refused(ADMINISTRATOR, "kubectl delete incident " + second + " -n " + open));
    }

    private void whatAdministratorsAreTold(Path directory) throws IOException {
        people.follow(ADMINISTRATOR, Canaries.lookUp(LabCluster.OPERATOR_NAMESPACE));
        var event =
                (Write.Create) StatusWrites.unreadable(lab.environments(open).get("waits"), Instant.now());
        people.follow(ADMINISTRATOR, ((Event) event.object()).getNote());
        people.follow(ADMINISTRATOR, rail("requested-is-what-runs"));
        people.follow(RESPONDER, rail("evidence-is-not-evicted"));

        String policy = lab.unique("policy");
        lab.cluster().apply("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: TrustPolicy
                metadata: {name: %s}
                spec:
                  images: ["registry.example.com/nobody/**"]
                  authorities: [{name: release, key: {configMapRef: {name: %s, key: cosign.pub}}}]
                """.formatted(policy, policy));
        lab.onClose(
                () -> lab.admin().resources(TrustPolicy.class).withName(policy).delete());
        Path key = Files.writeString(directory.resolve("cosign.pub"), "a public key");
        lab.onClose(() -> lab.admin()
                .configMaps()
                .inNamespace(LabCluster.OPERATOR_NAMESPACE)
                .withName(policy)
                .delete());
        Environments.until(
                "the policy to be judged",
                () -> assertThat(policyMessage(policy)).contains("kubectl create configmap"));
        people.follow(ADMINISTRATOR, policyMessage(policy), Map.of("FILE", key.toString()));
    }

    private String policyMessage(String policy) {
        return lab.admin().resources(TrustPolicy.class).withName(policy).get().getStatus().conditions().stream()
                .map(Condition::getMessage)
                .filter(message -> message.contains("kubectl"))
                .findFirst()
                .orElse("");
    }

    /** The commands of a rail that only a mistake outside of Cleanroom brings to print them. */
    private String rail(String name) throws IOException {
        String source = Files.readString(Repository.root().resolve("helm/cleanroom/templates/rails/" + name + ".yaml"))
                .replaceAll("\\s+", " ")
                .replace("{{ .Release.Namespace }}", LabCluster.OPERATOR_NAMESPACE)
                .replace("' + params.metadata.namespace", open);
        return IN_A_RAIL.matcher(source).results().map(MatchResult::group).collect(Collectors.joining("; "));
    }

    private void create(String namespace, String name, String className, String image, String more) {
        lab.environments(namespace).create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  className: %s
                  image: %s
                  command: [sh]
                  %s
                """.formatted(name, className, image, more)));
    }

    private String awaited(String namespace, String name, String type, String reason) {
        Environments environments = lab.environments(namespace);
        Environments.until(
                name + " to be " + reason,
                () -> assertThat(condition(environments, name, type).getReason())
                        .isEqualTo(reason));
        return condition(environments, name, type).getMessage();
    }

    private String awaitedMessage(String namespace, String name, String type, String words) {
        Environments environments = lab.environments(namespace);
        Environments.until(
                name + " to say " + words,
                () -> assertThat(condition(environments, name, type).getMessage())
                        .contains(words));
        return condition(environments, name, type).getMessage();
    }

    private static Condition condition(Environments environments, String name, String type) {
        BuildEnvironmentStatus status = environments.get(name).getStatus();
        assertThat(status).as("a status of %s", name).isNotNull();
        return Conditions.find(status.conditions(), type).orElseThrow(() -> new AssertionError("no " + type));
    }
}
