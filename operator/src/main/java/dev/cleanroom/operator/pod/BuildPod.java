package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.plan.Write.Precondition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One pod of an environment, with the fields that a decision reads.
 *
 * @param quarantineRequested whether the pod has the annotation that requests its quarantine
 */
public record BuildPod(Id id, Origin origin, PodState state, boolean quarantineRequested, Times times, Told told) {
    /** {@code <environment>-<slot>-<attempt>}: the name is the idempotency key. */
    private static final Pattern NAME = Pattern.compile("(.+)-(0|[1-9][0-9]{0,5})-([1-9][0-9]{0,8})");

    /** Which pod this is, in which slot, and at which attempt. */
    public record Id(String name, Precondition precondition, int slot, int attempt) {}

    /**
     * What the pod was created from.
     *
     * @param ownerUid the uid of the pod's environment; the uid of its incident once the incident owns the pod
     * @param rerun the request for a rerun that the pod answers; empty if there was none
     * @param accountUid the uid of the account whose tokens the pod gets; empty without an identity
     * @param images its images, each by its location and digest
     * @param answered the hash of the request on its environment that had been answered by then; empty if there was none
     */
    public record Origin(
            @Nullable String ownerUid,
            String specHash,
            Optional<String> rerun,
            Optional<String> accountUid,
            List<String> images,
            String answered) {

        /** The digests of its images, {@code sha256:...}. */
        public Set<String> digests() {
            return BuildPod.digests(String.join(" ", images));
        }
    }

    /**
     * By the API server's clock, if not said otherwise.
     *
     * @param started when the pod got its node; empty until a kubelet has accepted the pod
     * @param buildStarted when the build container started, by the clock of its node; known only once it has ended
     * @param deletion when the grace period of a requested deletion ends
     */
    public record Times(
            Instant created, Optional<Instant> started, Optional<Instant> buildStarted, Optional<Instant> deletion) {}

    /**
     * What the kubelet reports.
     *
     * @param gate the gate's report; empty until the gate has ended
     * @param observer how its observer ended; empty if it has none, or its kubelet has not reported one
     */
    public record Told(Progress progress, Optional<GateReport> gate, Optional<ObserverEnd> observer) {}

    public Progress progress() {
        return told.progress();
    }

    public Optional<GateReport> gate() {
        return told.gate();
    }

    public @Nullable String ownerUid() {
        return origin.ownerUid();
    }

    public String specHash() {
        return origin.specHash();
    }

    /** Whether the pod is held as evidence: it is not counted, replaced or deleted before its incident is closed. */
    public boolean held() {
        return state.isHeld();
    }

    public boolean terminating() {
        return times.deletion().isPresent();
    }

    public boolean finished() {
        return progress() instanceof Progress.Finished;
    }

    /** Whether the build's first instruction has run. */
    public boolean buildStarted() {
        return switch (progress()) {
            case Progress.Waiting _, Progress.Prepared _ -> false;
            case Progress.Running _, Progress.Finished _ -> true;
        };
    }

    public static String name(String environment, int slot, int attempt) {
        return environment + "-" + slot + "-" + attempt;
    }

    /** The slot and attempt in a pod's name; empty if the name is not that of one of the environment's build pods. */
    public static Optional<SlotAttempt> slotOf(String environment, String podName) {
        Matcher name = NAME.matcher(podName);
        return name.matches() && name.group(1).equals(environment)
                ? Optional.of(new SlotAttempt(Integer.parseInt(name.group(2)), Integer.parseInt(name.group(3))))
                : Optional.empty();
    }

    public record SlotAttempt(int slot, int attempt) {}

