package dev.cleanroom.operator.environment.decide;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.environment.model.Incident;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.environment.model.StatusTiming;
import dev.cleanroom.operator.environment.model.Surroundings;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.model.Surroundings.Network;
import dev.cleanroom.operator.kube.Conditions;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Result;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.pod.BuildPod;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.record.RunObservation;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.PinnedByDigest;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One environment and its pods, changed by exactly the writes that decisions want. No second model of Kubernetes. */
final class World {
    static final String IMAGE = "registry.example.com/builders/maven@sha256:" + "a".repeat(64);
    private static final int MOST_ROUNDS = 8;

    final BuildEnvironment environment;
    BuildEnvironmentClass buildClass = Serialization.unmarshal("""
            metadata: {name: standard, annotations: {cleanroom.dev/is-default-class: "true"}}
            spec: {}
            """, BuildEnvironmentClass.class);
    final Map<String, Pod> pods = new TreeMap<>();
    boolean namespaceOpen = true;
    boolean registryDown;

    /** Digests that must not go on running, each with why. */
    Map<String, String> denied = Map.of();

    DenyAll denyAll = DenyAll.ABSENT;
    boolean beacon;
    List<String> canaries = List.of("10.0.0.1", "fd00::1");
    List<String> foreignPolicies = List.of();
    String tools = Manifests.TOOLS_IMAGE;

    @Nullable NetworkPolicy egressPolicy;

    /** The policy of the prepare steps. */
    @Nullable NetworkPolicy preparePolicy;

    Optional<String> preparingNotReady = Optional.empty();

    @Nullable ServiceAccount account;

    /** Whether the policy and the account that are stored have no owner. */
    boolean orphaned;

    /** Whether they have Cleanroom's labels: without these, somebody else created them. */
    boolean labelled = true;

    boolean evidenceBudget;
    final List<Incident> incidents = new ArrayList<>();

    /** What was observed of runs, by the pod's name. Of a run that is not here, all was observed, and nothing was denied. */
    final Map<String, RunObservation> observations = new LinkedHashMap<>();

    /** The pods whose logs are being read. */
    final Set<String> logsAwaited = new HashSet<>();

    final List<RunRecords.Stored> records = new ArrayList<>();

    /** Pods of a former environment of the name that have an incident. */
    final Set<String> formerSuspects = new HashSet<>();

    /** Names of what a webhook lets nobody write. */
    final Set<String> refused = new HashSet<>();

    final List<Result> failures = new ArrayList<>();

    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    /** Whether progress that was not written yet is still held back. */
    boolean progressHeld;

    boolean rush;

    private final WriteEffects effects = new WriteEffects(this);
    private int version = 1;

    World(BuildEnvironment environment) {
        this.environment = environment;
    }

    World(OnExit onExit, int replicas, int retries) {
        this(new BuildEnvironment());
        environment.setMetadata(new ObjectMetaBuilder()
                .withName("payments")
                .withNamespace("team")
                .withUid("uid-1")
                .withGeneration(1L)
                .withResourceVersion("1")
                .build());
        spec(IMAGE, onExit, replicas, retries);
    }

    void spec(String image, OnExit onExit, int replicas, int retries) {
        environment.setSpec(Manifests.environment("""
                        spec: {image: "%s", command: [build], onExit: %s, replicas: %d, retries: %d, maxLifetime: 4h,
                          ttlAfterFinished: 1h}
                        """.formatted(image, onExit, replicas, retries))
                .getSpec());
    }

