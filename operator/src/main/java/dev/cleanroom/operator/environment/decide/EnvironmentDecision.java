package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentStatus;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.acceptance.Assessment;
import dev.cleanroom.operator.environment.acceptance.Replacement;
import dev.cleanroom.operator.environment.model.History;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Predecessors;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.resources.BuildPodSpec;
import dev.cleanroom.operator.environment.resources.EvidenceBudget;
import dev.cleanroom.operator.environment.resources.Gate;
import dev.cleanroom.operator.environment.resources.IdentityAccount;
import dev.cleanroom.operator.environment.status.EnvironmentStatus;
import dev.cleanroom.operator.environment.status.StatusChange;
import dev.cleanroom.operator.environment.status.StatusWrites;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Rounds;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.network.BeaconPolicy;
import dev.cleanroom.operator.network.DenyAllPolicy;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Decides what to write for one environment now. The order of the steps is what makes them safe:
 *
 * <ol>
 *   <li>A pod that runs a denied image gets its incident before anything else.
 *   <li>An account whose tokens a suspect has is deleted after the suspect is isolated, and before the next attempt
 *       is allocated.
 *   <li>Ended attempts are counted, and the next ones allocated, before any of their objects is deleted or created. The
 *       record of a run is stored before that, in the same plan.
 *   <li>Before a pod is created, the API server (not only a cache) has confirmed that deny-all is stored (I1), and
 *       the beacon policy, the egress policy and the account are stored. Without a ready canary, enforcement cannot be
 *       proven, so no pod is created; nor is one created while a foreign policy opens it, which the gate cannot detect
 *       (I2).
 *   <li>A prepared pod becomes active, which closes the network of its prepare steps. Nothing else that is written here
 *       has to come before that, so a prepared pod waits for nothing.
 *   <li>Counted, surplus and outdated pods are deleted, each only as it was observed.
 *   <li>Pods are created, named by slot and attempt; those with an identity only when its account is stored.
 *   <li>If nothing else is left to write, the status is written, or an environment that is for a single build is
 *       deleted.
 * </ol>
 */
public final class EnvironmentDecision {
    /** How soon a refused write, or an obstacle whose end no event reports, is checked again: it ends within 10 s. */
    static final Duration LOOK_AGAIN = Rounds.AFTER_REFUSAL;

    /** The API server deletes Events after this time, unless it is configured otherwise. */
    private static final Duration TELL_AGAIN = Duration.ofHours(1);

    private EnvironmentDecision() {}

    public static Plan decide(Observed observed, Instant now) {
        if (observed.environment().getMetadata().getDeletionTimestamp() != null) {
            // The garbage collector deletes what the environment owned. Nothing owns deny-all, so it stays.
            return Plan.NOTHING;
        }
        List<Write> indicated = DeniedPods.incidents(observed);
        if (!indicated.isEmpty()) {
            return Plan.of(indicated, Optional.empty());
        }
        Optional<Write> revocation = OwnedObjects.revocation(observed);
        if (revocation.isPresent()) {
            // Before anything is counted or judged, because tokens are exposed even if the environment is refused or
            // waits for a person.
            return Plan.of(List.of(revocation.get()), Optional.empty());
        }
        if (observed.environment().unreadableStatus() != null) {
            // The counts exist and cannot be read: no write may depend on them, and none may replace them.
            return Plan.of(
                    List.of(StatusWrites.unreadable(observed.environment(), now)), Optional.of(now.plus(TELL_AGAIN)));
        }
        Assessment assessment = Assessment.of(observed, now);
        if (observed.environment().getSpec() == null) {
            return status(observed, assessment, observed.history(), List.of(), now);
        }
        History counted = Counting.count(observed, now);
        if (!counted.equals(observed.history())) {
            List<Write> records = RunRecording.records(observed, counted, now);
            return count(
                    observed,
                    records,
                    EnvironmentStatus.build(observed, assessment, counted, RunRecording.created(records), now));
        }
        Replacement replacement = assessment.replacement();
        PodPlan pods = PodPlan.of(observed, counted, assessment, now);
        List<Instant> wakeUps = new ArrayList<>(pods.wakeUps());
        replacement.opensAt().ifPresent(wakeUps::add);
        // That one write is refused is no reason to let another pod live longer.
        List<Write> writes = new ArrayList<>(BuildStarts.writes(observed, counted, pods));
        writes.addAll(RunRecording.surplus(observed));
        writes.addAll(
                assessment.refusedWrite().isPresent()
                        ? deletions(observed, pods)
                        : objects(observed, assessment.acceptance(), counted, pods));
        return writes.isEmpty()
                ? status(observed, assessment, counted, wakeUps, now)
                : Plan.of(writes, earliest(wakeUps));
    }

    private static Plan count(Observed observed, List<Write> records, BuildEnvironmentStatus next) {
        BuildEnvironment environment = observed.environment();
        BuildEnvironmentStatus counted = StatusChange.counted(environment.getStatus(), next);
        StatusChange change = StatusChange.between(environment.getStatus(), counted);
        List<Write> writes = new ArrayList<>(records);
        writes.addAll(
                change == StatusChange.STALLED
                        ? StatusWrites.of(environment, counted, change)
                        : List.of(StatusWrites.apply(environment, counted, "AttemptCounted")));
        return Plan.of(writes, Optional.empty());
    }

