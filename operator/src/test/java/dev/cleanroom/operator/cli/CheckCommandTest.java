package dev.cleanroom.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.lab.SnapshotApi;
import dev.cleanroom.operator.record.RunLogs;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** The command as a person calls it, with that person's own account, against a real API server. */
@LabTest
@Timeout(180)
class CheckCommandTest {
    private static final String UNVERIFIED = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: %s}
            spec:
              image: %s
              imagePullSecrets: %s
              command: ["true"]
            """;

    private record Called(int exitCode, List<String> out, String err) {
        List<String> beginning(String prefix) {
            return out.stream().filter(line -> line.startsWith(prefix)).toList();
        }

        /** The line, and the command under it. */
        List<String> missing(String what) {
            int at = out.indexOf(beginning("MISSING  " + what).getFirst());
            return out.subList(at, at + 2);
        }
    }

    private static Called check(Path kubeconfig, String... more) {
        var out = new StringWriter();
        var err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of("--kubeconfig", kubeconfig.toString()));
        arguments.addAll(List.of(more));
        int exitCode = new CommandLine(new CheckCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(arguments.toArray(String[]::new));
        return new Called(exitCode, out.toString().lines().toList(), err.toString());
    }

    /** An account in a namespace, without rights yet. */
    private static String account(Lab lab, String namespace, String name) {
        lab.admin()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(name)
                        .endMetadata()
                        .build())
                .create();
        return name;
    }

    private static Path administrator(Lab lab, String namespace) {
        String account = account(lab, namespace, "administrator");
        String binding = lab.unique("admin");
        lab.admin()
                .resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(binding)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject("", "ServiceAccount", account, namespace)
                        .build())
                .create();
        lab.onClose(
                () -> lab.admin().rbac().clusterRoleBindings().withName(binding).delete());
        return lab.kubeconfig(namespace, account);
    }

    private static void bind(Lab lab, String namespace, String role, String accountNamespace, String account) {
        lab.admin()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(role)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", role)
                        .addNewSubject("", "ServiceAccount", account, accountNamespace)
                        .build())
                .create();
    }

    /** One that leads, in the namespace; what it says of classes and policies comes a moment after it is ready. */
    private static void operator(Lab lab, String namespace, Path administrator) {
        lab.operator(lab.operatorKubeconfig(), "--namespaces", namespace);
        Environments.until(
                "the operator to lead and to judge",
                () -> assertThat(check(administrator).out()).noneMatch(line -> line.startsWith("MISSING")));
    }

    @Test
    void everythingIsThereInAnOpenNamespaceWithAnOperator(Lab lab) {
        String namespace = lab.namespace();
        Path administrator = administrator(lab, namespace);
        operator(lab, namespace, administrator);
        Called called = check(administrator, "-n", namespace);
        assertThat(called.err()).isEmpty();
        assertThat(called.exitCode()).isZero();
        assertThat(called.out().stream().map(line -> line.replaceAll("operator: .* leads", "operator: X leads")))
                .satisfiesExactly(
                        line -> assertThat(line).matches("ok    API server answers, v1\\.[0-9]+\\..*"),
                        line -> assertThat(line)
                                .isEqualTo("ok    quarantine in the same write: MutatingAdmissionPolicy v1 is served"),
                        line -> assertThat(line).isEqualTo("ok    CustomResourceDefinition of BuildEnvironment"),
                        line -> assertThat(line).isEqualTo("ok    CustomResourceDefinition of BuildEnvironmentClass"),
                        line -> assertThat(line).isEqualTo("ok    CustomResourceDefinition of TrustPolicy"),
                        line -> assertThat(line).isEqualTo("ok    CustomResourceDefinition of BuildIncident"),
                        line -> assertThat(line).isEqualTo("ok    CustomResourceDefinition of BuildRecord"),
                        line -> assertThat(line).matches("ok    guard rails: [0-9]{2} policies and bindings in force"),
                        line -> assertThat(line).isEqualTo("ok    operator: X leads and renews its Lease"),
                        line -> assertThat(line).isEqualTo("ok    default class: standard"),
                        line -> assertThat(line).isEqualTo("ok    TrustPolicy with authorities: builders"),
                        line -> assertThat(line).isEqualTo("ok    namespace " + namespace + " is open for builds"),
                        line -> assertThat(line)
                                .isEqualTo("ok    namespace " + namespace + " enforces Pod Security restricted"),
                        line -> assertThat(line)
                                .isEqualTo("ok    logs of runs in " + namespace + ": the operator may read them"),
                        line -> assertThat(line).isEqualTo("ok    default class standard for namespace " + namespace),
                        line -> assertThat(line)
                                .isEqualTo("ok    images of the environments in " + namespace + ": no environment yet"),
                        line -> assertThat(line).isEqualTo("ok    LimitRanges in " + namespace + ": none"),
                        line -> assertThat(line)
                                .startsWith(
                                        "note  enforcement of network policies, measured by the gates in " + namespace),
                        line -> assertThat(line).startsWith("note  snapshots of workspaces: "),
                        line -> assertThat(line).isEmpty(),
                        line -> assertThat(line).isEqualTo("missing: 0, notes: 2, ok: 17"));
    }

    @Test
    void aClosedNamespaceAndOneThatIsNotThereAreMissingWithTheirCommand(Lab lab) {
        String closed = lab.namespace(Map.of());
        Path administrator = administrator(lab, closed);
        Called called = check(administrator, "-n", closed);
        assertThat(called.exitCode()).as("%s", called.err()).isEqualTo(1);
        assertThat(called.missing("namespace"))
                .containsExactly(
                        "MISSING  namespace " + closed + ": it is not open for builds",
                        "    kubectl label --overwrite namespace " + closed + " cleanroom.dev/builds=enabled");
        assertThat(called.beginning("note  namespace " + closed + ": it does not enforce Pod Security restricted"))
                .hasSize(1);

        String none = lab.unique("none");
        Called ofNone = check(administrator, "-n", none);
        assertThat(ofNone.exitCode()).as("%s", ofNone.err()).isEqualTo(1);
        assertThat(ofNone.missing("namespace"))
                .containsExactly(
                        "MISSING  namespace " + none + ": it does not exist", "    kubectl create namespace " + none);
    }

    @Test
    void whatTheCallerMayNotLookAtIsANoteThatNamesTheRight(Lab lab) {
        String namespace = lab.namespace();
        bind(lab, namespace, "view", namespace, account(lab, namespace, "viewer"));
        Called called = check(lab.kubeconfig(namespace, "viewer"), "-n", namespace);
        assertThat(called.err()).isEmpty();
        assertThat(called.exitCode()).as("%s", called.out()).isZero();
        assertThat(called.beginning("ok"))
                .as("what a viewer does see")
                .allMatch(line -> line.startsWith("ok    API server answers")
                        || line.startsWith("ok    quarantine in the same write")
                        || line.startsWith("ok    CustomResourceDefinition of ")
                        || line.startsWith("ok    namespace " + namespace)
                        || line.equals("ok    images of the environments in " + namespace + ": no environment yet")
                        || line.equals("ok    LimitRanges in " + namespace + ": none"))
                .hasSize(11);
        String denied = ": not checked, because you may not list ";
        assertThat(called.beginning("note"))
                .contains(
                        "note  guard rails of kind ValidatingAdmissionPolicy" + denied
                                + "validatingadmissionpolicies.admissionregistration.k8s.io",
                        "note  operator: it is not known whether it runs, because you may not get deployments.apps in namespace "
                                + LabCluster.OPERATOR_NAMESPACE
                                + " and you may not get leases.coordination.k8s.io in namespace "
                                + LabCluster.OPERATOR_NAMESPACE,
                        "note  default class" + denied + "buildenvironmentclasses.cleanroom.dev",
                        "note  TrustPolicy with authorities" + denied + "trustpolicies.cleanroom.dev",
                        "note  default class for the namespace" + denied + "buildenvironmentclasses.cleanroom.dev");
    }

    @Test
    void aGuardRailThatIsGoneIsNamedWithTheUpgradeThatBringsItBack(Lab lab) {
        Path administrator = administrator(lab, lab.namespace());
        lab.withdrawMutatingQuarantine();
        Called called = check(administrator);
        assertThat(called.exitCode()).as("%s", called.err()).isEqualTo(1);
        assertThat(called.missing("guard rails").getFirst())
                .matches("MISSING  guard rails: 2 of [0-9]+ not in force: MutatingAdmissionPolicy"
                        + " quarantine.cleanroom.dev is missing; MutatingAdmissionPolicyBinding"
                        + " quarantine.cleanroom.dev is missing");
        assertThat(called.missing("guard rails").getLast())
                .isEqualTo("    helm upgrade cleanroom helm/cleanroom -n " + LabCluster.OPERATOR_NAMESPACE);
    }

    @Test
    void withoutTheChartEveryPartIsMissingAndNothingIsOkByChance(Lab lab) {
        Path administrator = administrator(lab, lab.namespace());
        Called called = check(administrator, "--operator-namespace", "somewhere-else");
        assertThat(called.exitCode()).as("%s", called.err()).isEqualTo(1);
        assertThat(called.missing("operator").getFirst())
                .startsWith(
                        "MISSING  operator: its Deployment does not exist, and its Lease does not exist, so no operator has"
                                + " been the leader yet");
        assertThat(called.missing("guard rails").getFirst())
                .as("rails are written for the operator's account, and so for its namespace")
                .contains("was changed");
    }

    @Test
    void imagesThatNoPolicyIsAboutAndSecretsThatCannotBeReadAreToldByNamespace(Lab lab) {
        String namespace = lab.namespace();
        Path administrator = administrator(lab, namespace);
        operator(lab, namespace, administrator);
        Environments environments = lab.environments(namespace);
        environments.create(Manifests.environment(
                UNVERIFIED.formatted("stranger", "registry.example.com/strangers/tool:1", "[{name: registry}]")));
        environments.create(Manifests.environment(UNVERIFIED.formatted("good", Manifests.IMAGE, "[]")));
        environments.awaitCondition("stranger", "ImageVerified", "False", "NoMatchingPolicy");
        environments.awaitCondition("good", "ImageVerified", "True", "Verified");

        Called called = check(administrator, "-n", namespace);
        assertThat(called.exitCode()).as("%s", called.err()).isEqualTo(1);
        assertThat(called.beginning("MISSING")).hasSize(2);
        assertThat(called.missing("images").getFirst())
                .isEqualTo("MISSING  images of the environments in " + namespace
                        + ": no policy matches the images of 1: stranger");
        assertThat(called.missing("pull secrets"))
                .containsExactly(
                        "MISSING  pull secrets in " + namespace
                                + " (registry): the operator may not read them, so it cannot verify private images",
                        "    kubectl create rolebinding cleanroom-pull-secrets -n " + namespace
                                + " --clusterrole=cleanroom-pull-secrets --serviceaccount="
                                + LabCluster.OPERATOR_NAMESPACE + ":" + LabCluster.OPERATOR_ACCOUNT);

        bind(lab, namespace, "cleanroom-pull-secrets", LabCluster.OPERATOR_NAMESPACE, LabCluster.OPERATOR_ACCOUNT);
        assertThat(check(administrator, "-n", namespace).out())
                .contains("ok    pull secrets in " + namespace + " (registry): the operator may read them");
        bind(lab, namespace, "view", namespace, account(lab, namespace, "viewer"));
        assertThat(check(lab.kubeconfig(namespace, "viewer"), "-n", namespace).out())
                .contains("note  pull secrets in " + namespace
                        + " (registry): whether the operator may read them: not checked, because you may not create"
                        + " subjectaccessreviews.authorization.k8s.io");
    }

    @Test
    void logsThatTheOperatorMayNotReadAreANote(Lab lab) {
        String namespace = lab.namespace();
        lab.admin()
                .rbac()
                .roleBindings()
                .inNamespace(namespace)
                .withName(RunLogs.ROLE)
                .delete();
        Path administrator = administrator(lab, namespace);
        String logs = "  logs of runs in " + namespace + ": the operator may ";
        Environments.until(
                "the right to be gone",
                () -> assertThat(check(administrator, "-n", namespace).out())
                        .anyMatch(line -> line.startsWith("note" + logs + "not read them"))
                        .contains("    " + RunLogs.letRead(namespace, LabCluster.OPERATOR_NAMESPACE)));
    }

    @Test
    void onlyASnapshotClassThatRetainsCounts(Lab lab) {
        String namespace = lab.namespace();
        Path administrator = administrator(lab, namespace);
        SnapshotApi snapshots = SnapshotApi.install(lab);
        snapshots.snapshotClass("fleeting", "Delete");
        assertThat(check(administrator, "-n", namespace).beginning("note  snapshots"))
                .singleElement()
                .asString()
                .contains("no VolumeSnapshotClass with deletionPolicy Retain");
        snapshots.snapshotClass("kept", "Retain");
        assertThat(check(administrator, "-n", namespace).out())
                .contains("ok    snapshots of workspaces: retained by kept");
    }
}
