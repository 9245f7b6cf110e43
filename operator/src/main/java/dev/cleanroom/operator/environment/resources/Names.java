package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;

/** Computed names, labels and owner: the same cause always makes the same name. */
public final class Names {
    public static final String DENY_ALL = "cleanroom.deny-all";
    public static final String COMPONENT_DENY_ALL = "deny-all";
    public static final String COMPONENT_EGRESS = "egress";
    public static final String COMPONENT_IDENTITY = "identity";

    public static final String EVIDENCE_BUDGET = "cleanroom.evidence";
    public static final String COMPONENT_EVIDENCE = "evidence";

    private static final String PREFIX = "cleanroom-";

    private Names() {}

    public static String egressPolicy(String environment) {
        return PREFIX + environment;
    }

    public static String account(String environment) {
        return PREFIX + environment;
    }

    static Map<String, String> labels(BuildEnvironment environment, String component) {
        return Map.of(
                CleanroomApi.ENVIRONMENT_LABEL,
                environment.getMetadata().getName(),
                CleanroomApi.COMPONENT_LABEL,
                component);
    }

    static OwnerReference owner(BuildEnvironment environment) {
        return new OwnerReferenceBuilder()
                .withApiVersion(environment.getApiVersion())
                .withKind(environment.getKind())
                .withName(environment.getMetadata().getName())
                .withUid(environment.getMetadata().getUid())
                .withController(true)
                .build();
    }
}