    private static List<Write> objects(Observed observed, Acceptance acceptance, History counted, PodPlan pods) {
        List<Write> writes = new ArrayList<>();
        boolean creating = !pods.creations().isEmpty();
        if ((creating || !observed.owned().pods().isEmpty())
                && !observed.surroundings().evidenceBudget()) {
            writes.add(new Write.Create(
                    new ObjectKey(Resource.DISRUPTION_BUDGET, observed.namespace(), Names.EVIDENCE_BUDGET),
                    EvidenceBudget.build(observed.namespace()),
                    "EvidenceNotEvicted"));
        }
        boolean open =
                !observed.owned().pods().isEmpty() && observed.surroundings().denyAll() == DenyAll.ABSENT;
        if (creating || open) {
            denyAll(observed).ifPresent(writes::add);
        }
        if (creating && !observed.surroundings().network().beacon()) {
            writes.add(new Write.Create(
                    new ObjectKey(Resource.NETWORK_POLICY, observed.namespace(), Names.BEACON),
                    BeaconPolicy.build(
                            observed.namespace(),
                            observed.surroundings().canaries().namespace()),
                    "BeaconBeforePods"));
        }
        writes.addAll(OwnedObjects.orphans(observed));
        if (acceptance instanceof Acceptance.Accepted && !Predecessors.inTheWay(observed)) {
            boolean needed =
                    creating || observed.owned().pods().stream().anyMatch(pod -> !pod.held() && !pod.finished());
            writes.addAll(OwnedObjects.egressPolicies(observed, needed));
            OwnedObjects.account(observed, needed).ifPresent(writes::add);
        } else {
            writes.addAll(OwnedObjects.egressTakenOut(observed));
        }
        writes.addAll(deletions(observed, pods));
        if (acceptance instanceof Acceptance.Accepted accepted && isIdentityStored(observed)) {
            for (int slot : pods.creations()) {
                var gate = new Gate(
                        accepted.tools(), observed.surroundings().canaries().addresses());
                int attempt = counted.attempt(slot);
                var place = new BuildPodSpec.Place(
                        slot,
                        attempt,
                        observed.owned()
                                .account()
                                .map(account -> account.precondition().uid()));
                writes.add(new Write.Create(
                        podKey(observed, BuildPod.name(observed.name(), slot, attempt)),
                        BuildPodSpec.build(observed.environment(), accepted.limits(), accepted.images(), place, gate),
                        "SlotEmpty"));
            }
        }
        return writes;
    }

    /** Without pods whose deletion was refused in this run: one that may not be deleted does not keep the others. */
    private static List<Write> deletions(Observed observed, PodPlan pods) {
        return pods.deletions().stream()
                .<Write>map(deletion -> new Write.Delete(
                        podKey(observed, deletion.pod().id().name()),
                        deletion.pod().id().precondition(),
                        deletion.reason()))
                .filter(deletion -> observed.failures().stream()
                        .noneMatch(failure -> failure.write().equals(deletion)))
                .toList();
    }

    private static Optional<Write> denyAll(Observed observed) {
        var key = new ObjectKey(Resource.NETWORK_POLICY, observed.namespace(), Names.DENY_ALL);
        return switch (observed.surroundings().denyAll()) {
            case ABSENT ->
                Optional.of(new Write.Create(key, DenyAllPolicy.build(observed.namespace()), "DenyAllBeforePods"));
            case STORED -> Optional.of(new Write.Confirm(key, "DenyAllBeforePods"));
            case CONFIRMED, TERMINATING, TAKEN -> Optional.empty();
        };
    }

    /** The pod is annotated with the uid of its account, so the account is stored one round earlier. */
    private static boolean isIdentityStored(Observed observed) {
        return !IdentityAccount.isWanted(observed.environment())
                || observed.owned().account().isPresent();
    }

    static ObjectKey podKey(Observed observed, String pod) {
        return new ObjectKey(Resource.POD, observed.namespace(), pod);
    }

    private static Plan status(
            Observed observed, Assessment assessment, History history, List<Instant> podWakeUps, Instant now) {
        BuildEnvironment environment = observed.environment();
        List<Instant> wakeUps = new ArrayList<>(podWakeUps);
        if (assessment.looksAgain() || observed.owned().awaitsIncident()) {
            wakeUps.add(now.plus(LOOK_AGAIN));
        }
        BuildEnvironmentStatus wanted = EnvironmentStatus.build(observed, assessment, history, List.of(), now);
        Optional<Instant> end = Expiry.due(environment.getSpec(), wanted);
        end.filter(now::isBefore).ifPresent(wakeUps::add);
        Optional<Write> expiry = end.filter(at -> !now.isBefore(at)).flatMap(at -> Expiry.deletion(observed));
        if (expiry.isPresent()) {
            return Plan.of(List.of(expiry.get()), earliest(wakeUps));
        }
        StatusChange change = StatusChange.between(environment.getStatus(), wanted);
        if (change == StatusChange.NONE) {
            return Plan.of(List.of(), earliest(wakeUps));
        }
        Instant due = observed.statusTiming()
                .differsSince()
                .orElse(now)
                .plus(change.waits(observed.statusTiming().rush()));
        if (now.isBefore(due)) {
            wakeUps.add(due);
            if (change == StatusChange.READY) {
                wakeUps.add(now.plus(StatusChange.RUSH_LOOKED_AT));
            }
            return new Plan(List.of(), earliest(wakeUps), true);
        }
        return Plan.of(StatusWrites.of(environment, wanted, change), earliest(wakeUps));
    }

    private static Optional<Instant> earliest(List<Instant> instants) {
        return instants.stream().min(Comparator.naturalOrder());
    }
}
