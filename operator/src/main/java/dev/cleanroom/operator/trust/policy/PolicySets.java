package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.ContentHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Parses all policies. Every reconcile asks, so they are parsed again only when one of them, or a ConfigMap that it
 * names, has changed.
 */
public final class PolicySets {
    private volatile Last last = new Last(List.of(), PolicySet.EMPTY);

    private record Last(List<Source> sources, PolicySet set) {}

    /** @param values from the ConfigMaps that the policy names, in its order */
    private record Source(TrustPolicy policy, List<String> values) {

        boolean same(Source other) {
            return !differ(policy, other.policy) && values.equals(other.values);
        }

        private String version() {
            return PolicySets.version(policy);
        }
    }

    /**
     * Whether two versions of a policy differ for a decision. The generation stands for the spec. Outside of it, only
     * one annotation and one number of the status decide something.
     */
    public static boolean differ(TrustPolicy before, TrustPolicy after) {
        return !version(before).equals(version(after))
                || !Denials.deniedPods(before).equals(Denials.deniedPods(after));
    }

    private static String version(TrustPolicy policy) {
        Map<String, String> annotations = policy.getMetadata().getAnnotations();
        String enforced = annotations == null ? null : annotations.get(CleanroomApi.ENFORCE_ANNOTATION);
        return policy.getMetadata().getUid() + "/" + policy.getMetadata().getGeneration() + "/" + enforced;
    }

    public PolicySet of(Collection<TrustPolicy> policies, ConfigMaps configMaps) {
        List<Source> sources = policies.stream()
                .sorted(Comparator.comparing(policy -> policy.getMetadata().getName()))
                .map(policy -> new Source(policy, values(policy, configMaps)))
                .toList();
        Last known = last;
        if (!same(known.sources(), sources)) {
            known = new Last(sources, read(sources, configMaps));
            last = known;
        }
        return known.set();
    }

    private static boolean same(List<Source> before, List<Source> now) {
        if (before.size() != now.size()) {
            return false;
        }
        for (int i = 0; i < now.size(); i++) {
            if (!before.get(i).same(now.get(i))) {
                return false;
            }
        }
        return true;
    }

    private PolicySet read(List<Source> sources, ConfigMaps configMaps) {
        List<Policy> usable = new ArrayList<>();
        List<PolicySet.Unusable> unusable = new ArrayList<>();
        List<String> prints = new ArrayList<>();
        Denials denials = Denials.NONE;
        for (Source source : sources) {
            PolicyReader.ParsedPolicy read = PolicyReader.read(source.policy(), configMaps);
            denials = denials.and(read.denials());
            switch (read) {
                case PolicyReader.ParsedPolicy.Usable it -> {
                    usable.add(it.policy());
                    prints.add(it.fingerprint());
                }
                case PolicyReader.ParsedPolicy.Broken it -> {
                    unusable.add(it.unusable());
                    // The denials of a broken policy apply, and change with its spec.
                    prints.add(source.version());
                }
            }
        }
        return new PolicySet(usable, unusable, denials, ContentHash.of(prints));
    }

    private static List<String> values(TrustPolicy policy, ConfigMaps configMaps) {
        return References.of(policy.getSpec()).stream()
                .map(reference ->
                        configMaps.value(reference.name(), reference.key()).orElse(""))
                .toList();
    }
}
