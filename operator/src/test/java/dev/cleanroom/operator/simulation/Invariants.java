package dev.cleanroom.operator.simulation;

import static dev.cleanroom.operator.simulation.Violation.unless;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.BuildPod.SlotAttempt;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What must hold after every step, whoever did it. */
final class Invariants {
    private final ApiServer server;
    private final Records records = new Records();
    private final Counts counts;
    private final Replacements replacements;
    private int position;

    Invariants(World world, Setup setup) {
        this.server = world.server();
        this.counts = new Counts(records, server.namespaces());
        this.replacements = new Replacements(world, setup, records);
    }

    Records records() {
        return records;
    }

    /** Looks at every write since the last call. */
    void check() {
        for (; position < server.journal().size(); position++) {
            Change change = server.journal().get(position);
            switch (change.latest().key().resource()) {
                case POD -> pod(change);
                case BUILD_INCIDENT -> incident(change);
                case BUILD_ENVIRONMENT -> {
                    counts.check(change);
                    onlyWhatExpiresIsDeleted(change);
                }
                case CLAIM -> claim(change);
                case BUILD_RECORD -> records.recorded(change.latest().name());
                case SERVICE_ACCOUNT -> account(change);
                case NETWORK_POLICY -> {
                    everyPodIsDenied();
                    noPolicySelectsWhatIsCutOff();
                }
                default -> {}
            }
        }
    }

    private void pod(Change change) {
        if (change.before() == null) {
            created(change.after(), change.at());
        } else if (change.after() == null) {
            deleted(change.before());
            countedFirst(change);
        } else {
            changed(change);
        }
    }

    private void created(Version pod, Instant at) {
        everyPodIsDenied();
        everyPodStartsWithTheGate(pod);
        replacements.check(pod, at);
        records.created(pod);
    }

    private void changed(Change change) {
        Version before = change.before();
        Version after = change.after();
        unless(
                after.state().ordinal() >= before.state().ordinal(),
                "I2 state never goes back",
                before + " was " + before.state() + ", is " + after.state());
        if (before.state() == PodState.PREPARING && after.state() != PodState.PREPARING) {
            leftPreparing(before, after, change.by());
        }
        if (after.state() == PodState.QUARANTINED && before.state() != PodState.QUARANTINED) {
            noPolicySelectsWhatIsCutOff();
        }
        if (!before.state().isHeld() && after.state().isHeld()) {
            records.held(after, change.at());
        }
        boolean asked = !before.isTerminating() && after.isTerminating();
        unless(
                !(asked && after.state().isHeld()) || records.isClosed(after.uid()),
                "I3 a held pod is not deleted before its incident is closed",
                after);
        if (!before.hasEnded() && after.hasEnded()) {
            records.ended(after);
        }
    }

    private static void leftPreparing(Version before, Version after, User by) {
        boolean asked = before.at("/metadata/annotations").has(CleanroomApi.QUARANTINE_ANNOTATION);
        unless(
                after.state() == PodState.QUARANTINED
                        || (after.state() == PodState.ACTIVE && by == User.OPERATOR && !asked),
                "a preparing pod becomes quarantined, or active by the operator if nobody asked for its quarantine",
                after + " is " + after.state() + " by " + by);
    }

    private void deleted(Version pod) {
        unless(
                !pod.state().isHeld() || pod.isTerminating() || records.isClosed(pod.uid()),
                "I3 a held pod is not deleted before its incident is closed",
                pod);
        records.deleted(pod);
    }

    /** The operator lets an end go only when it is counted; whoever else deletes a pod loses its count. */
    private void countedFirst(Change change) {
        Version pod = change.before();
        Optional<SlotAttempt> slot = pod.slot();
        if (change.by() != User.OPERATOR || !pod.hasEnded() || pod.state().isHeld() || slot.isEmpty()) {
            return;
        }
        server.all(Resource.BUILD_ENVIRONMENT).stream()
                .filter(environment -> environment.uid().equals(pod.controllerUid()))
                .forEach(environment -> unless(
                        Counts.attempt(environment, slot.get().slot())
                                > slot.get().attempt(),
                        "an end is counted before its pod is deleted",
                        pod + " of " + environment.at("/status/slots")));
    }

