package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildRecordObserved;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.classes.EffectiveDetection;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.record.RunObservation;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policies and the account of a {@link World}, as the caches have them. */
final class StoredObjects {
    private static final RunObservation ALL = new RunObservation(
            new BuildRecordObserved.Observation(BuildRecordObserved.Outcome.Complete, null, null),
            Optional.empty(),
            Optional.empty());

    private StoredObjects() {}

    static Map<Phase, Owned.Stored> policies(World world) {
        Map<Phase, Owned.Stored> policies = new EnumMap<>(Phase.class);
        put(policies, Phase.Build, world, world.egressPolicy);
        put(policies, Phase.Prepare, world, world.preparePolicy);
        return policies;
    }

    private static void put(
            Map<Phase, Owned.Stored> policies, Phase phase, World world, @Nullable NetworkPolicy policy) {
        if (policy != null) {
            policies.put(phase, stored(world, policy, Trim.hash(policy.getSpec())));
        }
    }

    static Optional<Owned.Stored> account(World world) {
        return Optional.ofNullable(world.account)
                .map(account ->
                        stored(world, account, Trim.hash(account.getMetadata().getAnnotations(), false)));
    }

    /** The observer of each run that ended has left its report, if the world says nothing else. */
    static RunRecords records(World world) {
        boolean wanted = world.environment.getSpec() != null
                && EffectiveDetection.of(world.environment.getSpec(), List.of(world.buildClass))
                                .mode()
                        != DetectionMode.Off;
        Map<String, RunObservation> observations = new LinkedHashMap<>();
        world.pods.values().stream()
                .flatMap(pod -> BuildPod.of(world.environment.getMetadata().getName(), pod).stream())
                .filter(pod -> wanted && RunRecords.hasReport(pod))
                .filter(pod -> !world.logsAwaited.contains(pod.id().name()))
                .forEach(pod -> observations.put(
                        pod.id().precondition().uid(),
                        world.observations.getOrDefault(pod.id().name(), ALL)));
        return new RunRecords(wanted, observations, world.records);
    }

    private static Owned.Stored stored(World world, HasMetadata object, String hash) {
        if (object.getMetadata().getUid() == null) {
            object.getMetadata().setUid("uid-of-" + object.getKind());
        }
        object.getMetadata().setResourceVersion("1");
        return new Owned.Stored(
                Write.Precondition.of(object),
                world.orphaned ? null : world.environment.getMetadata().getUid(),
                hash,
                false,
                world.labelled);
    }
}
