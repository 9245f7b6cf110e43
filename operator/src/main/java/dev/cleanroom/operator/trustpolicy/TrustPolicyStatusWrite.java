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
import dev.cleanroom.operator.trust.policy.Policy;
import dev.cleanroom.operator.trust.policy.PolicyReader;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes the status of a policy from the result of parsing it. There is no write when the stored status is the same.
 */
final class TrustPolicyStatusWrite {
    private TrustPolicyStatusWrite() {}

    /**
     * Counts for a policy, each empty while it is not known.
     *
     * @param rejected how many environments it rejects
     * @param deniedPods how many pods run what it denies
     */
    record Counts(OptionalInt rejected, OptionalInt deniedPods) {}

    static Optional<Write> of(TrustPolicy policy, PolicyReader.ParsedPolicy read, Counts counts, Instant now) {
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

    /** The stored count stays while it is not known again, as after a restart, unless it is for another generation. */
    private static @Nullable Integer rejectedEnvironments(
            TrustPolicy policy, PolicyReader.ParsedPolicy read, OptionalInt rejected) {
        if (read instanceof PolicyReader.ParsedPolicy.Broken) {
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

    /**
     * The largest count so far, even when fewer pods are left: a number that needed an administrator's consent still
     * needs it.
     */
    private static @Nullable Integer deniedPods(
            TrustPolicy policy, PolicyReader.ParsedPolicy read, OptionalInt counted) {
        if (read.denials().digests().isEmpty()) {
            return null;
        }
        Integer stored = Denials.deniedPods(policy).orElse(null);
        if (counted.isEmpty()) {
            return stored;
        }
        return stored == null ? counted.getAsInt() : Integer.valueOf(Math.max(stored, counted.getAsInt()));
    }

    private static Content ready(TrustPolicy policy, PolicyReader.ParsedPolicy read) {
        return switch (read) {
            case PolicyReader.ParsedPolicy.Broken broken ->
                Content.no(
                        policy.getSpec() == null ? Reasons.UNREADABLE : Reasons.UNUSABLE,
                        broken.unusable().message() + "; until then no image that it matches starts");
            case PolicyReader.ParsedPolicy.Usable usable
            when usable.policy().authorities().isEmpty() ->
                Content.yes(Reasons.ACCEPTED, "the policy only denies images and signers; it accepts none");
            case PolicyReader.ParsedPolicy.Usable usable ->
                Content.yes(
                        Reasons.ACCEPTED,
                        "images that it matches run when "
                                + String.join(" and ", demanded(usable.policy()).toList()));
        };
    }

    private static Stream<String> demanded(Policy policy) {
        int attestations = policy.demands().attestations().size();
        Stream<String> signed = policy.threshold() == 0
                ? Stream.empty()
                : Stream.of(policy.threshold() + " of its "
                        + policy.authorities().size() + " authorities have signed them");
        Stream<String> attested = attestations == 0
                ? Stream.empty()
                : Stream.of((attestations == 1 ? "its attestation is" : "its " + attestations + " attestations are")
                        + " attached to them");
        return Stream.concat(signed, attested);
    }

    private static @Nullable List<TrustRootInUse> trustRoots(PolicyReader.ParsedPolicy read) {
        return read instanceof PolicyReader.ParsedPolicy.Usable usable
                        && !usable.trustRoots().isEmpty()
                ? usable.trustRoots()
                : null;
    }
}
