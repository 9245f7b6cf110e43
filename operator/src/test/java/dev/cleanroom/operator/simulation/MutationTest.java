package dev.cleanroom.operator.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Bugs put in by hand: each is found, or the simulation would prove nothing. Prints how many schedules it took. */
class MutationTest {
    private static final int MOST_SCHEDULES = 3_000;

    private static Map<String, Fault> mutations() {
        Map<String, Fault> all = new LinkedHashMap<>();
        all.put("deny-all is created after the pods", DecisionFaults.denyAllAfterPods());
        all.put("deletes carry neither uid nor resourceVersion", WireFaults.deleteWithoutPreconditions());
        all.put("status is written without its resourceVersion", WireFaults.statusWithoutResourceVersion());
        all.put("pods get random names", WireFaults.podNamesByChance());
        all.put("pods are not stamped with their rerun", WireFaults.podsNotStampedWithTheirRerun());
        all.put("an ended pod is deleted, then counted", DecisionFaults.countedAfterDeletion());
        all.put("ended pods are not counted", DecisionFaults.endsNotCounted());
        all.put("a run is counted without its record", DecisionFaults.runsNotRecorded());
        all.put("held pods are treated like any other", DecisionFaults.heldPodsTreatedAsOwn());
        all.put("a suspect's account is not deleted first", DecisionFaults.accountNotDeletedFirst());
        all.put("a suspect's account is deleted before the pod is isolated", DecisionFaults.suspectsTakenForCutOff());
        all.put("answers about images are kept over incidents", DecisionFaults.answersKeptOverIncidents());
        all.put("the rebuild limit ignores pods without an incident", DecisionFaults.gateIgnoresPodsWithoutIncident());
        all.put("incidents get random names", WireFaults.incidentNamesByChance());
        all.put("incidents are bound to the pod's name, not its uid", WireFaults.incidentsBoundToPodNames());
        all.put("deny-all is released with pods left", WireFaults.podsNotLookedForBeforeRelease());
        all.put("patches carry no tests, and no rail keeps the state forward", WireFaults.flipWithoutTests());
        all.put("launchers do not wait", WireFaults.launchersWaitFor(Launchers.WaitsFor.NOTHING));
        all.put(
                "launchers wait for the silence of the fetch beacon alone",
                WireFaults.launchersWaitFor(Launchers.WaitsFor.SILENCE_OF_THE_FETCH_BEACON));
        all.put("the fetch beacon is in a policy of its own", WireFaults.fetchBeaconInAPolicyOfItsOwn());
        all.put("rules for Prepare are in the policy of the build too", DecisionFaults.rulesForPrepareInBothPolicies());
        all.put("prepared pods are not moved to active", DecisionFaults.buildsNotStarted());
        all.put(
                "no rail keeps a pod from starting its build whose quarantine is requested",
                WireFaults.noRailAboutRequestedQuarantines());
        return all;
    }

    @Test
    void eachBugPutInByHandIsFound() {
        List<String> missed = new ArrayList<>();
        mutations().forEach((name, fault) -> {
            Optional<String> found = Optional.empty();
            long seed = 0;
            while (found.isEmpty() && seed < MOST_SCHEDULES) {
                found = violation(++seed, fault);
            }
            System.out.printf("| %s | %s | %s |%n", name, found.isEmpty() ? "none in " + seed : seed, found.orElse(""));
            if (found.isEmpty()) {
                missed.add(name);
            }
        });
        assertThat(missed).isEmpty();
    }

    /** Found by what must hold, and not because something else broke. */
    private static Optional<String> violation(long seed, Fault fault) {
        try {
            Schedule.run(seed, fault);
            return Optional.empty();
        } catch (Schedule.Failure e) {
            assertThat(e).hasCauseInstanceOf(Violation.class);
            return Optional.of(e.getCause().getMessage().replaceFirst(":.*(?s:.*)", ""));
        }
    }
}
