package dev.cleanroom.operator.environment.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Executor;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a write changes in a {@link World}. */
final class WriteEffects {
    private static final String STATE = "/metadata/labels/cleanroom.dev~1state";

    private final World world;
    private int formerAccounts;

    WriteEffects(World world) {
        this.world = world;
    }

    private void store(ObjectKey key, @Nullable NetworkPolicy policy) {
        if (key.name().endsWith(".prepare")) {
            world.preparePolicy = policy;
        } else {
            world.egressPolicy = policy;
        }
    }

    /** Returns it as {@code Verb name Reason}. */
    String carryOut(Write write) {
        ObjectKey key = write.target();
        switch (write) {
            case Write.Create create
            when create.object() instanceof Pod pod -> {
                String version = world.nextVersion();
                pod.getMetadata().setUid("pod-" + version);
                pod.getMetadata().setResourceVersion(version);
                pod.getMetadata().setCreationTimestamp(world.now.toString());
                Pod occupant = world.pods.putIfAbsent(key.name(), pod);
                if (occupant != null) {
                    assertThat(Executor.ownerUid(occupant)).isNotEqualTo(Executor.ownerUid(pod));
                    world.failures.add(new Result.NameTaken(create, occupant));
                }
            }
            case Write.Create create when key.name().equals("cleanroom.deny-all") -> world.denyAll = DenyAll.CONFIRMED;
            case Write.Create create when key.name().equals("cleanroom.beacon") -> world.beacon = true;
            case Write.Create create when key.name().equals("cleanroom.evidence") -> world.evidenceBudget = true;
            case Write.Create create when create.object() instanceof NetworkPolicy policy -> store(key, policy);
            case Write.Create create
            when create.object() instanceof ServiceAccount made -> {
                world.account = made;
                if (formerAccounts > 0) {
                    made.getMetadata().setUid("uid-of-ServiceAccount-" + (formerAccounts + 1));
                }
            }
            case Write.Create create
            when key.resource() == Resource.BUILD_RECORD -> {
                String version = world.nextVersion();
                world.records.removeIf(record -> record.name().equals(key.name()));
                Map<String, String> annotations = create.object().getMetadata().getAnnotations();
                world.records.add(new RunRecords.Stored(
                        key.name(),
                        new Write.Precondition("record-" + version, version),
                        world.now,
                        Optional.ofNullable(annotations.get(CleanroomApi.DETAIL_ANNOTATION)),
                        Optional.ofNullable(annotations.get(CleanroomApi.DETAIL_RECORD_ANNOTATION)),
                        create.object().getMetadata().getLabels().containsKey(CleanroomApi.KNOWN_GOOD_LABEL)));
            }
            case Write.Create create -> {}
            case Write.Confirm confirm -> world.denyAll = DenyAll.CONFIRMED;
            case Write.Delete delete when key.resource() == Resource.NETWORK_POLICY -> store(key, null);
            case Write.Delete delete
            when key.resource() == Resource.BUILD_RECORD ->
                world.records.removeIf(record -> record.name().equals(key.name()));
            case Write.Delete delete
            when key.resource() == Resource.BUILD_ENVIRONMENT ->
                world.environment.getMetadata().setDeletionTimestamp(world.now.toString());
            case Write.Delete delete
            when key.resource() == Resource.SERVICE_ACCOUNT -> {
                world.account = null;
                formerAccounts++;
            }
            case Write.Delete delete -> {
                Pod gone = world.pods.remove(key.name());
                if (!gone.getMetadata()
                        .getResourceVersion()
                        .equals(delete.precondition().resourceVersion())) {
                    throw new AssertionError("deleted another version of " + key);
                }
            }
            case Write.ApplyStatus status ->
                world.environment.setStatus(((BuildEnvironment) status.fresh()).getStatus());
            case Write.Patch patch
            when patch.values().get("/spec") instanceof NetworkPolicySpec spec ->
                Objects.requireNonNull(key.name().endsWith(".prepare") ? world.preparePolicy : world.egressPolicy)
                        .setSpec(spec);
            case Write.Apply apply -> throw new AssertionError("nothing to apply: " + apply);
            case Write.Patch patch -> throw new AssertionError("nothing to patch: " + patch);
            case Write.TestedPatch patch -> {
                Pod pod = Objects.requireNonNull(world.pods.get(key.name()));
                assertThat(patch.operations())
                        .contains(new Operation(
                                "test", "/metadata/uid", pod.getMetadata().getUid()))
                        .contains(new Operation("test", STATE, "preparing"))
                        .contains(new Operation("replace", STATE, "active"));
                assertThat(PodState.of(pod)).isEqualTo(PodState.PREPARING);
                pod.getMetadata().getLabels().put("cleanroom.dev/state", "active");
                pod.getMetadata().setResourceVersion(world.nextVersion());
            }
        }
        String verb = write.getClass().getSimpleName();
        return verb + " "
                + (write instanceof Write.Create && key.resource().kind().equals("Event") ? "event" : key.name()) + " "
                + write.reason();
    }
}
