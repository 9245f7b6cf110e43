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

/**
 * TrustPolicies, and the ConfigMaps that they name, from files, as the operator would see them after they are applied.
 */
final class PolicyFiles {
    /** The generation of an object that the API server never stored; the first stored generation is 1. */
    static final long NOT_STORED = 0;

    private final Map<String, TrustPolicy> policies = new LinkedHashMap<>();
    private final Map<String, ConfigMap> configMaps = new LinkedHashMap<>();

    private PolicyFiles() {}

    /**
     * @throws IllegalArgumentException with the file and what is wrong in it; not for a policy that can be parsed and
     *     not used
     */
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
            throw new IllegalArgumentException("there is no TrustPolicy in " + files);
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
            throw new IllegalArgumentException(object + ": a file may contain only TrustPolicies ("
                    + Resource.TRUST_POLICY.apiVersion() + ") and the ConfigMaps ("
                    + Resource.CONFIG_MAP.apiVersion() + ") that they name");
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
            throw new IllegalArgumentException(object + ": the files contain it twice; remove one");
        }
        return bound;
    }

    PolicySet set() {
        return new PolicySets().of(policies.values(), known());
    }

    /** In any namespace, because the operator's namespace is not known here. */
    private ConfigMaps known() {
        return (name, key) -> Optional.ofNullable(configMaps.get(name))
                .map(ConfigMap::getData)
                .map(data -> data.get(key));
    }
}
