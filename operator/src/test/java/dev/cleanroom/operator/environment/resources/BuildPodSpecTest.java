package dev.cleanroom.operator.environment.resources;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.operator.trust.PinnedByDigest;
import dev.cleanroom.operator.trust.VerifiedImage;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BuildPodSpecTest {
    private static final String MAVEN = "registry.example.com/builders/maven@sha256:" + "b".repeat(64);
    private static final String TOOLS = "registry.example.com/cleanroom/tools@sha256:" + "c".repeat(64);
    private static final String GIT = "registry.example.com/builders/git@sha256:" + "a".repeat(64);

    @Test
    void theImagesThatMayRunAreThoseOfItsContainersAndNoOthers() {
        BuildEnvironment environment = Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: payments, namespace: team, uid: 5f0c2a11}
                spec:
                  image: maven:3.9
                  command: [mvn, verify]
                  prepare:
                    - {name: checkout, image: 'git:2', command: [git, clone]}
                    - {name: fetch, image: 'maven:3.9', command: [mvn, dependency:go-offline]}
                """, BuildEnvironment.class);
        BuildEnvironmentClassSpec buildClass = Serialization.unmarshal(
                "pod: {annotations: {cleanroom.dev/images: 'registry.example.com/anything:latest'}}",
                BuildEnvironmentClassSpec.class);

        Pod pod = BuildPodSpec.build(
                environment,
                buildClass,
                Map.of(
                        "maven:3.9",
                        accepted(MAVEN),
                        "git:2",
                        accepted(GIT),
                        "other:1",
                        accepted("registry.example.com/other@sha256:" + "0".repeat(64))),
                new BuildPodSpec.Place(0, 1, Optional.empty()),
                new Gate(accepted(TOOLS), List.of("10.0.0.1", "fd00::1")));

        assertThat(pod.getMetadata().getAnnotations())
                .containsEntry("cleanroom.dev/images", GIT + " " + MAVEN + " " + TOOLS);
        List<String> running = Stream.concat(
                        pod.getSpec().getInitContainers().stream(), pod.getSpec().getContainers().stream())
                .map(Container::getImage)
                .toList();
        assertThat(running).containsExactly(TOOLS, TOOLS, GIT, MAVEN, MAVEN);
    }

    /** Who wrote a limit would otherwise get more than it where nothing is asked for. */
    @Test
    void defaultsAreLoweredToTheClassesLimits() {
        BuildEnvironment environment = Serialization.unmarshal("""
                metadata: {name: payments, namespace: team, uid: 5f0c2a11}
                spec:
                  image: maven:3.9
                  command: [mvn, verify]
                  prepare:
                    - {name: checkout, image: 'maven:3.9', command: [git, clone], resources: {limits: {memory: 96Mi}}}
                """, BuildEnvironment.class);
        BuildEnvironmentClassSpec buildClass = Serialization.unmarshal("""
                limits: {resources: {cpu: '1', memory: 256Mi}}
                defaults: {resources: {limits: {cpu: '8'}}}
                """, BuildEnvironmentClassSpec.class);

        Pod pod = BuildPodSpec.build(
                environment,
                buildClass,
                Map.of("maven:3.9", accepted(MAVEN)),
                new BuildPodSpec.Place(0, 1, Optional.empty()),
                new Gate(accepted(TOOLS), List.of("10.0.0.1")));

        assertThat(pod.getSpec().getContainers()).allSatisfy(build -> {
            assertThat(build.getResources().getLimits())
                    .containsEntry("cpu", new Quantity("1"))
                    .containsEntry("memory", new Quantity("256Mi"))
                    .containsEntry("ephemeral-storage", new Quantity("10Gi"));
            assertThat(build.getResources().getRequests())
                    .containsEntry("cpu", new Quantity("500m"))
                    .containsEntry("memory", new Quantity("256Mi"));
        });
        assertThat(pod.getSpec().getInitContainers())
                .filteredOn(step -> step.getName().equals("checkout"))
                .singleElement()
                .satisfies(step -> assertThat(step.getResources().getLimits())
                        .containsEntry("cpu", new Quantity("1"))
                        .containsEntry("memory", new Quantity("96Mi")));
    }

    /** So a LimitRange that allows the build allows the gate, and a pod can be Guaranteed. */
    @Test
    void theGateRequestsWhatTheBuildRequests() {
        BuildEnvironment environment = Serialization.unmarshal("""
                metadata: {name: payments, namespace: team, uid: 5f0c2a11}
                spec:
                  image: maven:3.9
                  command: [mvn, verify]
                  resources: {limits: {cpu: '1', memory: 1Gi, vendor.example/device: '1'}, requests: {cpu: '1'}}
                  prepare:
                    - {name: checkout, image: 'maven:3.9', command: [git, clone], resources: {limits: {memory: 96Mi}}}
                """, BuildEnvironment.class);

        Pod pod = BuildPodSpec.build(
                environment,
                Serialization.unmarshal("{}", BuildEnvironmentClassSpec.class),
                Map.of("maven:3.9", accepted(MAVEN)),
                new BuildPodSpec.Place(0, 1, Optional.empty()),
                new Gate(accepted(TOOLS), List.of("10.0.0.1")));

        assertThat(pod.getSpec().getInitContainers().getFirst().getResources())
                .isEqualTo(pod.getSpec().getContainers().getFirst().getResources());
        assertThat(pod.getSpec().getContainers().getFirst().getResources().getLimits())
                .containsEntry("vendor.example/device", new Quantity("1"))
                .containsEntry("cpu", new Quantity("1"));
    }

    /** A kubelet replaces $(NAME) in arguments, so a dollar is doubled. The workspace is mounted also for one step. */
    @Test
    void theObserverReadsWhatDetectionNamesWhenTheBuildHasEnded() {
        BuildEnvironment environment = Serialization.unmarshal("""
                metadata: {name: payments, namespace: team, uid: 5f0c2a11}
                spec:
                  image: maven:3.9
                  command: [mvn, verify]
                  detection: {artifacts: [{path: 'target/*.jar'}, {path: 'out/$(HOME).class'}]}
                """, BuildEnvironment.class);
        BuildEnvironmentClassSpec buildClass = Serialization.unmarshal(
                "detection: {artifacts: [{path: 'other'}], reports: [{path: '**/*.sarif'}]}",
                BuildEnvironmentClassSpec.class);

        Pod pod = BuildPodSpec.build(
                environment,
                buildClass,
                Map.of("maven:3.9", accepted(MAVEN)),
                new BuildPodSpec.Place(0, 1, Optional.empty()),
                new Gate(accepted(TOOLS), List.of("10.0.0.1")));

        assertThat(pod.getSpec().getInitContainers())
                .filteredOn(step -> step.getName().equals("observer"))
                .singleElement()
                .satisfies(observer -> {
                    assertThat(String.join(" ", observer.getArgs()))
                            .startsWith("observe --workspace /workspace ")
                            .contains(" --artifact target/*.jar --artifact out/$$(HOME).class --report **/*.sarif ")
                            .endsWith(" build");
                    assertThat(observer.getVolumeMounts())
                            .extracting(mount -> mount.getMountPath() + mount.getReadOnly())
                            .containsExactly("/workspacetrue");
                });
    }

    private static VerifiedImage accepted(String pinned) {
        return PinnedByDigest.verified(pinned);
    }
}
