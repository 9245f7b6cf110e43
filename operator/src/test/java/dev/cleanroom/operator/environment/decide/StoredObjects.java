package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.kube.plan.Write;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policies and the account of a {@link World}, as the caches have them. */
final class StoredObjects {
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
