package dev.cleanroom.operator.environment.status;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.Conditions.Content;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Progress;
import dev.cleanroom.operator.record.Denied;
import io.fabric8.kubernetes.api.model.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Builds the whole status from what was observed. Nothing else builds it. */
public final class EnvironmentStatus {
    private static final int MAX_INCIDENTS = 10;

    private EnvironmentStatus() {}

    /** @param created the records that are created before this status is stored */
    public static BuildEnvironmentStatus build(
            Observed observed, Assessment assessment, History history, List<BuildRecord> created, Instant now) {
        BuildEnvironment environment = observed.environment();
        BuildEnvironmentStatus stored = environment.getStatus();
        long generation = environment.getMetadata().getGeneration();
        List<BuildPod> active = active(observed, history);
        Content network = NetworkJudgement.of(observed, assessment, history, active);
        Judgement judgement = Judgement.of(observed, assessment, history, active, network);
        var conditions = new Conditions(stored == null ? null : stored.conditions(), generation, now);
        return new BuildEnvironmentStatus(
                generation,
                conditions(observed, conditions, judgement, network),
                assessment.acceptance() instanceof Acceptance.Accepted accepted ? accepted.className() : null,
                ImageJudgement.status(environment, assessment.acceptance(), now),
                active.size(),
                (int) active.stream()
                        .filter(pod -> pod.progress() instanceof Progress.Running(boolean ready) && ready)
                        .count(),
                (int) observed.owned().pods().stream().filter(BuildPod::held).count(),
                withActiveSlots(history, active).toStatus(),
                history.lastRun().orElse(null),
                CleanroomApi.ENVIRONMENT_LABEL + "=" + environment.getMetadata().getName() + ","
                        + CleanroomApi.STATE_LABEL + " in (" + CleanroomApi.STATE_PREPARING + ","
                        + CleanroomApi.STATE_ACTIVE + ")",
                latestIncidents(observed),
                Denied.latest(
                        stored == null ? null : stored.deniedConnections(),
                        observed.owned().records().observations().values(),
                        now),
                RecordStatus.findings(stored, observed.owned().records(), created),
                RecordStatus.records(observed.owned().records(), created));
    }

    private static List<String> latestIncidents(Observed observed) {
        return observed.owned().incidents().stream()
                .sorted(Comparator.comparing(Incident::opened)
                        .thenComparing(Incident::name)
                        .reversed())
                .limit(MAX_INCIDENTS)
                .map(Incident::name)
                .toList();
    }

    private static Content quarantined(Observed observed) {
        List<String> held = observed.owned().pods().stream()
                .filter(BuildPod::held)
                .map(pod -> pod.id().name())
                .sorted()
                .toList();
        if (held.isEmpty()) {
            return Content.no(Reasons.NOTHING_HELD, "No pod is under investigation");
        }
        String names =
                "Quarantined and held: " + String.join(", ", held.subList(0, Math.min(held.size(), MAX_INCIDENTS)));
        return observed.owned().refusals().entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .map(refusal -> Content.yes(
                        Reasons.INCIDENT_REFUSED,
                        names + ". The API server refuses the incident of " + refusal.getKey() + ": "
                                + refusal.getValue() + ". Until it is created, the pod stays as it is"))
                .orElseGet(() -> Content.yes(
                        Reasons.UNDER_INVESTIGATION,
                        names + "; see: kubectl get incident -n " + observed.namespace() + " -l "
                                + CleanroomApi.ENVIRONMENT_LABEL + "=" + observed.name()));
    }

    private static List<Condition> conditions(
            Observed observed, Conditions conditions, Judgement judgement, Content network) {
        BuildEnvironment environment = observed.environment();
        List<Condition> all = new ArrayList<>();
        all.add(conditions.of(Reasons.READY, judgement.ready()));
        if (environment.getSpec() != null && environment.getSpec().onExit() != OnExit.Replace) {
            all.add(conditions.of(Reasons.FINISHED, judgement.finished()));
        }
        all.add(conditions.of(Reasons.IMAGE_VERIFIED, ImageJudgement.verified(observed)));
        all.add(conditions.of(Reasons.NETWORK_ENFORCED, network));
        all.add(conditions.of(Reasons.QUARANTINED, quarantined(observed)));
        all.add(conditions.of(Reasons.RECONCILING, judgement.reconciling()));
        all.add(conditions.of(Reasons.STALLED, judgement.stalled()));
        return List.copyOf(all);
    }

    /** Pods that take the slot of their attempt and that nobody is deleting: what an autoscaler should count. */
    private static List<BuildPod> active(Observed observed, History history) {
        return observed.owned().pods().stream()
                .filter(pod -> !pod.held() && observed.uid().equals(pod.ownerUid()))
                .filter(pod -> observed.owned().occupies(pod) && !pod.terminating())
                .filter(pod -> pod.id().attempt() == history.attempt(pod.id().slot()))
                .toList();
    }

    private static History withActiveSlots(History history, List<BuildPod> active) {
        for (BuildPod pod : active) {
            history = history.with(pod.id().slot(), history.slot(pod.id().slot()));
        }
        return history;
    }
}
