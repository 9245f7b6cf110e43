package dev.cleanroom.operator.simulation;

import static dev.cleanroom.operator.simulation.Violation.unless;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.operator.kube.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What must hold when everything runs again and nothing more happens: what an undisturbed run ends in. */
final class Settled {
    private static final int MOST_RECORDS = 3;

    private final ApiServer server;
    private final Setup setup;
    private final Records records;

    Settled(ApiServer server, Setup setup, Records records) {
        this.server = server;
        this.setup = setup;
        this.records = records;
    }

    void check() {
        everyQuarantineHasItsIncident();
        everyClosedIncidentLetItsPodGo();
        server.all(Resource.BUILD_INCIDENT).forEach(incident -> Invariants.confirmedIsDenied(server, incident));
        for (Version environment : server.all(Resource.BUILD_ENVIRONMENT)) {
            if (!server.namespaces().isTerminating(environment.key().namespace())) {
                environment(environment);
            }
        }
    }

    /** One that was being deleted already when it was cut off may be gone before anybody could look. */
    private void everyQuarantineHasItsIncident() {
        records.held().forEach((uid, pod) -> {
            boolean left = pod.isTerminating() && records.isGone(uid);
            unless(left || records.hasIncident(uid), "I4 a quarantined pod has an incident", pod);
        });
    }

    private void everyClosedIncidentLetItsPodGo() {
        for (Version pod : server.all(Resource.POD)) {
            unless(!records.isClosed(pod.uid()), "a closed incident lets its pod go", pod);
        }
    }

    private void environment(Version environment) {
        List<Version> all = server.all(Resource.POD).stream()
                .filter(pod -> pod.label(CleanroomApi.ENVIRONMENT_LABEL).equals(environment.name()))
                .toList();
        List<Version> live = all.stream()
                .filter(pod -> pod.controllerUid().equals(environment.uid()))
                .filter(pod -> !pod.state().isHeld() && !pod.hasEnded() && !pod.isTerminating())
                .toList();
        Set<Integer> slots = new HashSet<>();
        for (Version pod : live) {
            int slot = pod.slot().orElseThrow().slot();
            unless(slots.add(slot), "a slot has one pod", live);
            unless(
                    pod.slot().orElseThrow().attempt() == Counts.attempt(environment, slot),
                    "a live pod is its slot's present attempt",
                    pod + " of " + environment.at("/status/slots"));
        }
        long held = all.stream().filter(pod -> pod.state().isHeld()).count();
        unless(environment.at("/status/quarantinedReplicas").asLong() == held, "status has the held pods", environment);
        unless(environment.at("/status/replicas").asLong() == live.size(), "status has the live pods", environment);
        unless(
                environment.at("/status/readyReplicas").asLong() == live.size(),
                "status has the ready pods",
                environment);
        everyEndIsCounted(environment, all);
        long recorded = server.all(Resource.BUILD_RECORD).stream()
                .filter(record -> record.controllerUid().equals(environment.uid()))
                .count();
        unless(recorded <= MOST_RECORDS, "the newest records are kept", environment + " has " + recorded);
        if (environment.at("/spec/onExit").asText().equals("Replace")) {
            agents(environment, live);
        } else {
            task(environment, live);
        }
    }

    private void everyEndIsCounted(Version environment, List<Version> pods) {
        for (Version pod : pods) {
            if (records.environmentOf(pod.uid()).equals(environment.uid()) && pod.hasEnded()) {
                int slot = pod.slot().orElseThrow().slot();
                unless(
                        Counts.attempt(environment, slot)
                                > pod.slot().orElseThrow().attempt(),
                        "an end is counted",
                        pod + " of " + environment.at("/status/slots"));
            }
        }
    }

    /** Every end and every window is over: all that is wanted runs, but for slots that wait for a person. */
    private void agents(Version environment, List<Version> live) {
        int wanted = environment.at("/spec/replicas").asInt();
        unless(
                setup.rebuild() == Rebuild.Automatic
                        ? live.size() == wanted
                        : live.size() <= wanted && (live.size() == wanted || isTrue(environment, "Stalled")),
                "as many agents as wanted",
                live.size() + " of " + wanted + ", " + environment.at("/status/conditions"));
    }

    private void task(Version environment, List<Version> live) {
        boolean waits = setup.rebuild() != Rebuild.Automatic && isTrue(environment, "Stalled");
        unless(isTrue(environment, "Finished") || waits, "a task is over", environment.at("/status/conditions"));
        unless(live.isEmpty(), "a task that is over has no pod", live);
        String asked = environment.annotation(CleanroomApi.RERUN_ANNOTATION);
        unless(
                asked.isEmpty()
                        || !isTrue(environment, "Finished")
                        || isEndedInQuarantine(environment)
                        || environment.at("/status/lastRun/rerun").asText().equals(asked),
                "the last request for a rerun is answered",
                asked + ", answered " + environment.at("/status/lastRun"));
    }

    private static boolean isEndedInQuarantine(Version environment) {
        return environment
                .at("/status/conditions")
                .valueStream()
                .anyMatch(condition -> condition.path("type").asText().equals("Finished")
                        && condition.path("reason").asText().equals("Quarantined"));
    }

    static boolean isTrue(Version object, String type) {
        for (JsonNode condition : object.at("/status/conditions")) {
            if (condition.path("type").asText().equals(type)) {
                return condition.path("status").asText().equals("True");
            }
        }
        return false;
    }
}
