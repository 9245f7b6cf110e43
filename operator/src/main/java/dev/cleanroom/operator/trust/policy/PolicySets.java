package dev.cleanroom.operator.trust.policy;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.ContentHash;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Reads all policies at once, and again only when one of them or what it names has changed: every reconcile asks. */
public final class PolicySets {
    private volatile Last last = new Last(List.of(), PolicySet.EMPTY);

    private record Last(List<Source> sources, PolicySet set) {}

    /** @param values of the ConfigMaps that the policy names, in its order */
    private record Source(TrustPolicy policy, List<String> values) {

        /** A generation is one spec; of the rest one annotation decides something, and of the status one number. */
        boolean same(Source other) {
            return version().equals(other.version())
                    && values.equals(other.values)
                    && Denials.deniedPods(policy).equals(Denials.deniedPods(other.policy));
        }

        private String version() {
            Map<String, String> annotations = policy.getMetadata().getAnnotations();
            String enforced = annotations == null ? null : annotations.get(CleanroomApi.ENFORCE_ANNOTATION);
            return policy.getMetadata().getUid() + "/" + policy.getMetadata().getGeneration() + "/" + enforced;
        }
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
            PolicyReader.Read read = PolicyReader.read(source.policy(), configMaps);
            denials = denials.and(read.denials());
            switch (read) {
                case PolicyReader.Read.Usable it -> {
                    usable.add(it.policy());
                    prints.add(it.fingerprint());
                }
                case PolicyReader.Read.Broken it -> {
                    unusable.add(it.unusable());
                    // A broken one's denials hold, and change with its spec.
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
