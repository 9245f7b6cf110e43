package dev.cleanroom.operator.environment;

import static dev.cleanroom.operator.lab.BuildPodAssert.assertThatPod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.authorization.v1.SelfSubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README tells a newcomer to apply, as it is, in namespaces that enforce Pod Security {@code restricted}. */
@LabTest
class ExamplesTest {
    private static final Path EXAMPLES = Path.of(System.getProperty("cleanroom.root"), "examples");

    @Test
    void everyExampleIsAdmittedAndBecomesReady(Lab lab) {
        // Created, not applied: for one of them the API server chooses the name.
        List<HasMetadata> resources = create(
                lab,
                Stream.of("examples", "examples/per-build")
                        .flatMap(folder -> yaml(folder).stream())
                        .flatMap(file -> load(lab, file).stream())
                        // The lab has it already: every test's images are verified by it.
                        .filter(resource -> !resource.getKind().equals("TrustPolicy"))
                        .sorted(Comparator.comparing(resource -> resource instanceof Namespace ? 0 : 1))
                        .toList());
        lab.operator(lab.operatorKubeconfig(), "--leader-elect=false");
        List<HasMetadata> examples = resources.stream()
                .filter(resource -> resource.getKind().equals("BuildEnvironment"))
                .toList();
        assertThat(examples).isNotEmpty();
        for (HasMetadata example : examples) {
            Environments environments = lab.environments(example.getMetadata().getNamespace());
            environments.awaitCondition(example.getMetadata().getName(), "Ready", "True", "Running");
            environments
                    .pods(example.getMetadata().getName())
                    .forEach(pod -> assertThatPod(pod).isHardened());
        }
    }

    /** With namespace.yaml a team has what it needs, and no more, and its builds fit into the quota. */
    @Test
    void aTeamBuildsInItsNamespaceAndReadsWhatLimitsIt(Lab lab) throws IOException {
        // A name of its own: the namespace of the other test may not be gone yet.
        String namespace = lab.unique("team");
        String yaml = Files.readString(EXAMPLES.resolve("namespace.yaml"));
        create(
                lab,
                lab.admin()
                        .load(new ByteArrayInputStream(
                                yaml.replace("team-search", namespace).getBytes(StandardCharsets.UTF_8)))
                        .items());
        KubernetesClient team = lab.as(new Actor("tina@example.com", List.of(namespace), Map.of()));
        lab.operator(lab.operatorKubeconfig(), "--leader-elect=false");

        BuildEnvironment first = Manifests.task("first", "standard");
        Environments.until(
                "the team's rights to be known",
                () -> assertThatCode(() ->
                                team.resource(first).inNamespace(namespace).create())
                        .doesNotThrowAnyException());
        lab.environments(namespace).awaitCondition("first", "Ready", "True", "Running");
        assertThat(lab.admin()
                        .resourceQuotas()
                        .inNamespace(namespace)
                        .withName("builds")
                        .get()
                        .getStatus()
                        .getUsed())
                .containsEntry("pods", Quantity.parse("1"));
        assertThat(team.resources(BuildEnvironmentClass.class).list().getItems())
                .isNotEmpty();
        assertThat(team.resources(TrustPolicy.class).list().getItems()).isNotEmpty();
        assertThat(team.resources(BuildIncident.class)
                        .inNamespace(namespace)
                        .list()
                        .getItems())
                .isEmpty();
        assertThat(may(team, namespace, "cleanroom.dev", "buildincidents", "resolve"))
                .isFalse();
        assertThat(may(team, "", "", "namespaces", "patch")).isFalse();
        assertThat(may(
                        lab.as(new Actor("rob@example.com", List.of("responders"), Map.of())),
                        namespace,
                        "cleanroom.dev",
                        "buildincidents",
                        "resolve"))
                .isTrue();
        assertThat(may(lab.as(Actor.operatorImpersonated()), namespace, "", "secrets", "get"))
                .isTrue();
        assertThat(may(lab.as(Actor.operatorImpersonated()), namespace, "", "secrets", "list"))
                .isFalse();
        assertThat(may(lab.as(Actor.operatorImpersonated()), namespace, "", "pods/log", "get"))
                .isTrue();
        assertThat(may(team, namespace, "cleanroom.dev", "buildrecords", "list"))
                .isTrue();
        assertThat(may(team, namespace, "cleanroom.dev", "buildrecords", "create"))
                .isFalse();
    }

    private static List<HasMetadata> create(Lab lab, List<HasMetadata> resources) {
        List<HasMetadata> created = resources.stream()
                .map(resource -> lab.admin().resource(resource).create())
                .toList();
        lab.onClose(() -> resources.stream()
                .filter(resource -> resource instanceof Namespace || resource instanceof ClusterRoleBinding)
                .forEach(resource -> lab.admin().resource(resource).delete()));
        return created;
    }

    /** @param resource its plural, with a slash and the subresource if it is about one */
    private static boolean may(KubernetesClient client, String namespace, String group, String resource, String verb) {
        String[] parts = resource.split("/", 2);
        return client.authorization()
                .v1()
                .selfSubjectAccessReview()
                .create(new SelfSubjectAccessReviewBuilder()
                        .withNewSpec()
                        .withNewResourceAttributes()
                        .withNamespace(namespace)
                        .withGroup(group)
                        .withResource(parts[0])
                        .withSubresource(parts.length > 1 ? parts[1] : null)
                        .withVerb(verb)
                        .endResourceAttributes()
                        .endSpec()
                        .build())
                .getStatus()
                .getAllowed();
    }

    private static List<Path> yaml(String folder) {
        try (var files = Files.list(Path.of(System.getProperty("cleanroom.root"), folder))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<HasMetadata> load(Lab lab, Path file) {
        try (var in = Files.newInputStream(file)) {
            return lab.admin().load(in).items();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
