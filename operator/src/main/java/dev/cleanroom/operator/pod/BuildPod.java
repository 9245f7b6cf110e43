package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.plan.Write.Seen;
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

/** What a decision reads of one pod of an environment. */
public record BuildPod(Id id, Origin origin, PodState state, Times times, Told told) {
    /** {@code <environment>-<slot>-<attempt>}: the name is the idempotency key. */
    private static final Pattern NAME = Pattern.compile("(.+)-(0|[1-9][0-9]{0,5})-([1-9][0-9]{0,8})");

    /** Which pod, in which slot, at which attempt. */
    public record Id(String name, Seen seen, int slot, int attempt) {}

    /**
     * What it was made from.
     *
     * @param ownerUid the uid of the environment it was made for; of its incident once that has taken it over
     * @param rerun the request for a rerun that it answers; empty where there was none
     * @param accountUid of the account whose tokens it gets; empty without an identity
     * @param images the digests of its images, {@code sha256:...}
     */
    public record Origin(
            @Nullable String ownerUid,
            String specHash,
            Optional<String> rerun,
            Optional<String> accountUid,
            Set<String> images) {}

    /**
     * @param started as the kubelet says: the pod was taken in
     * @param buildStarted of a build that has ended: when its own container started
     * @param deletionAsked when its deletion was asked for, not when its grace ends
     */
    public record Times(
            Instant created,
            Optional<Instant> started,
            Optional<Instant> buildStarted,
            Optional<Instant> deletionAsked) {}

    /**
     * What its kubelet tells.
     *
     * @param gate empty while the gate has not ended
     */
    public record Told(Progress progress, Optional<GateReport> gate) {}

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

    /** Evidence: nobody's to count, to replace or to delete before its incident is closed. */
    public boolean held() {
        return state.isHeld();
    }

    public boolean terminating() {
        return times.deletionAsked().isPresent();
    }

    public boolean finished() {
        return progress() instanceof Progress.Finished;
    }

    /** The build's own first instruction ran. */
    public boolean buildStarted() {
        return !(progress() instanceof Progress.Waiting);
    }

    public static String name(String environment, int slot, int attempt) {
        return environment + "-" + slot + "-" + attempt;
    }

    /** The slot and attempt that a build pod's name says, of whatever environment. */
    public static Optional<SlotAttempt> slotOf(String environment, String podName) {
        Matcher name = NAME.matcher(podName);
        return name.matches() && name.group(1).equals(environment)
                ? Optional.of(new SlotAttempt(Integer.parseInt(name.group(2)), Integer.parseInt(name.group(3))))
                : Optional.empty();
    }

    public record SlotAttempt(int slot, int attempt) {}

    /** Empty for a pod that is not of this environment's naming. */
    public static Optional<BuildPod> of(String environment, Pod pod) {
        ObjectMeta meta = pod.getMetadata();
        Optional<SlotAttempt> slot = slotOf(environment, meta.getName());
        if (slot.isEmpty() || !labelled(meta, environment)) {
            return Optional.empty();
        }
        Id id = new Id(
                meta.getName(), Seen.of(pod), slot.get().slot(), slot.get().attempt());
        Optional<Instant> deletionAsked = Optional.ofNullable(meta.getDeletionTimestamp())
                .map(Instant::parse)
                .map(end -> end.minusSeconds(
                        meta.getDeletionGracePeriodSeconds() == null ? 0 : meta.getDeletionGracePeriodSeconds()));
        Optional<Instant> started = Optional.ofNullable(pod.getStatus())
                .map(status -> status.getStartTime())
                .map(Instant::parse);
        Instant created = Instant.parse(meta.getCreationTimestamp());
        Map<String, String> annotations = meta.getAnnotations() == null ? Map.of() : meta.getAnnotations();
        return Optional.of(new BuildPod(
                id,
                new Origin(
                        ownerUid(meta.getOwnerReferences()),
                        annotations.getOrDefault(CleanroomApi.SPEC_HASH_ANNOTATION, ""),
                        Optional.ofNullable(annotations.get(CleanroomApi.RERUN_ANNOTATION)),
                        Optional.ofNullable(annotations.get(CleanroomApi.ACCOUNT_UID_ANNOTATION)),
                        digests(annotations.getOrDefault(CleanroomApi.IMAGES_ANNOTATION, ""))),
                PodState.of(pod),
                new Times(created, started, PodProgress.buildStarted(pod), deletionAsked),
                told(pod, deletionAsked, created)));
    }

    private static Told told(Pod pod, Optional<Instant> deletionAsked, Instant created) {
        Optional<GateReport> gate = GateReport.of(pod);
        return new Told(PodProgress.of(pod, gate, deletionAsked, created), gate);
    }

    /**
     * Whether a decision reads the two versions of one pod differently. The version itself is no difference: whoever
     * deletes a pod takes it from the cache at that moment.
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
        Seen unversioned = new Seen(id.seen().uid(), "");
        return new BuildPod(new Id(id.name(), unversioned, id.slot(), id.attempt()), origin, state, times, told);
    }

    /** Of the references that the pod was made with; admission has kept them as they were. */
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
        List<PodCondition> conditions = pod.getStatus().getConditions();
        return conditions != null
                && conditions.stream().anyMatch(c -> conditionType.equals(c.getType()) && "True".equals(c.getStatus()));
    }
}
