package dev.cleanroom.api.v1alpha1;

/** The names of the API group, and the labels and annotations that are part of the contract. */
public final class CleanroomApi {
    public static final String GROUP = "cleanroom.dev";
    public static final String VERSION = "v1alpha1";

    /** Label on a Namespace: an administrator opened it for builds. */
    public static final String BUILDS_LABEL = "cleanroom.dev/builds";

    public static final String BUILDS_ENABLED = "enabled";

    /** Label on everything the operator makes for an environment: its name. */
    public static final String ENVIRONMENT_LABEL = "cleanroom.dev/environment";

    /** Label on the operator's own policies and accounts: what part the object plays. */
    public static final String COMPONENT_LABEL = "cleanroom.dev/component";

    /** Label on a Pod; moves forward only, through these three. */
    public static final String STATE_LABEL = "cleanroom.dev/state";

    public static final String STATE_ACTIVE = "active";

    /** Evidence, network not yet cut: PreserveFirst alone. */
    public static final String STATE_SUSPECT = "suspect";

    /** Evidence, cut off. */
    public static final String STATE_QUARANTINED = "quarantined";

    /** Annotation on a Pod or a BuildEnvironment: the request to quarantine, its value the reason. */
    public static final String QUARANTINE_ANNOTATION = "cleanroom.dev/quarantine";

    /** Annotation on a Pod: who asked. */
    public static final String QUARANTINED_BY_ANNOTATION = "cleanroom.dev/quarantined-by";

    /** Annotation on a Pod, from creation: the response order. */
    public static final String ORDER_ANNOTATION = "cleanroom.dev/order";

    /** Annotation on a Pod, from creation: the hash of its environment's request that was already answered then. */
    public static final String ANSWERED_ANNOTATION = "cleanroom.dev/answered";

    /** Annotation on a Pod, from creation: the uid of the account whose tokens it gets. */
    public static final String ACCOUNT_UID_ANNOTATION = "cleanroom.dev/account-uid";

    /** Annotation on a BuildIncident: the uid of the environment that the pod was of. */
    public static final String ENVIRONMENT_UID_ANNOTATION = "cleanroom.dev/environment-uid";

    /**
     * Annotation on a BuildEnvironment: a value that no run has answered yet asks for one. On a Pod, from creation: the value
     * that its run answers.
     */
    public static final String RERUN_ANNOTATION = "cleanroom.dev/rerun";

    /** Annotation on a Pod: the hash of the spec fields that shaped it. */
    public static final String SPEC_HASH_ANNOTATION = "cleanroom.dev/spec-hash";

    /** Annotation on a Pod: the images that may run in it, each by digest, separated by spaces. Admission compares. */
    public static final String IMAGES_ANNOTATION = "cleanroom.dev/images";

    /** Annotation on a Pod, from creation: of these the one that the build runs, unless it is Cleanroom's own tools image. */
    public static final String BUILD_IMAGE_ANNOTATION = "cleanroom.dev/build-image";

    /**
     * Annotation on a TrustPolicy, its value the metadata.generation that is meant: quarantine what runs and is denied by it, however
     * many pods that are.
     */
    public static final String ENFORCE_ANNOTATION = "cleanroom.dev/enforce";

    /** The TrustPolicy that the operator keeps itself: what resolutions with {@code denyImage} deny. */
    public static final String DENIED_POLICY = "cleanroom-denied";

    /** Annotation on one BuildEnvironmentClass: used by environments that name none. */
    public static final String DEFAULT_CLASS_ANNOTATION = "cleanroom.dev/is-default-class";

    /** The init container of a build pod that lets nothing after it begin before the network is shut; no step is called so. */
    public static final String GATE_CONTAINER = "gate";

    /** TCP port of the canary pods that every active build pod may reach; written out in a rule of {@link EgressRule}. */
    public static final int BEACON_PORT = 7801;

    /** TCP port of the canary pods that no policy ever names: where it answers, policies are not enforced. */
    public static final int CANARY_PORT = 7802;

    private CleanroomApi() {}
}
