package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.api.v1alpha1.TrustPolicyStatus;
import java.util.ArrayList;
import java.util.List;

/** Whether any image may run, which policies cannot be used, and how many environments one rejects. */
final class PolicyCheck {
    private static final String WHAT = "TrustPolicy with authorities";

    private PolicyCheck() {}

    static List<Finding> of(Read<List<TrustPolicy>> policies) {
        return switch (policies) {
            case Read.Denied<List<TrustPolicy>> denied -> List.of(Finding.denied(WHAT, denied));
            case Read.Absent<List<TrustPolicy>> _ -> of(List.of());
            case Read.Found<List<TrustPolicy>>(var all) -> of(all);
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
                    "there is none, so that no image runs",
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

    /** What it rejected in an earlier generation says nothing of this one. */
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
                "it rejects the images of " + rejected(policy) + " environments, which start no new pod",
                "kubectl get benv -A");
    }

    /** Without authorities it only denies; one that is not understood may have some. */
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
