package dev.cleanroom.api.v1alpha1;

/** The names of the API group, and the labels and annotations that are part of the contract. */
public final class CleanroomApi {
    public static final String GROUP = "cleanroom.dev";
    public static final String VERSION = "v1alpha1";

    /** Label on a Namespace: an administrator opened it for builds. */
    public static final String BUILDS_LABEL = "cleanroom.dev/builds";

    public static final String BUILDS_ENABLED = "enabled";

    /** Label on everything that the operator creates for an environment: its name. */
    public static final String ENVIRONMENT_LABEL = "cleanroom.dev/environment";

    /** Label on the operator's own policies and accounts: the role of the object. */
    public static final String COMPONENT_LABEL = "cleanroom.dev/component";

    /** Label on a Pod; it only moves forward through these four values. */
    public static final String STATE_LABEL = "cleanroom.dev/state";

    /** The prepare steps run or have run, and the build has not started; only where a pod has phases. */
    public static final String STATE_PREPARING = "preparing";

    public static final String STATE_ACTIVE = "active";

    /** The pod is evidence and its network is not cut yet; only with PreserveFirst. */
    public static final String STATE_SUSPECT = "suspect";

    /** The pod is evidence and isolated. */
    public static final String STATE_QUARANTINED = "quarantined";

    /** Annotation on a Pod or a BuildEnvironment: the request to quarantine, with the reason as its value. */
    public static final String QUARANTINE_ANNOTATION = "cleanroom.dev/quarantine";

    /** Annotation on a Pod: who asked. */
    public static final String QUARANTINED_BY_ANNOTATION = "cleanroom.dev/quarantined-by";

    /** Annotation on a Pod, from creation: the response order. */
    public static final String ORDER_ANNOTATION = "cleanroom.dev/order";

    /**
     * Annotation on a Pod, from creation: the hash of the request on its environment that had been answered by
     * then.
     */
    public static final String ANSWERED_ANNOTATION = "cleanroom.dev/answered";

    /** Annotation on a Pod, from creation: the uid of the account whose tokens it gets. */
    public static final String ACCOUNT_UID_ANNOTATION = "cleanroom.dev/account-uid";

    /** Annotation on a BuildIncident: the uid of the pod's environment. */
    public static final String ENVIRONMENT_UID_ANNOTATION = "cleanroom.dev/environment-uid";

    /**
     * Annotation on a BuildEnvironment: a value that no run has answered yet asks for a run. On a Pod, from
     * creation: the value that its run answers.
     */
    public static final String RERUN_ANNOTATION = "cleanroom.dev/rerun";

    /** Annotation on a Pod: the hash of the spec fields that shaped it. */
    public static final String SPEC_HASH_ANNOTATION = "cleanroom.dev/spec-hash";

    /**
     * Annotation on a Pod: the images that may run in it, each by digest, separated by spaces. Admission compares
     * them.
     */
    public static final String IMAGES_ANNOTATION = "cleanroom.dev/images";

    /**
     * On a build pod, from its creation: what the operator requested, a line for each field. The guard rail
     * {@code requested-is-what-runs} compares the pod with it after every mutating webhook.
     */
    public static final String REQUESTED_ANNOTATION = "cleanroom.dev/requested";

    /**
     * Annotation on a Pod, from creation: the one of these that the build runs, unless it is Cleanroom's own tools
     * image.
     */
    public static final String BUILD_IMAGE_ANNOTATION = "cleanroom.dev/build-image";

    /**
     * Annotation on a TrustPolicy, with the metadata.generation as its value: quarantine every pod that runs what
     * that generation denies, however many there are.
     */
    public static final String ENFORCE_ANNOTATION = "cleanroom.dev/enforce";

    /** On a BuildRecord that has lists: the SHA-256 over them, hexadecimal. */
    public static final String DETAIL_ANNOTATION = "cleanroom.dev/detail-sha256";

    /** On a BuildRecord whose lists another record has: the name of that record, which is kept as long. */
    public static final String DETAIL_RECORD_ANNOTATION = "cleanroom.dev/detail-record";

    /**
     * On the BuildRecord of a run that was judged Clean or Learning, was observed whole, and exited with 0: {@code true}.
     * The next run is compared with the newest of them.
     */
    public static final String KNOWN_GOOD_LABEL = "cleanroom.dev/known-good";

    /** The TrustPolicy that the operator itself writes: what resolutions with {@code denyImage} deny. */
    public static final String DENIED_POLICY = "cleanroom-denied";

    /** Annotation on one BuildEnvironmentClass: environments that name no class use it. */
    public static final String DEFAULT_CLASS_ANNOTATION = "cleanroom.dev/is-default-class";

    /**
     * The init container of a build pod that lets nothing start before the network is closed; no step may have this
     * name.
     */
    public static final String GATE_CONTAINER = "gate";

    /**
     * The sidecar of a build pod that records which names the steps ask for and which connections get no answer; no step
     * may have this name.
     */
    public static final String OBSERVER_CONTAINER = "observer";

    /** The container of a build pod that runs {@code spec.command}. */
    public static final String BUILD_CONTAINER = "build";

    /** TCP port of the canary pods that every active build pod may reach. */
    public static final int BEACON_PORT = 7801;

    /** TCP port of the canary pods that every preparing build pod may reach, by the policy of its prepare steps. */
    public static final int FETCH_BEACON_PORT = 7803;

    /**
     * TCP port of the canary pods that no policy allows: if it answers, policies are not enforced. {@link
     * EgressRule} contains the number in a rule.
     */
    public static final int CANARY_PORT = 7802;

    private CleanroomApi() {}
}
