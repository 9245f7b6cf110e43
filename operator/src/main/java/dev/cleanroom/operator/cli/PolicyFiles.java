package dev.cleanroom.operator.cli;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.WrittenObjects;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** TrustPolicies and the ConfigMaps that they name, from files: what the operator would have of them, applied. */
final class PolicyFiles {
    /** What an object has that the API server never stored; its first generation is 1. */
    static final long NOT_STORED = 0;

    private final Map<String, TrustPolicy> policies = new LinkedHashMap<>();
    private final Map<String, ConfigMap> configMaps = new LinkedHashMap<>();

    private PolicyFiles() {}

    /** @throws IllegalArgumentException with the file and what is wrong in it; a policy that cannot be used is none of that */
    static PolicyFiles read(List<Path> files) {
        var read = new PolicyFiles();
        var objects = new WrittenObjects();
        for (Path file : files) {
            byte[] yaml = InputFile.read(file, WrittenObjects.MOST_BYTES);
            try {
                objects.read(yaml).forEach(read::add);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
            }
        }
        if (read.policies.isEmpty()) {
            throw new IllegalArgumentException("no TrustPolicy in " + files);
        }
        return read;
    }

    private void add(WrittenObjects.Written object) {
        if (object.is(Resource.TRUST_POLICY)) {
            TrustPolicy policy = named(object, TrustPolicy.class, policies);
            if (policy.getMetadata().getUid() == null) {
                policy.getMetadata().setUid("");
            }
            if (policy.getMetadata().getGeneration() == null) {
                policy.getMetadata().setGeneration(NOT_STORED);
            }
        } else if (object.is(Resource.CONFIG_MAP)) {
            named(object, ConfigMap.class, configMaps);
        } else {
            throw new IllegalArgumentException(object + ": only a TrustPolicy (" + Resource.TRUST_POLICY.apiVersion()
                    + ") and a ConfigMap (" + Resource.CONFIG_MAP.apiVersion() + ") that it names are read");
        }
    }

    private static <R extends HasMetadata> R named(
            WrittenObjects.Written object, Class<R> type, Map<String, R> others) {
        R bound;
        try {
            bound = object.as(type);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(object + ": " + e.getMessage(), e);
        }
        if (bound.getMetadata() == null || bound.getMetadata().getName() == null) {
            throw new IllegalArgumentException(object + ": metadata.name is missing");
        }
        if (others.putIfAbsent(bound.getMetadata().getName(), bound) != null) {
            throw new IllegalArgumentException(object + ": is there twice, and only one can be meant");
        }
        return bound;
    }

    PolicySet set() {
        return new PolicySets().of(policies.values(), known());
    }

    /** Whatever their namespace: which one is the operator's is not known here. */
    private ConfigMaps known() {
        return (name, key) -> Optional.ofNullable(configMaps.get(name))
                .map(ConfigMap::getData)
                .map(data -> data.get(key));
    }
}