    /** Carries plans out until one is empty; each write as {@code Verb name Reason}. */
    List<String> settle() {
        List<String> written = new ArrayList<>();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            Plan plan = EnvironmentDecision.decide(observed(), now);
            if (plan.isEmpty()) {
                return written;
            }
            for (Write write : plan.writes()) {
                if (refused.contains(write.target().name())) {
                    refuse(write);
                    break;
                }
                written.add(apply(write));
            }
            if (plan.onlyReports()) {
                return written;
            }
        }
        throw new AssertionError("not settled after " + MOST_ROUNDS + " rounds: " + written);
    }

    /** Carries it out, and returns it as {@code Verb name Reason}. */
    String apply(Write write) {
        return effects.carryOut(write);
    }

    void refuse(Write write) {
        failures.add(new Result.Refused(write, 403, "Forbidden", "a webhook says no"));
    }

    void annotate(String key, String value) {
        environment.getMetadata().setAnnotations(Map.of(key, value));
    }

    void running(String name) {
        status(
                name,
                "Running",
                new ContainerStateBuilder().withNewRunning().endRunning().build());
    }

    void exited(String name, int exitCode, int secondsAfterStart) {
        Instant end = now.plusSeconds(secondsAfterStart);
        status(
                name,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withFinishedAt(end.toString())
                        .endTerminated()
                        .build());
        now = end;
    }

    /** Its build starts, and exits after a minute. */
    void runToEnd(String name, int exitCode) {
        running(name);
        settle();
        exited(name, exitCode, 60);
        settle();
    }

    /** By the eviction API: its node is drained. */
    void evicted(String name) {
        exited(name, 137, 60);
        pods.get(name)
                .getStatus()
                .setConditions(List.of(new PodConditionBuilder()
                        .withType("DisruptionTarget")
                        .withStatus("True")
                        .withReason("EvictionByEvictionAPI")
                        .withMessage("Eviction API: evicting")
                        .build()));
    }

    ContainerStateTerminated terminated(String name) {
        return pods.get(name)
                .getStatus()
                .getContainerStatuses()
                .getFirst()
                .getState()
                .getTerminated();
    }

    void status(String name, String phase, ContainerState state) {
        Pod pod = pods.get(name);
        String start =
                pod.getStatus() == null ? now.toString() : pod.getStatus().getStartTime();
        pod.setStatus(new PodStatusBuilder()
                .withPhase(phase)
                .withStartTime(start)
                .withContainerStatuses(new ContainerStatusBuilder()
                        .withName("build")
                        .withState(state)
                        .build())
                .build());
        pod.getMetadata().setResourceVersion(nextVersion());
    }

    String nextVersion() {
        return String.valueOf(++version);
    }

    Observed observed() {
        Map<String, ImageDecision> images = new LinkedHashMap<>();
        Acceptance.imagesOf(environment, tools)
                .forEach(image -> images.put(
                        image,
                        registryDown
                                ? new ImageDecision.Unresolved("Unreachable", "nobody answers")
                                : PinnedByDigest.decision(image)));
        return new Observed(
                environment,
                new Surroundings(
                        namespaceOpen ? Optional.of(Map.of()) : Optional.empty(),
                        List.of(buildClass),
                        new ImageDecisions(images, denied, tools),
                        new Network(denyAll, beacon, new Canaries("cleanroom-system", canaries), foreignPolicies),
                        evidenceBudget,
                        Set.of(),
                        false,
                        preparingNotReady),
                new Owned(
                        pods.values().stream()
                                .map(pod ->
                                        BuildPod.of(environment.getMetadata().getName(), pod))
                                .flatMap(Optional::stream)
                                .toList(),
                        StoredObjects.policies(this),
                        StoredObjects.account(this),
                        List.copyOf(incidents),
                        Stream.concat(incidents.stream().map(Incident::podUid), formerSuspects.stream())
                                .collect(Collectors.toSet()),
                        Map.of(),
                        StoredObjects.records(this)),
                List.copyOf(failures),
                new StatusTiming(Optional.of(progressHeld ? now : now.minusSeconds(60)), rush));
    }

    /** A pod of the environment as it was found, with what all its pods have. */
    void add(Pod pod) {
        Map<String, String> labels = new LinkedHashMap<>(Map.of(
                "cleanroom.dev/environment", environment.getMetadata().getName(), "cleanroom.dev/state", "active"));
        Map<String, String> given = pod.getMetadata().getLabels();
        labels.putAll(given == null ? Map.of() : given);
        pod.getMetadata().setLabels(labels);
        if (pod.getMetadata().getOwnerReferences().isEmpty()) {
            pod.getMetadata().setOwnerReferences(List.of(Names.owner(environment)));
        }
        pods.put(pod.getMetadata().getName(), pod);
    }

    String condition(String type) {
        return Conditions.find(environment.getStatus().conditions(), type)
                .map(c -> c.getStatus() + "/" + c.getReason())
                .orElse("absent");
    }
}
