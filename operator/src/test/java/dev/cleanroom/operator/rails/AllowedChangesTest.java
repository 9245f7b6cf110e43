package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.MutatingWebhook;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A webhook may change in a build pod what the class lists, and nothing beside it. */
@LabTest
class AllowedChangesTest {
    private static final String RAIL = "requested-is-what-runs";

    private static final BuildEnvironmentClassSpec ALLOWING =
            Serialization.unmarshal("""
            pod:
              labels: {team: payments}
              allowedChanges:
                labels: [example.com/mesh, team]
                annotations: [example.com/revision]
                tolerations: true
            """, BuildEnvironmentClassSpec.class);

    @Test
    void whatAClassAllowsAWebhookMayChange(Lab lab, @TempDir Path directory) throws Exception {
        Scene scene = Scene.open(lab);
        RequestedPods.full(scene);
        Pod pod = RequestedPods.pod(RequestedPods.environment(scene.namespace()), ALLOWING);
        List<PodChange> allowed = List.of(
                new PodChange("a label of a mesh", PodChange.put("/metadata/labels/example.com~1mesh", "\"on\""), ""),
                new PodChange("a label of the class", PodChange.put("/metadata/labels/team", "\"search\""), ""),
                new PodChange(
                        "an annotation", PodChange.put("/metadata/annotations/example.com~1revision", "\"7\""), ""),
                new PodChange(
                        "a toleration",
                        PodChange.put("/spec/tolerations", "[{\"key\":\"sandbox\",\"operator\":\"Exists\"}]"),
                        ""));
        List<PodChange> refused = List.of(
                new PodChange(
                        "a label that begins with an allowed one",
                        PodChange.put("/metadata/labels/example.com~1mesh-gateway", "\"on\""),
                        "metadata.labels[\"example.com/mesh-gateway\"]"),
                new PodChange(
                        "the key of a label as an annotation",
                        PodChange.put("/metadata/annotations/team", "\"search\""),
                        "metadata.annotations[\"team\"]"),
                new PodChange(
                        "a label that looks like a line",
                        PodChange.put("/metadata/annotations/x", "\"\\nspec.hostNetwork\\t*\""),
                        "metadata.annotations[\"x\"]"),
                new PodChange(
                        "the state",
                        PodChange.put("/metadata/labels/cleanroom.dev~1state", "\"suspect\""),
                        "cleanroom.dev/state"),
                new PodChange(
                        "a command", PodChange.put("/spec/containers/0/command", "[\"sh\"]"), "[\"build\"].command"));
        try (MutatingWebhook webhook = MutatingWebhook.in(scene.namespace(), lab.admin(), directory)) {
            for (PodChange member : allowed) {
                webhook.change(member.change());
                assertThat(scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .isNotNull();
            }
            for (PodChange member : refused) {
                webhook.change(member.change());
                Refusal.of(() -> scene.operator().resource(pod).dryRun(true).create())
                        .as(member.what())
                        .by(RAIL, member.named());
            }
        }
    }
}