    /** Reads a pod; empty if its name and label do not belong to this environment. */
    public static Optional<BuildPod> of(String environment, Pod pod) {
        ObjectMeta meta = pod.getMetadata();
        Optional<SlotAttempt> slot = slotOf(environment, meta.getName());
        if (slot.isEmpty() || !labelled(meta, environment)) {
            return Optional.empty();
        }
        Id id = new Id(
                meta.getName(),
                Precondition.of(pod),
                slot.get().slot(),
                slot.get().attempt());
        Instant created = Instant.parse(meta.getCreationTimestamp());
        Map<String, String> annotations = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        return Optional.of(new BuildPod(
                id,
                new Origin(
                        ownerUid(meta.getOwnerReferences()),
                        annotations.getOrDefault(CleanroomApi.SPEC_HASH_ANNOTATION, ""),
                        Optional.ofNullable(annotations.get(CleanroomApi.RERUN_ANNOTATION)),
                        Optional.ofNullable(annotations.get(CleanroomApi.ACCOUNT_UID_ANNOTATION)),
                        List.of(annotations
                                .getOrDefault(CleanroomApi.IMAGES_ANNOTATION, "")
                                .split(" ")),
                        annotations.getOrDefault(CleanroomApi.ANSWERED_ANNOTATION, "")),
                PodState.of(pod),
                annotations.containsKey(CleanroomApi.QUARANTINE_ANNOTATION),
                new Times(
                        created,
                        started(pod, created),
                        PodProgress.buildStarted(pod),
                        Optional.ofNullable(meta.getDeletionTimestamp()).map(Instant::parse)),
                told(pod)));
    }

    /**
     * The API server itself writes when a pod is bound to its node, into a condition that the kubelet keeps. The
     * startTime is by the clock of the node.
     */
    private static Optional<Instant> started(Pod pod, Instant created) {
        return Optional.ofNullable(pod.getStatus())
                .filter(status -> status.getStartTime() != null)
                .map(accepted -> PodProgress.condition(pod, "PodScheduled")
                        .map(PodCondition::getLastTransitionTime)
                        .map(Instant::parse)
                        .filter(created::isBefore)
                        .orElse(created));
    }

    private static Told told(Pod pod) {
        Optional<GateReport> gate = GateReport.of(pod);
        return new Told(PodProgress.of(pod, gate), gate, ObserverEnd.of(pod));
    }

    /**
     * Whether two versions of one pod differ for a decision. Their resourceVersions do not count, because a write that
     * deletes a pod reads the version from the cache at that moment.
     */
    public static boolean differ(Pod before, Pod after) {
        return !unversioned(before).equals(unversioned(after));
    }

    private static Optional<BuildPod> unversioned(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        String environment = labels == null ? null : labels.get(CleanroomApi.ENVIRONMENT_LABEL);
        return Optional.ofNullable(environment).flatMap(name -> of(name, pod)).map(BuildPod::unversioned);
    }

    private BuildPod unversioned() {
        Precondition unversioned = new Precondition(id.precondition().uid(), "");
        return new BuildPod(
                new Id(id.name(), unversioned, id.slot(), id.attempt()),
                origin,
                state,
                quarantineRequested,
                times,
                told);
    }

    /** The digests with which the pod was created. Admission does not let anyone change them. */
    public static Set<String> images(Pod pod) {
        Map<String, String> annotations = pod.getMetadata().getAnnotations();
        return annotations == null ? Set.of() : digests(annotations.getOrDefault(CleanroomApi.IMAGES_ANNOTATION, ""));
    }

    /** The digests in references that are separated by spaces. */
    public static Set<String> digests(String images) {
        return Stream.of(images.split(" "))
                .filter(image -> image.contains("@"))
                .map(image -> image.substring(image.indexOf('@') + 1))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static boolean labelled(ObjectMeta meta, String environment) {
        Map<String, String> labels = meta.getLabels();
        return labels != null && environment.equals(labels.get(CleanroomApi.ENVIRONMENT_LABEL));
    }

    private static @Nullable String ownerUid(@Nullable List<OwnerReference> owners) {
        return owners == null
                ? null
                : owners.stream()
                        .filter(owner -> Boolean.TRUE.equals(owner.getController()))
                        .map(OwnerReference::getUid)
                        .findFirst()
                        .orElse(null);
    }

    public static boolean hasTrue(Pod pod, String conditionType) {
        return PodProgress.condition(pod, conditionType).isPresent();
    }
}
