package dev.cleanroom.operator.simulation;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.Answer;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.PodState;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A tenant, their Git, a responder and an administrator: whatever they may do, and some that they may not. */
final class People {
    private final World world;
    private final Setup setup;
    private final Random random;
    private int reasons;

    People(World world, Setup setup, Random random) {
        this.world = world;
        this.setup = setup;
        this.random = random;
    }

    boolean tenant() {
        String environment = Setup.ENVIRONMENTS.get(random.nextInt(Setup.ENVIRONMENTS.size()));
        ObjectKey key = Setup.environment(environment);
        if (world.server().find(key).isEmpty()) {
            return apply(key);
        }
        return switch (random.nextInt(16)) {
            case 0, 1, 2 -> apply(key);
            case 3, 4, 5, 6 -> quarantinePod();
            case 7, 8 -> annotate(User.TENANT, key, "suspicion " + ++reasons);
            case 14, 15 -> rerun(key);
            case 9 -> delete(User.TENANT, key);
            case 10, 11 -> anyPod() != null && delete(User.TENANT, anyPod().key());
            case 12 -> relabel();
            default -> forbidden(environment);
        };
    }

    /** Git and the tenant alike: made when absent, else another spec. */
    private boolean apply(ObjectKey key) {
        int edition = random.nextInt(6);
        int count = key.name().equals("agents") ? random.nextInt(3) : random.nextInt(2);
        if (world.server().find(key).isEmpty()) {
            return did(
                    User.TENANT,
                    "creates " + key,
                    as(User.TENANT).create(key, setup.build(key.name(), edition, count)));
        }
        return did(
                User.TENANT,
                "edits " + key + " to edition " + edition + ", count " + count,
                as(User.TENANT)
                        .jsonPatch(key, List.of(Operation.set("/spec", setup.spec(key.name(), edition, count)))));
    }

    private boolean quarantinePod() {
        Version pod = anyPod();
        return pod != null && annotate(User.TENANT, pod.key(), "suspicion " + ++reasons);
    }

    /** Asks for one more run, or takes a request back: an empty value asks for nothing. */
    private boolean rerun(ObjectKey key) {
        String value = random.nextInt(4) == 0 ? "" : "rerun-" + ++reasons;
        return did(
                User.TENANT,
                "asks " + key + " for \"" + value + "\"",
                annotation(User.TENANT, key, CleanroomApi.RERUN_ANNOTATION, value));
    }

    private boolean annotate(User user, ObjectKey key, String reason) {
        return did(
                user,
                "annotates " + key + " for quarantine",
                annotation(user, key, CleanroomApi.QUARANTINE_ANNOTATION, reason));
    }

    private Answer annotation(User user, ObjectKey key, String annotation, String value) {
        Version object = world.server().find(key).orElseThrow();
        Operation operation = object.at("/metadata").has("annotations")
                ? Operation.set("/metadata/annotations/" + Api.pointer(annotation), value)
                : Operation.set("/metadata/annotations", Map.of(annotation, value));
        return as(user).jsonPatch(key, List.of(operation));
    }

    /** Back to active, or out of the environment: refused by the rails. */
    private boolean relabel() {
        Version pod = anyPod();
        if (pod == null) {
            return false;
        }
        String label = random.nextBoolean() ? CleanroomApi.STATE_LABEL : CleanroomApi.ENVIRONMENT_LABEL;
        return did(
                User.TENANT,
                "relabels " + pod.key(),
                as(User.TENANT)
                        .jsonPatch(
                                pod.key(),
                                List.of(Operation.set(
                                        "/metadata/labels/" + Api.pointer(label), PodState.ACTIVE.label()))));
    }

    private boolean forbidden(String environment) {
        List<ObjectKey> kept = List.of(
                new ObjectKey(Resource.NETWORK_POLICY, Setup.NAMESPACE, Names.DENY_ALL),
                new ObjectKey(Resource.SERVICE_ACCOUNT, Setup.NAMESPACE, Names.account(environment)));
        return delete(User.TENANT, kept.get(random.nextInt(kept.size())));
    }

    private boolean delete(User user, ObjectKey key) {
        return did(user, "deletes " + key, world.server().delete(user, key, null, null));
    }

    /** Closes an incident, or takes a closed one away. */
    boolean responder() {
        List<Version> incidents = world.server().all(Resource.BUILD_INCIDENT);
        if (incidents.isEmpty()) {
            return false;
        }
        Version incident = incidents.get(random.nextInt(incidents.size()));
        if (incident.at("/spec").has("resolution")) {
            boolean released = world.server().all(Resource.POD).stream()
                    .noneMatch(pod ->
                            pod.uid().equals(incident.at("/spec/subject/uid").asText()));
            return released && delete(User.RESPONDER, incident.key());
        }
        boolean confirmed = random.nextBoolean();
        return did(
                User.RESPONDER,
                "closes " + incident.key(),
                as(User.RESPONDER)
                        .jsonPatch(
                                incident.key(),
                                List.of(Operation.set(
                                        "/spec/resolution",
                                        Map.of(
                                                "verdict",
                                                confirmed ? "Confirmed" : "FalsePositive",
                                                "denyImage",
                                                confirmed)))));
    }

    /** Deletes the namespace, which the rails refuse while an incident in it is open, or makes it again. */
    boolean administrator() {
        Namespaces namespaces = world.server().namespaces();
        if (!namespaces.exists(Setup.NAMESPACE)) {
            namespaces.create(Setup.NAMESPACE);
            world.trace("ADMINISTRATOR makes the namespace");
            return true;
        }
        boolean open = world.server().all(Resource.BUILD_INCIDENT).stream()
                .anyMatch(it -> !it.at("/spec").has("resolution"));
        if (!setup.namespaceGoes() || open || namespaces.isTerminating(Setup.NAMESPACE)) {
            return false;
        }
        namespaces.delete(Setup.NAMESPACE);
        world.trace("ADMINISTRATOR deletes the namespace");
        return true;
    }

    private Version anyPod() {
        List<Version> pods = world.server().all(Resource.POD);
        return pods.isEmpty() ? null : pods.get(random.nextInt(pods.size()));
    }

    private Api as(User user) {
        return new Session(world.server(), user);
    }

    private boolean did(User user, String what, Answer answer) {
        String told =
                answer instanceof Answer.Rejected(int code, String reason, String message) ? code + " " + reason : "ok";
        world.trace(user + " " + what + ": " + told);
        return true;
    }
}
