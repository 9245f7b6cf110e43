package dev.cleanroom.operator.simulation;

import static dev.cleanroom.operator.simulation.Violation.unless;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.PodState;
import java.util.HashSet;
import java.util.Set;

/** What must hold of builds in pods with phases, whoever did the last step. */
final class ClosedBuilds {
    private final ApiServer server;
    private final NetworkPlugin plugin;
    private final Launchers launchers;
    private final Set<String> neverToBegin = new HashSet<>();
    private int position;

    ClosedBuilds(World world, NetworkPlugin plugin, Launchers launchers) {
        this.server = world.server();
        this.plugin = plugin;
        this.launchers = launchers;
    }

    /** After every step. */
    void check() {
        for (; position < server.changes(Resource.POD).size(); position++) {
            Change change = server.changes(Resource.POD).get(position);
            if (change.before() != null
                    && change.before().state() == PodState.PREPARING
                    && change.latest().state() == PodState.QUARANTINED) {
                neverToBegin.add(change.latest().uid());
            }
        }
        for (Version pod : launchers.building()) {
            unless(
                    !plugin.reaches(pod, Setup.FETCHED_FROM)
                            && !plugin.reachesCanary(pod, CleanroomApi.FETCH_BEACON_PORT),
                    "I9 no build runs while a rule for Prepare alone is open to its pod",
                    pod);
            unless(
                    !neverToBegin.contains(pod.uid()),
                    "a pod that was quarantined while it prepared never starts its build",
                    pod);
        }
    }

    /** When everything has run for long enough. */
    void settled() {
        for (Version pod : server.all(Resource.POD)) {
            unless(
                    pod.hasEnded() || pod.isTerminating() || pod.state().isHeld() || isBuilding(pod),
                    "no build is lost",
                    pod + " is " + pod.state());
        }
    }

    private boolean isBuilding(Version pod) {
        return pod.state() == PodState.ACTIVE && pod.phase().equals("Running") && launchers.hasBegun(pod);
    }
}
