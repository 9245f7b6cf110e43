package dev.cleanroom.operator.environment.resources;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.AllowedChanges;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What the operator requests of the API server, as the guard rail {@code requested-is-what-runs} computes it from the
 * pod that will be stored: a line for each field, with its path, a tab, and its value as CEL's {@code format} writes it.
 * CEL has no hash function, so the pod carries the lines themselves. A field that the class allows admission plug-ins to
 * change has a line with a star in place of the value.
 */
public final class RequestedPod {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Cannot be a value, because CEL's {@code format} writes values in brackets. */
    private static final String ANY_VALUE = "\t*";

    private static final Set<String> METADATA = Set.of("name", "ownerReferences", "finalizers");

    /**
     * Fields of the spec that have no line of their own: those that are split up, and those in which an admission plug-in
     * may choose a node or lower a priority, as the rail explains.
     */
    private static final Set<String> WITHOUT_LINE = Set.of(
            "containers",
            "initContainers",
            "volumes",
            "tolerations",
            "nodeSelector",
            "affinity",
            "topologySpreadConstraints",
            "priority",
            "priorityClassName",
            "preemptionPolicy",
            "overhead",
            "schedulerName",
            "serviceAccount",
            "imagePullSecrets");

    private static final Set<String> PARTS_WITHOUT_LINE = Set.of("name", "resources", "imagePullPolicy");

    private final List<String> lines = new ArrayList<>();

    private RequestedPod() {}

    /**
     * The pod with the annotation that says what was requested.
     *
     * @param allowed what admission plug-ins may change; null for nothing
     */
    public static Pod annotated(Pod pod, @Nullable AllowedChanges allowed) {
        List<String> lines = lines(pod);
        anyValue(allowed).map(path -> path + ANY_VALUE).forEach(lines::add);
        return new PodBuilder(pod)
                .editMetadata()
                .addToAnnotations(CleanroomApi.REQUESTED_ANNOTATION, String.join("\n", lines))
                .endMetadata()
                .build();
    }

    /** The paths of the fields that may have any value, or none. */
    private static Stream<String> anyValue(@Nullable AllowedChanges allowed) {
        return allowed == null
                ? Stream.of()
                : Stream.of(
                                keys("metadata.labels", allowed.labels()),
                                keys("metadata.annotations", allowed.annotations()),
                                Boolean.TRUE.equals(allowed.tolerations())
                                        ? Stream.of("spec.tolerations")
                                        : Stream.<String>of())
                        .flatMap(paths -> paths);
    }

    private static Stream<String> keys(String path, @Nullable List<String> keys) {
        return keys == null ? Stream.of() : keys.stream().sorted().map(key -> path + CelText.key(key));
    }

    private static List<String> lines(Pod pod) {
        JsonNode tree = JSON.valueToTree(pod);
        RequestedPod requested = new RequestedPod();
        requested.metadata(tree.path("metadata"));
        requested.spec(tree.path("spec"));
        requested.containers("initContainers", tree.path("spec").path("initContainers"));
        requested.containers("containers", tree.path("spec").path("containers"));
        return requested.lines;
    }

    private void metadata(JsonNode metadata) {
        for (Map.Entry<String, JsonNode> field : metadata.properties()) {
            if (METADATA.contains(field.getKey())) {
                line("metadata." + field.getKey(), field.getValue());
            }
        }
        entries("metadata.labels", metadata.path("labels"));
        entries("metadata.annotations", metadata.path("annotations"));
    }

    private void spec(JsonNode spec) {
        for (Map.Entry<String, JsonNode> field : spec.properties()) {
            if (!WITHOUT_LINE.contains(field.getKey())) {
                line("spec." + field.getKey(), field.getValue());
            }
        }
        entries("spec.nodeSelector", spec.path("nodeSelector"));
        spec.path("tolerations").forEach(toleration -> line("spec.tolerations", toleration));
        for (JsonNode volume : spec.path("volumes")) {
            JsonNode template = volume.path("ephemeral").path("volumeClaimTemplate");
            String path = "spec.volumes" + CelText.key(volume.path("name").asText());
            if (template.isMissingNode()) {
                line(path, volume);
            } else {
                // Older API servers add a creationTimestamp that is null to the metadata of the template.
                entries(path + ".labels", template.path("metadata").path("labels"));
                entries(path + ".annotations", template.path("metadata").path("annotations"));
                line(path, template.path("spec"));
            }
        }
    }

    private void containers(String field, JsonNode containers) {
        if (!containers.isEmpty()) {
            lines.add("spec." + field + "\t"
                    + StreamSupport.stream(containers.spliterator(), false)
                            .map(container ->
                                    CelText.quoted(container.path("name").asText()))
                            .collect(Collectors.joining(", ", "[[", "]]")));
        }
        for (JsonNode container : containers) {
            String name = container.path("name").asText();
            String path = "spec." + field + CelText.key(name);
            for (Map.Entry<String, JsonNode> part : container.properties()) {
                if (!PARTS_WITHOUT_LINE.contains(part.getKey())) {
                    line(path + "." + part.getKey(), part.getValue());
                }
            }
            sorted(container.path("resources").path("limits"))
                    .forEach((resource, limit) -> lines.add(path + ".resources.limits" + CelText.key(resource) + "\t"
                            + CelText.ofAmount(limit.asText())));
        }
    }

    private void entries(String path, JsonNode map) {
        sorted(map).forEach((key, value) -> line(path + CelText.key(key), value));
    }

    /** The order of a map may differ from process to process. */
    private static SortedMap<String, JsonNode> sorted(JsonNode map) {
        SortedMap<String, JsonNode> sorted = new TreeMap<>();
        map.properties().forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    private void line(String path, JsonNode value) {
        if (!(value.isArray() && value.isEmpty())) {
            lines.add(path + "\t" + CelText.of(value));
        }
    }
}
