package dev.cleanroom.operator.trustpolicy;

import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus.TrustRootInUse;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.trust.policy.Denials;
import dev.cleanroom.operator.trust.policy.PolicyReader;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The status of a policy, from what reading it came to; none where it says so already. */
final class TrustPolicyStatusWrite {
    private TrustPolicyStatusWrite() {}

    /**
     * What was counted of a policy, each empty where that is not known.
     *
     * @param rejected how many environments it rejects
     * @param deniedPods how many pods run what it denies
     */
    record Counts(OptionalInt rejected, OptionalInt deniedPods) {}

    static Optional<Write> of(TrustPolicy policy, PolicyReader.Read read, Counts counts, Instant now) {
        TrustPolicyStatus stored = policy.getStatus();
        long generation = policy.getMetadata().getGeneration();
        var conditions = new Conditions(stored == null ? null : stored.conditions(), generation, now);
        var wanted = new TrustPolicyStatus(
                generation,
                List.of(conditions.of(Reasons.READY, ready(policy, read))),
                rejectedEnvironments(policy, read, counts.rejected()),
                deniedPods(policy, read, counts.deniedPods()),
                trustRoots(read));
        if (wanted.equals(stored)) {
            return Optional.empty();
        }
        var fresh = new TrustPolicy();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withName(policy.getMetadata().getName())
                .withUid(policy.getMetadata().getUid())
                .withResourceVersion(policy.getMetadata().getResourceVersion())
                .build());
        fresh.setStatus(wanted);
        return Optional.of(new Write.ApplyStatus(
                new ObjectKey(Resource.TRUST_POLICY, null, policy.getMetadata().getName()), fresh, "PolicyRead"));
    }

    /** What was counted stays told while it is not known anew, as after a restart; of another generation it was no word. */
    private static @Nullable Integer rejectedEnvironments(
            TrustPolicy policy, PolicyReader.Read read, OptionalInt rejected) {
        if (read instanceof PolicyReader.Read.Broken) {
            return null;
        }
        if (rejected.isPresent()) {
            return rejected.getAsInt();
        }
        TrustPolicyStatus stored = policy.getStatus();
        return stored != null && policy.getMetadata().getGeneration().equals(stored.observedGeneration())
                ? stored.rejectedEnvironments()
                : null;
    }

    /** The most that were counted, whatever is left of them: what was too many to be quarantined unasked stays so. */
    private static @Nullable Integer deniedPods(TrustPolicy policy, PolicyReader.Read read, OptionalInt counted) {
        if (read.denials().digests().isEmpty()) {
            return null;
        }
        Integer stored = Denials.deniedPods(policy).orElse(null);
        if (counted.isEmpty()) {
            return stored;
        }
        return stored == null ? counted.getAsInt() : Integer.valueOf(Math.max(stored, counted.getAsInt()));
    }

    private static Content ready(TrustPolicy policy, PolicyReader.Read read) {
        return switch (read) {
            case PolicyReader.Read.Broken broken ->
                Content.no(
                        policy.getSpec() == null ? Reasons.UNREADABLE : Reasons.UNUSABLE,
                        broken.unusable().message() + "; until then no image that it is about starts");
            case PolicyReader.Read.Usable usable
            when usable.policy().authorities().isEmpty() ->
                Content.yes(Reasons.ACCEPTED, "it denies, and accepts nothing");
            case PolicyReader.Read.Usable usable ->
                Content.yes(
                        Reasons.ACCEPTED,
                        "its images run when " + usable.policy().threshold() + " of "
                                + usable.policy().authorities().size() + " authorities signed them");
        };
    }

    private static @Nullable List<TrustRootInUse> trustRoots(PolicyReader.Read read) {
        return read instanceof PolicyReader.Read.Usable usable
                        && !usable.trustRoots().isEmpty()
                ? usable.trustRoots()
                : null;
    }
}
