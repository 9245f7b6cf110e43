package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import java.util.ArrayList;
import java.util.List;

/** Checks whether any image may run, which policies cannot be used, and how many environments each policy rejects. */
final class PolicyCheck {
    private static final String WHAT = "TrustPolicy with authorities";

    private PolicyCheck() {}

    static List<Finding> of(Lookup<List<TrustPolicy>> policies) {
        return switch (policies) {
            case Lookup.Denied<List<TrustPolicy>> denied -> List.of(Finding.denied(WHAT, denied));
            case Lookup.Absent<List<TrustPolicy>> _ -> of(List.of());
            case Lookup.Found<List<TrustPolicy>>(var all) -> of(all);
        };
    }

    private static List<Finding> of(List<TrustPolicy> all) {
        List<Finding> findings = new ArrayList<>();
        List<String> usable = all.stream()
                .filter(policy -> accepts(policy) && judged(policy).isReady())
                .map(policy -> policy.getMetadata().getName())
                .sorted()
                .toList();
        if (!usable.isEmpty()) {
            findings.add(Finding.ok(WHAT + ": " + String.join(", ", usable)));
        } else if (all.stream().noneMatch(PolicyCheck::accepts)) {
            findings.add(Finding.missing(
                    WHAT,
                    "there is none, so no image may run",
                    "kubectl apply -f examples/quickstart.yaml  # with your images and your key in it"));
        }
        all.stream()
                .filter(policy -> !judged(policy).isReady())
                .map(PolicyCheck::unusable)
                .forEach(findings::add);
        all.stream()
                .filter(policy -> rejected(policy) > 0)
                .map(PolicyCheck::rejecting)
                .forEach(findings::add);
        return findings;
    }

    /** Ignores a count for an earlier generation. */
    private static int rejected(TrustPolicy policy) {
        TrustPolicyStatus status = policy.getStatus();
        return status == null
                        || status.rejectedEnvironments() == null
                        || !policy.getMetadata().getGeneration().equals(status.observedGeneration())
                ? 0
                : status.rejectedEnvironments();
    }

    private static Finding rejecting(TrustPolicy policy) {
        return Finding.note(
                "TrustPolicy " + policy.getMetadata().getName(),
                "it rejects the images of " + rejected(policy) + " environments, which therefore start no new pods",
                "kubectl get benv -A");
    }

    /**
     * Whether the policy has authorities; without them it only denies. A policy that cannot be parsed may have some.
     */
    private static boolean accepts(TrustPolicy policy) {
        return policy.getSpec() == null
                || policy.unreadable() != null
                || (policy.getSpec().authorities() != null
                        && !policy.getSpec().authorities().isEmpty());
    }

    private static Judged judged(TrustPolicy policy) {
        return Judged.of(
                policy, policy.getStatus() == null ? null : policy.getStatus().conditions());
    }

    private static Finding unusable(TrustPolicy policy) {
        String name = policy.getMetadata().getName();
        Judged judged = judged(policy);
        return Finding.missing("TrustPolicy " + name, judged.message(), judged.remedy("tpol/" + name));
    }
}
