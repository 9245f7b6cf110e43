package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * The node, the scheduler and the volume controller: a pod is bound, gets its claim, passes its gate, prepares, starts,
 * ends, is let go.
 */
final class Kubelet {
    private static final int EVICTED = 137;
    private static final int LAUNCHER_GAVE_UP = 125;

    private final World world;
    private final Launchers launchers;

    Kubelet(World world, Launchers launchers) {
        this.world = world;
        this.launchers = launchers;
    }

    /** Any pod, one step on its way; an end is as the dice say. */
    boolean step(Random random) {
        List<Version> pods = world.server().all(Resource.POD);
        if (pods.isEmpty()) {
            return false;
        }
        Version pod = pods.get(random.nextInt(pods.size()));
        if (forward(pod, random.nextBoolean())) {
            return true;
        }
        if (!pod.phase().equals("Running")) {
            return false;
        }
        int dice = random.nextInt(6);
        boolean begun = launchers.hasBegun(pod);
        switch (dice) {
            case 0, 1, 2, 3 -> {
                if (begun) {
                    end(pod, dice < 2 ? 0 : 3, null);
                } else if (dice == 0) {
                    giveUp(pod, "PreparationStillRuns");
                }
            }
            case 4 -> end(pod, EVICTED, "Evicted");
            default -> {
                return false;
            }
        }
        return begun || dice == 0 || dice == 4;
    }

    /** Whatever pod can go on without ending by itself. */
    boolean stepForward() {
        return world.server().all(Resource.POD).stream().anyMatch(pod -> forward(pod, false));
    }

    void endAll() {
        world.server().all(Resource.POD).stream()
                .filter(pod -> pod.phase().equals("Running") && !pod.isTerminating() && launchers.hasBegun(pod))
                .forEach(pod -> end(pod, 0, null));
    }

    private boolean forward(Version pod, boolean tellsEnd) {
        if (pod.isTerminating()) {
            if (tellsEnd && pod.phase().equals("Running")) {
                end(pod, EVICTED, null);
            } else {
                world.server().delete(User.KUBELET, pod.key(), pod.uid(), null);
                world.trace("KUBELET lets " + pod.key() + " go");
            }
            return true;
        }
        if (pod.phase().equals("Running") && !launchers.hasBegun(pod)) {
            return launch(pod);
        }
        if (pod.hasEnded() || pod.phase().equals("Running")) {
            return false;
        }
        if (!pod.at("/spec").has("nodeName")) {
            world.server().patch(User.KUBELET, pod.key(), List.of(Operation.set("/spec/nodeName", "node-1")));
            world.trace("KUBELET takes " + pod.key());
            return true;
        }
        if (pod.at("/spec/claim").asBoolean() && !hasClaim(pod)) {
            return makeClaim(pod);
        }
        if (pod.at("/status").isEmpty() && tellsEnd && !mayPass(pod)) {
            gateFails(pod);
        } else if (pod.at("/status").isEmpty() && pod.at("/spec/prepares").asBoolean()) {
            status(pod, "Pending", "waiting", Map.of("reason", "PodInitializing"), null);
        } else if (pod.at("/spec/prepares").asBoolean() && tellsEnd && !mayPass(pod)) {
            end(pod, 3, null);
        } else {
            status(pod, "Running", "running", Map.of("startedAt", now()), null);
        }
        return true;
    }

    private boolean launch(Version pod) {
        return switch (launchers.look(pod)) {
            case WAITS -> false;
            case BEGINS -> {
                world.trace("LAUNCHER starts the build of " + pod.key());
                yield true;
            }
            case GIVES_UP -> {
                giveUp(pod, launchers.outcome(pod));
                yield true;
            }
        };
    }

    private void giveUp(Version pod, String outcome) {
        status(
                pod,
                "Failed",
                "terminated",
                Map.of("exitCode", LAUNCHER_GAVE_UP, "finishedAt", now(), "message", message(outcome)),
                null);
    }

    /** A third of the gates that the dice look at fail; in the end all pass. */
    private boolean mayPass(Version pod) {
        return pod.uid().hashCode() % 3 != 0;
    }