    /** The rest is Git's, or a person's. */
    private static void onlyWhatExpiresIsDeleted(Change change) {
        if (change.after() == null && change.by() == User.OPERATOR) {
            Version environment = change.before();
            unless(
                    environment.at("/spec/afterFinished").asText().equals("Delete")
                            && Settled.isTrue(environment, "Finished"),
                    "the operator deletes an environment only when it has finished and is not to be kept",
                    environment);
        }
    }

    private void claim(Change change) {
        if (change.after() != null) {
            return;
        }
        String owner = change.before().controllerUid();
        boolean ownerIsHeld = server.all(Resource.POD).stream()
                .anyMatch(pod -> pod.uid().equals(owner) && pod.state().isHeld());
        unless(!ownerIsHeld, "I3 a held pod's claim is not deleted", change.before());
    }

    /** One whose tokens are refused while its network is open wipes what is to be preserved. */
    private void account(Change change) {
        if (change.after() != null || change.by() != User.OPERATOR) {
            return;
        }
        List<Version> exposed = records.held().values().stream()
                .filter(pod -> pod.annotation(CleanroomApi.ACCOUNT_UID_ANNOTATION)
                        .equals(change.before().uid()))
                .toList();
        unless(
                exposed.isEmpty() || !exposed.stream().allMatch(pod -> isStillConnected(pod.uid())),
                "an account is revoked after the suspect is isolated",
                change.before() + " of " + exposed);
    }

    private boolean isStillConnected(String podUid) {
        return !records.isClosed(podUid)
                && server.all(Resource.POD).stream()
                        .anyMatch(pod -> pod.uid().equals(podUid) && pod.state() == PodState.SUSPECT);
    }

    private void incident(Change change) {
        if (change.before() == null) {
            String subject = change.after().at("/spec/subject/uid").asText();
            unless(
                    records.opened(subject, change.after()),
                    "I4 a quarantined pod has one incident",
                    change.after() + " is a second one about " + subject);
        } else if (change.after() == null) {
            records.removed(change.before().at("/spec/subject/uid").asText());
        } else if (change.after().at("/spec").has("resolution")) {
            confirmedIsDenied(server, change.after());
            records.closed(
                    change.after().at("/spec/subject/uid").asText(),
                    change.after().at("/spec/resolution/verdict").asText());
        }
    }

    static void confirmedIsDenied(ApiServer server, Version incident) {
        String digest = incident.at("/status/exposure/imageDigest").asText();
        boolean asked = incident.at("/spec/resolution/denyImage").asBoolean()
                && Settled.isTrue(incident, "Closed")
                && !digest.isEmpty();
        unless(
                !asked
                        || server.find(new ObjectKey(Resource.TRUST_POLICY, null, CleanroomApi.DENIED_POLICY))
                                .filter(policy -> policy.at("/spec/deny/digests")
                                        .valueStream()
                                        .anyMatch(denied -> denied.asText().equals(digest)))
                                .isPresent(),
                "an image that is to be denied is denied before its pod is released",
                incident);
    }

    private void everyPodIsDenied() {
        for (Version pod : server.all(Resource.POD)) {
            boolean denied = server.find(
                            new ObjectKey(Resource.NETWORK_POLICY, pod.key().namespace(), Names.DENY_ALL))
                    .filter(policy -> policy.at("/spec/egress").isMissingNode()
                            && PodSelector.selects(policy, pod)
                            && policy.at("/spec/policyTypes").size() == 2)
                    .isPresent();
            unless(denied, "I1 every build pod is under deny-all", pod);
        }
    }

    /** With something to measure against, and with its beacon stored. */
    private void everyPodStartsWithTheGate(Version pod) {
        unless(pod.at("/spec/gate").asText().equals("10.0.0.1"), "I1 every build pod starts with the gate", pod);
    }

    private void noPolicySelectsWhatIsCutOff() {
        for (Version policy : server.all(Resource.NETWORK_POLICY)) {
            boolean allows = !policy.at("/spec/egress").isEmpty()
                    || !policy.at("/spec/ingress").isEmpty();
            for (Version pod : server.all(Resource.POD)) {
                unless(
                        !allows || pod.state() != PodState.QUARANTINED || !PodSelector.selects(policy, pod),
                        "I2 no policy lets a quarantined pod out",
                        policy + " selects " + pod);
            }
        }
    }
}
