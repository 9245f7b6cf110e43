package dev.cleanroom.operator.incident.decide;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.containment.Flip;
import dev.cleanroom.operator.incident.model.ObservedIncident;
import dev.cleanroom.operator.incident.model.Volume;
import dev.cleanroom.operator.incident.resources.EvidenceSnapshot;
import dev.cleanroom.operator.incident.resources.OpenedIncident;
import dev.cleanroom.operator.incident.status.IncidentStatus;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.pod.IncidentNames;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides what to write for one incident now. No step waits for another unless it must:
 *
 * <ol>
 *   <li>The pod's state moves forward, {@link #cut} before the rest is read: at once if a person opened the
 *       incident, after {@link #PRESERVE_TIME} if the pod preserves first.
 *   <li>The incident becomes the owner of the pod, so that nothing that ends the environment deletes it.
 *   <li>The image that its build ran is denied, if a responder's resolution says {@code denyImage}.
 *   <li>A snapshot of its claim is requested, once. This is the last of them, because others than the API server
 *       may refuse it.
 *   <li>Status reports what was observed.
 *   <li>Only when the incident is closed, the pod is deleted, if it is still as it was observed, and its claim with
 *       it. The account whose tokens it has is deleted before it, because only the pod records that the account must be
 *       deleted (I5).
 * </ol>
 */
public final class IncidentDecision {
    /** How long a suspect keeps its network while a snapshot of its claim is requested. */
    public static final Duration PRESERVE_TIME = Duration.ofSeconds(10);

    private static final Duration SOON = Duration.ofSeconds(2);
    private static final Duration LATER = Duration.ofSeconds(30);
    private static final Duration FRESH = Duration.ofMinutes(2);

    private IncidentDecision() {}

    public static Plan decide(ObservedIncident observed, Instant now) {
        BuildIncident incident = observed.incident();
        if (incident.getMetadata().getDeletionTimestamp() != null) {
            return Plan.NOTHING;
        }
        List<Write> writes = new ArrayList<>();
        List<Instant> wakeUps = new ArrayList<>();
        boolean closed = observed.isClosed();
        observed.pod().ifPresent(pod -> {
            if (closed) {
                writes.addAll(release(observed, pod));
                return;
            }
            cut(incident, observed.pod(), now).wakeUp().ifPresent(wakeUps::add);
            relate(incident, pod).ifPresent(writes::add);
            takeOver(observed, pod).ifPresent(writes::add);
        });
        if (!closed) {
            ImageDenial.write(observed).ifPresent(writes::add);
            snapshot(observed).ifPresent(writes::add);
        }
        if (!writes.isEmpty()) {
            return Plan.of(writes, Optional.empty());
        }
        BuildIncidentStatus wanted = IncidentStatus.build(observed, now);
        if (!wanted.equals(incident.getStatus())) {
            return Plan.of(List.of(apply(incident, wanted)), Optional.empty());
        }
        if (!IncidentStatus.isSettled(observed, wanted)) {
            Instant opened = Instant.parse(incident.getMetadata().getCreationTimestamp());
            wakeUps.add(now.plus(opened.plus(FRESH).isAfter(now) ? SOON : LATER));
        }
        return Plan.of(List.of(), wakeUps.stream().min(Instant::compareTo));
    }

    /**
     * The pod's state moves forward. This uses only the incident and the pod, so that a failed read of anything
     * else does not delay it.
     */
    public static Plan cut(BuildIncident incident, Optional<Pod> pod, Instant now) {
        if (pod.isEmpty()
                || ObservedIncident.isClosed(incident)
                || incident.getMetadata().getDeletionTimestamp() != null) {
            return Plan.NOTHING;
        }
        Flip flip = Flip.quarantine(pod.get(), incident.getSpec().trigger().reason(), "incident");
        return switch (PodState.of(pod.get())) {
            case PREPARING, ACTIVE -> Plan.of(List.of(write(flip, "IncidentOpened")), Optional.empty());
            case SUSPECT -> {
                Instant due = Instant.parse(incident.getMetadata().getCreationTimestamp())
                        .plus(PRESERVE_TIME);
                yield now.isBefore(due)
                        ? Plan.of(List.of(), Optional.of(due))
                        : Plan.of(List.of(write(flip, "PreserveTimeOver")), Optional.empty());
            }
            case QUARANTINED -> Plan.NOTHING;
        };
    }

    private static Write write(Flip flip, String reason) {
        return new Write.TestedPatch(flip.pod(), flip.operations(), flip.stateAlone(), reason);
    }

    /** An incident that a person created does not name the environment; its pod does, while the environment owns it. */
    private static Optional<Write> relate(BuildIncident incident, Pod pod) {
        Map<String, String> labels = with(incident.getMetadata().getLabels(), OpenedIncident.labels(pod));
        Map<String, String> annotations = with(
                incident.getMetadata().getAnnotations(),
                isRecorded(incident) && pod.getMetadata().getOwnerReferences().isEmpty()
                        ? Map.of()
                        : OpenedIncident.environmentUid(pod));
        return labels.equals(with(incident.getMetadata().getLabels(), Map.of()))
                        && annotations.equals(with(incident.getMetadata().getAnnotations(), Map.of()))
                ? Optional.empty()
                : Optional.of(new Write.Patch(
                        key(incident),
                        Write.Precondition.of(incident),
                        Map.of("/metadata/labels", labels, "/metadata/annotations", annotations),
                        "EnvironmentKnown"));
    }

    /** What was recorded while an environment owned the pod stays when nothing owns it. */
    private static boolean isRecorded(BuildIncident incident) {
        Map<String, String> annotations = incident.getMetadata().getAnnotations();
        return annotations != null && annotations.containsKey(CleanroomApi.ENVIRONMENT_UID_ANNOTATION);
    }

    private static Map<String, String> with(@Nullable Map<String, String> stored, Map<String, String> more) {
        Map<String, String> all = new LinkedHashMap<>(stored == null ? Map.of() : stored);
        all.putAll(more);
        return all;
    }

    /**
     * In a namespace that is being deleted, the incident lies in another one, and an owner cannot be in another
     * namespace; then the pod has no owner.
     */
    private static Optional<Write> takeOver(ObservedIncident observed, Pod pod) {
        List<OwnerReference> wanted =
                observed.isBesidePod() ? List.of(OpenedIncident.ownerReference(observed.incident())) : List.of();
        List<String> now = uids(pod.getMetadata().getOwnerReferences());
        return !PodState.of(pod).isHeld() || uids(wanted).equals(now)
                ? Optional.empty()
                : Optional.of(new Write.Patch(
                        podKey(observed),
                        Write.Precondition.of(pod),
                        Map.of("/metadata/ownerReferences", wanted),
                        "EvidenceTakenOver"));
    }

    private static List<String> uids(List<OwnerReference> owners) {
        return owners.stream().map(OwnerReference::getUid).toList();
    }

    /** Once only: a later snapshot would show another moment, and would be taken for evidence of this one. */
    private static Optional<Write> snapshot(ObservedIncident observed) {
        BuildIncident incident = observed.incident();
        Optional<Volume> volume = observed.volume();
        if (volume.isEmpty() || volume.get().snapshot().isPresent() || !observed.isBesidePod()) {
            return Optional.empty();
        }
        String name = IncidentNames.workspaceSnapshot(incident.getMetadata().getName());
        boolean askedBefore = incident.getStatus() != null
                && incident.getStatus().volumes() != null
                && incident.getStatus().volumes().stream().anyMatch(known -> name.equals(known.snapshot()));
        return askedBefore
                ? Optional.empty()
                : volume.get()
                        .snapshotClass()
                        .map(snapshotClass -> new Write.Create(
                                new ObjectKey(
                                        Resource.VOLUME_SNAPSHOT,
                                        incident.getMetadata().getNamespace(),
                                        name),
                                EvidenceSnapshot.build(
                                        incident,
                                        observed.environment().name(),
                                        volume.get().claim(),
                                        snapshotClass),
                                "EvidencePreserved"));
    }

    private static List<Write> release(ObservedIncident observed, Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null
                || !PodState.of(pod).isHeld()) {
            return List.of();
        }
        List<Write> writes = new ArrayList<>();
        observed.exposedAccount()
                .ifPresent(account -> writes.add(new Write.Delete(
                        new ObjectKey(
                                Resource.SERVICE_ACCOUNT,
                                observed.namespaceOfPod(),
                                Names.account(observed.environment().name())),
                        account,
                        "IdentityRevoked")));
        writes.add(new Write.Delete(podKey(observed), Write.Precondition.of(pod), "IncidentClosed"));
        return writes;
    }

    private static Write apply(BuildIncident incident, BuildIncidentStatus status) {
        var fresh = new BuildIncident();
        fresh.setMetadata(new ObjectMetaBuilder()
                .withNamespace(incident.getMetadata().getNamespace())
                .withName(incident.getMetadata().getName())
                .withUid(incident.getMetadata().getUid())
                .withResourceVersion(incident.getMetadata().getResourceVersion())
                .build());
        fresh.setStatus(status);
        return new Write.ApplyStatus(key(incident), fresh, "StepRecorded");
    }

    private static ObjectKey key(BuildIncident incident) {
        return new ObjectKey(
                Resource.BUILD_INCIDENT,
                incident.getMetadata().getNamespace(),
                incident.getMetadata().getName());
    }

    private static ObjectKey podKey(ObservedIncident observed) {
        return new ObjectKey(Resource.POD, observed.namespaceOfPod(), observed.podName());
    }
}
