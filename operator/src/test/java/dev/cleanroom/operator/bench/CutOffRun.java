package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * The pods of one environment cut off, one after the other: of each a bare PATCH, then the annotation.
 *
 * @param bare until a bare PATCH of the pod was answered, ms
 * @param acknowledged until the annotation was answered, ms
 * @param after from that answer until the state was seen stored, ms; 0 when it came with the answer
 * @param sameWrite pods whose state the annotation's own answer shows
 */
record CutOffRun(Sample bare, Sample acknowledged, Sample after, int sameWrite) {
    static final int PODS = 50;

    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final String BARE = "{\"metadata\":{\"annotations\":{\"example.com/note\":\"seen\"}}}";
    private static final String QUARANTINE =
            "{\"metadata\":{\"annotations\":{\"" + CleanroomApi.QUARANTINE_ANNOTATION + "\":\"bench\"}}}";

    static CutOffRun of(Bed bed, StateWatch states, String namespace, String environment) {
        Sample bare = new Sample();
        Sample acknowledged = new Sample();
        Sample after = new Sample();
        int same = 0;
        for (String pod : pods(bed, namespace, environment)) {
            String path = Paths.pods(namespace) + "/" + pod;
            long start = System.nanoTime();
            bed.admin().merge(path, BARE);
            bare.add((System.nanoTime() - start) / 1e6);
            start = System.nanoTime();
            String answer = bed.admin().merge(path, QUARANTINE);
            long acknowledgedAt = System.nanoTime();
            acknowledged.add((acknowledgedAt - start) / 1e6);
            same += answer.contains("\"" + CleanroomApi.STATE_LABEL + "\":\"quarantined\"") ? 1 : 0;
            after.add(Math.max(0, (states.await(pod, TIMEOUT) - acknowledgedAt) / 1e6));
        }
        CutOffRun run = new CutOffRun(bare, acknowledged, after, same);
        bed.say(
                "%s: %d of %d in the same write; after it p50 %.1f, p99 %.1f ms; %s",
                environment, same, PODS, after.median(), after.percentile(99), run.figures());
        return run;
    }

    String figures() {
        return "bare PATCH p50 %.1f, p99 %.1f ms; the annotation's p50 %.1f, p99 %.1f ms"
                .formatted(bare.median(), bare.percentile(99), acknowledged.median(), acknowledged.percentile(99));
    }

    /** Names of the pods of an environment made for this: what is quarantined in it is not replaced. */
    static List<String> pods(Bed bed, String namespace, String environment) {
        bed.team().post(Paths.environments(namespace), Specs.json(environment, Specs.manyAgents(PODS)));
        List<String> names = new ArrayList<>();
        for (int slot = 0; slot < PODS; slot++) {
            names.add(environment + "-" + slot + "-1");
        }
        Awaitility.await("the pods of " + environment)
                .atMost(TIMEOUT)
                .pollInterval(Duration.ofMillis(500))
                .until(() -> ready(bed, namespace, environment) == PODS);
        return names;
    }

    private static int ready(Bed bed, String namespace, String environment) {
        return bed.admin()
                .get(Paths.environments(namespace) + "/" + environment)
                .path("status")
                .path("readyReplicas")
                .asInt();
    }
}