    private void gateFails(Version pod) {
        String outcome = pod.uid().hashCode() % 2 == 0 ? "PolicyNotEnforced" : "GateUnreachable";
        Map<String, Object> end = Map.of("exitCode", 1, "finishedAt", now(), "message", message(outcome));
        Map<String, Object> status = Map.of(
                "phase",
                "Failed",
                "startTime",
                now(),
                "initContainerStatuses",
                List.of(Map.of("name", "gate", "state", Map.of("terminated", end))));
        world.server().putStatus(User.KUBELET, pod.key(), Encoding.node(status));
        world.trace("KUBELET " + pod.key() + " gate " + outcome);
    }

    private static String message(String outcome) {
        return "{\"outcome\":\"" + outcome + "\",\"families\":[\"IPv4\"],\"lagMillis\":7}";
    }

    private boolean hasClaim(Version pod) {
        return world.server()
                .find(claimKey(pod))
                .filter(claim -> claim.controllerUid().equals(pod.uid()))
                .isPresent();
    }

    /** Where a former pod's claim still has the name, it waits for the garbage collector. */
    private boolean makeClaim(Version pod) {
        if (world.server().find(claimKey(pod)).isPresent()) {
            return false;
        }
        PersistentVolumeClaim claim = new PersistentVolumeClaim();
        claim.setMetadata(new ObjectMetaBuilder()
                .withNamespace(pod.key().namespace())
                .withName(claimKey(pod).name())
                .addToLabels(CleanroomApi.ENVIRONMENT_LABEL, pod.label(CleanroomApi.ENVIRONMENT_LABEL))
                .withFinalizers("kubernetes.io/pvc-protection")
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Pod")
                        .withName(pod.name())
                        .withUid(pod.uid())
                        .withController(true)
                        .build())
                .build());
        world.server().create(User.VOLUME_CONTROLLER, claimKey(pod), claim);
        world.trace("VOLUME_CONTROLLER makes the claim of " + pod.key());
        return hasClaim(pod);
    }

    static ObjectKey claimKey(Version pod) {
        return new ObjectKey(Resource.CLAIM, pod.key().namespace(), pod.name() + "-cleanroom-workspace");
    }

    private void end(Version pod, int exitCode, String reason) {
        status(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                "terminated",
                Map.of("exitCode", exitCode, "finishedAt", now()),
                reason);
    }

    private void status(Version pod, String phase, String state, Map<String, Object> details, String reason) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("phase", phase);
        String started = pod.at("/status/startTime").asText(now());
        status.put("startTime", started);
        Optional.ofNullable(reason).ifPresent(it -> {
            status.put("reason", it);
            status.put("message", "The node was low on resource: memory. ");
        });
        status.put(
                "conditions",
                List.of(
                        Map.of("type", "Ready", "status", phase.equals("Running") ? "True" : "False"),
                        Map.of("type", "PodScheduled", "status", "True", "lastTransitionTime", started)));
        List<Map<String, Object>> before = new ArrayList<>(List.of(container(
                "gate", "terminated", Map.of("exitCode", 0, "finishedAt", started, "message", message("Enforced")))));
        // An end of a pod that is pending is that of its prepare step.
        boolean preparing =
                pod.at("/spec/prepares").asBoolean() && !pod.phase().equals("Running") && !phase.equals("Running");
        if (pod.at("/spec/prepares").asBoolean()) {
            before.add(
                    !preparing
                            ? container("fetch", "terminated", Map.of("exitCode", 0, "finishedAt", started))
                            : phase.equals("Pending")
                                    ? container("fetch", "running", Map.of("startedAt", started))
                                    : container("fetch", state, details));
        }
        status.put("initContainerStatuses", before);
        status.put(
                "containerStatuses",
                List.of(
                        preparing
                                ? container("build", "waiting", Map.of("reason", "PodInitializing"))
                                : container("build", state, details)));
        JsonNode told = Encoding.node(status);
        world.server().putStatus(User.KUBELET, pod.key(), told);
        world.trace("KUBELET " + pod.key() + " " + phase + " " + details + (reason == null ? "" : " " + reason));
    }

    private static Map<String, Object> container(String name, String state, Map<String, Object> details) {
        return Map.of("name", name, "state", Map.of(state, details));
    }

    private String now() {
        return world.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
