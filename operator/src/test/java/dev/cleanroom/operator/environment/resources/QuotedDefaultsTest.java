package dev.cleanroom.operator.environment.resources;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.environment.model.SpecHash;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.PinnedByDigest;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the fields' descriptions and the schema call a default is what a pod gets of whom says nothing. */
class QuotedDefaultsTest {
    private static final String SPEC = "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/";

    private final JsonNode environments = definition("buildenvironments");
    private final JsonNode classes = definition("buildenvironmentclasses");
    private final PodSpec pod = podOfWhoSaysNothing();

    @Test
    void userAndGroup() {
        assertThat(description(classes, "pod/properties/uid"))
                .endsWith("when absent, "
                        + pod.getContainers().getFirst().getSecurityContext().getRunAsUser() + ".");
        assertThat(description(classes, "pod/properties/gid"))
                .endsWith("when absent, " + pod.getSecurityContext().getFsGroup() + ".");
    }

    @Test
    void resources() {
        Container build = pod.getContainers().getFirst();
        Map<String, Quantity> limits = build.getResources().getLimits();
        Map<String, Quantity> requests = build.getResources().getRequests();
        assertThat(description(classes, "defaults/properties/resources"))
                .endsWith("limits of %s cpu, %s memory and %s ephemeral-storage, requests of %s, %s and %s."
                        .formatted(
                                limits.get("cpu"),
                                limits.get("memory"),
                                limits.get("ephemeral-storage"),
                                requests.get("cpu"),
                                requests.get("memory"),
                                requests.get("ephemeral-storage")));
    }

    @Test
    void volumes() {
        assertThat(description(classes, "defaults/properties/tmpSize"))
                .endsWith("when absent, " + emptyDirSize("tmp-build") + ".");
        assertThat(emptyDirSize("home-build")).isEqualTo(emptyDirSize("tmp-build"));
        assertThat(description(environments, "workspace"))
                .endsWith("an emptyDir of " + emptyDirSize(Volumes.WORKSPACE) + " at " + mountPath(Volumes.WORKSPACE)
                        + ".");
        assertThat(description(environments, "tmp")).startsWith("/tmp and HOME (" + mountPath("home-build") + ")");
    }

    /** For objects that were stored before the schema had the default. */
    @Test
    void whatTheSchemaFillsInIsWhatTheOperatorTakesForAbsent() {
        assertThat(schemaDefault("maxLifetime")).isEqualTo(Durations.DEFAULT_MAX_LIFETIME);
        assertThat(schemaDefault("ttlAfterFinished")).isEqualTo(Durations.DEFAULT_TTL_AFTER_FINISHED);
        assertThat(schemaDefault("workspace/properties/mountPath"))
                .isEqualTo(SpecHash.DEFAULT_WORKSPACE)
                .isEqualTo(mountPath(Volumes.WORKSPACE));
    }

    private String emptyDirSize(String volume) {
        return pod.getVolumes().stream()
                .filter(v -> v.getName().equals(volume))
                .map(v -> v.getEmptyDir().getSizeLimit().toString())
                .findFirst()
                .orElseThrow();
    }

    private String mountPath(String volume) {
        return pod.getContainers().getFirst().getVolumeMounts().stream()
                .filter(mount -> mount.getName().equals(volume))
                .map(mount -> mount.getMountPath())
                .findFirst()
                .orElseThrow();
    }

    private String schemaDefault(String field) {
        return environments.at(SPEC + field + "/default").asText();
    }

    private static String description(JsonNode definition, String field) {
        return definition.at(SPEC + field + "/description").asText();
    }

    private static PodSpec podOfWhoSaysNothing() {
        BuildEnvironment environment = Manifests.environment("""
                metadata: {name: payments, namespace: team}
                spec: {image: a, command: [a]}
                """);
        var accepted = PinnedByDigest.verified("registry.example.com/a@sha256:" + "0".repeat(64));
        return BuildPodSpec.build(
                        environment,
                        Serialization.unmarshal("spec: {}", BuildEnvironmentClass.class)
                                .getSpec(),
                        Map.of("a", accepted),
                        new BuildPodSpec.Place(0, 1, Optional.empty()),
                        new Gate(accepted, List.of("10.0.0.1")))
                .getSpec();
    }

    private static JsonNode definition(String plural) {
        try {
            return new ObjectMapper(new YAMLFactory())
                    .readTree(Path.of(
                                    System.getProperty("cleanroom.root"),
                                    "crds/generated",
                                    plural + ".cleanroom.dev.yaml")
                            .toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
