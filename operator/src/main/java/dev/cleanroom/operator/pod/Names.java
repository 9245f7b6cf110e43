package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.kube.ContentHash;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Computed names, labels and owner: the same cause always gives the same name. */
public final class Names {
    public static final String DENY_ALL = "cleanroom.deny-all";
    public static final String COMPONENT_DENY_ALL = "deny-all";
    public static final String COMPONENT_EGRESS = "egress";
    public static final String COMPONENT_IDENTITY = "identity";

    public static final String BEACON = "cleanroom.beacon";
    public static final String COMPONENT_BEACON = "beacon";

    public static final String EVIDENCE_BUDGET = "cleanroom.evidence";
    public static final String COMPONENT_EVIDENCE = "evidence";

    private static final String PREFIX = "cleanroom-";
    private static final String PREPARE_SUFFIX = ".prepare";

    /** Leaves room for the hash within the 255 bytes of a file name. */
    private static final int LONGEST_PLAIN_FILE = 200;

    private static final int TOKEN_HASH_LENGTH = 10;

    /** A name that does not begin with a dot: Kubernetes reserves names that begin with two. */
    private static final Pattern PLAIN_FILE =
            Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0," + (LONGEST_PLAIN_FILE - 1) + "}");

    private Names() {}

    /** The policy that opens the environment's pods in this phase. No environment's name has a dot. */
    public static String egressPolicy(String environment, Phase phase) {
        return PREFIX + environment + (phase == Phase.Prepare ? PREPARE_SUFFIX : "");
    }

    public static String account(String environment) {
        return PREFIX + environment;
    }

    /** The environment whose policy or account has this name; empty if none can have it. */
    public static Optional<String> environmentOf(String policyOrAccount) {
        return Optional.of(policyOrAccount)
                .filter(name -> name.startsWith(PREFIX))
                .map(name -> name.substring(PREFIX.length()))
                .map(name -> name.endsWith(PREPARE_SUFFIX)
                        ? name.substring(0, name.length() - PREPARE_SUFFIX.length())
                        : name)
                .filter(name -> !name.isEmpty());
    }

    /**
     * The name of the file with an audience's token. It is the audience itself if that is a plain file name. Otherwise
     * characters that do not fit are replaced, and {@code @} and the audience's hash are appended. No plain name has an
     * {@code @}, so no two audiences share a file.
     */
    public static String tokenFile(String audience) {
        if (PLAIN_FILE.matcher(audience).matches()) {
            return audience;
        }
        String readable = audience.replaceAll("[^A-Za-z0-9._-]+|^[.]+", "-");
        return readable.substring(0, Math.min(readable.length(), LONGEST_PLAIN_FILE)) + "@"
                + ContentHash.ofText(audience).substring(0, TOKEN_HASH_LENGTH);
    }

    public static Map<String, String> labels(BuildEnvironment environment, String component) {
        return Map.of(
                CleanroomApi.ENVIRONMENT_LABEL,
                environment.getMetadata().getName(),
                CleanroomApi.COMPONENT_LABEL,
                component);
    }

    /** Whether it has a label that Cleanroom's objects have. In a namespace that is open for builds, no other object has. */
    public static boolean isLabelled(HasMetadata object) {
        Map<String, String> labels = object.getMetadata().getLabels();
        return labels != null
                && (labels.containsKey(CleanroomApi.ENVIRONMENT_LABEL)
                        || labels.containsKey(CleanroomApi.COMPONENT_LABEL));
    }

    public static OwnerReference owner(BuildEnvironment environment) {
        return new OwnerReferenceBuilder()
                .withApiVersion(environment.getApiVersion())
                .withKind(environment.getKind())
                .withName(environment.getMetadata().getName())
                .withUid(environment.getMetadata().getUid())
                .withController(true)
                .build();
    }
}
