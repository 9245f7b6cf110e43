package dev.cleanroom.operator.simulation;

import static dev.cleanroom.operator.simulation.Violation.unless;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.operator.pod.BuildPod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An attempt never goes back, each that was counted was a pod, no pod is counted twice, and a task's success is counted once
 * a spec and request for a rerun.
 */
final class Counts {
    private final Records records;
    private final Namespaces namespaces;
    private final Map<String, Set<String>> counted = new HashMap<>();

    Counts(Records records, Namespaces namespaces) {
        this.records = records;
        this.namespaces = namespaces;
    }

    void check(Change change) {
        if (change.before() == null || change.after() == null) {
            return;
        }
        Version after = change.after();
        for (JsonNode slot : change.before().at("/status/slots")) {
            int number = slot.path("slot").asInt();
            unless(
                    attempt(after, number) >= slot.path("attempt").asInt(),
                    "an attempt never goes back",
                    after + ": " + after.at("/status/slots"));
        }
        for (JsonNode slot : after.at("/status/slots")) {
            int number = slot.path("slot").asInt();
            for (int n = attempt(change.before(), number);
                    n < slot.path("attempt").asInt();
                    n++) {
                unless(
                        records.wasNamed(BuildPod.name(after.name(), number, n)),
                        "each counted attempt was a pod",
                        after + ": " + after.at("/status/slots"));
            }
        }
        String run = after.at("/status/lastRun/uid").asText();
        if (!run.equals(change.before().at("/status/lastRun/uid").asText())) {
            unless(
                    counted.computeIfAbsent(after.uid(), uid -> new HashSet<>()).add(run),
                    "a pod is counted once",
                    after + ": " + after.at("/status/lastRun"));
            unless(
                    isAgent(after)
                            // Nothing can be created there any more.
                            || namespaces.isTerminating(after.key().namespace())
                            || records.hasRecord(after.at("/status/lastRun/pod").asText(), run),
                    "a task's run is recorded before it is counted",
                    after + ": " + after.at("/status/lastRun"));
            boolean succeeded = change.before().at("/status/lastRun/exitCode").asInt(-1) == 0;
            unless(
                    isAgent(after) || !succeeded || !cause(change.before()).equals(cause(after)),
                    "a task's success is counted once for each spec and request for a rerun",
                    after + ": " + after.at("/status/lastRun"));
        }
    }

    private static boolean isAgent(Version environment) {
        return environment.at("/spec/onExit").asText().equals("Replace");
    }

    private static List<String> cause(Version environment) {
        return List.of(
                environment.at("/status/lastRun/specHash").asText(),
                environment.at("/status/lastRun/rerun").asText());
    }

    static int attempt(Version environment, int number) {
        for (JsonNode slot : environment.at("/status/slots")) {
            if (slot.path("slot").asInt() == number) {
                return slot.path("attempt").asInt();
            }
        }
        return 1;
    }
}
