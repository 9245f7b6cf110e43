package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.MutatingWebhook;
import dev.cleanroom.operator.sample.Sample;
import dev.cleanroom.operator.sample.Sampled;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A webhook changes one field of a build pod: the rail refuses, or the field is one of those that do no harm. */
@LabTest
@Sampled
class MutatedPodsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CHANGES = 2_000;
    private static final int SAMPLE = 300;

    /** What the API server sets itself in each answer. */
    private static final Set<String> SERVERS = Set.of("uid", "creationTimestamp", "resourceVersion", "managedFields");

    /** What may differ in the stored pod; the rail says why. */
    private static final Pattern HARMLESS = Pattern.compile(
            "/metadata/(generateName|selfLink)|/spec/(affinity|topologySpreadConstraints|nodeSelector|priority|priorityClassName"
                    + "|preemptionPolicy|overhead|schedulerName|serviceAccount|imagePullSecrets)(/.*)?"
                    + "|/spec/(initContainers|containers)/[0-9]+/(imagePullPolicy|resources/requests/.*)"
                    // Of the two tolerations that the API server adds.
                    + "|/spec/tolerations/[0-9]+/tolerationSeconds");

    @Test
    void noChangeIsUnseen(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        Pod pod = RequestedPods.full(scene);
        Map<String, JsonNode> unchanged = create(scene, pod);
        PodSchema schema = PodSchema.of(lab.admin());
        List<List<String>> fields = schema.fields();
        List<Integer> all =
                IntStream.range(0, Math.max(CHANGES, fields.size())).boxed().toList();
        Map<String, Integer> answers = new TreeMap<>();
        List<String> unseen = new ArrayList<>();
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            for (int number : Sample.of("fields that a webhook changes", SAMPLE, all)) {
                List<String> field = fields.get(number % fields.size());
                webhook.change(changed -> {
                    schema.put(changed, field, new Random(number));
                    return changed;
                });
                answers.merge(answer(scene, pod, unchanged, String.join("/", field), unseen), 1, Integer::sum);
            }
        }
        System.out.printf("changes of %d fields: %s%n", fields.size(), answers);
        assertThat(unseen).isEmpty();
        assertThat(answers).containsKey("refused by the rail");
    }

    private static String answer(
            Scene scene, Pod pod, Map<String, JsonNode> unchanged, String field, List<String> unseen) {
        Map<String, JsonNode> stored;
        try {
            stored = create(scene, pod);
        } catch (KubernetesClientException e) {
            String message = String.valueOf(e.getMessage());
            assertThat(e.getCode()).as(field + ": " + message).isBetween(400, 500);
            return message.contains("requested-is-what-runs") ? "refused by the rail" : "refused otherwise";
        }
        Set<String> paths = new TreeSet<>(stored.keySet());
        paths.addAll(unchanged.keySet());
        paths.removeIf(path -> JSON.valueToTree(stored.get(path)).equals(JSON.valueToTree(unchanged.get(path))));
        if (paths.isEmpty()) {
            return "not stored";
        }
        paths.removeIf(path -> HARMLESS.matcher(path).matches());
        paths.forEach(path -> unseen.add(field + ": " + path));
        return paths.isEmpty() ? "harmless" : "unseen";
    }

    private static Map<String, JsonNode> create(Scene scene, Pod pod) {
        ObjectNode stored =
                JSON.valueToTree(scene.operator().resource(pod).dryRun(true).create());
        ((ObjectNode) stored.get("metadata")).remove(SERVERS);
        Map<String, JsonNode> leaves = new TreeMap<>();
        flatten("/metadata", stored.path("metadata"), leaves);
        flatten("/spec", stored.path("spec"), leaves);
        return leaves;
    }

    private static void flatten(String path, JsonNode node, Map<String, JsonNode> leaves) {
        if (node.isObject() && !node.isEmpty()) {
            node.properties().forEach(field -> flatten(path + "/" + field.getKey(), field.getValue(), leaves));
        } else if (node.isArray() && !node.isEmpty()) {
            IntStream.range(0, node.size()).forEach(i -> flatten(path + "/" + i, node.get(i), leaves));
        } else {
            leaves.put(path, node);
        }
    }
}
