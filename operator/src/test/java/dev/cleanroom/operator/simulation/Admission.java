package dev.cleanroom.operator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.PodState;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The guard rails of the chart as predicates.
 *
 * @param mutating whether an annotation becomes the state in the same write
 * @param forwardOnly whether the state is kept from going back, which only a mutation switches off
 * @param suspectsDoNotStart whether a pod whose quarantine is requested is kept from starting its build, likewise
 */
record Admission(boolean mutating, boolean forwardOnly, boolean suspectsDoNotStart) {
    private static final Set<Resource> KEPT =
            EnumSet.of(Resource.CLAIM, Resource.SERVICE_ACCOUNT, Resource.NETWORK_POLICY, Resource.DISRUPTION_BUDGET);
    private static final Set<User> COLLECTORS =
            EnumSet.of(User.OPERATOR, User.GARBAGE_COLLECTOR, User.NAMESPACE_CONTROLLER);

    /** With all rails. */
    Admission(boolean mutating) {
        this(mutating, true, true);
    }

    /** The mutating policy: runs on updates, before the validating ones. */
    void mutate(User user, Version before, ObjectNode next) {
        JsonNode annotations = next.at("/metadata/annotations");
        JsonNode labels = next.at("/metadata/labels");
        boolean changed =
                !labels.path(CleanroomApi.STATE_LABEL).asText().equals(before.label(CleanroomApi.STATE_LABEL));
        if (!mutating || changed || !annotations.has(CleanroomApi.QUARANTINE_ANNOTATION)) {
            return;
        }
        boolean preserve = isPreservedFirst(before.at("/metadata/annotations")) && before.state() != PodState.PREPARING;
        if (!before.state().isHeld() || (before.state() == PodState.SUSPECT && !preserve)) {
            ((ObjectNode) labels)
                    .put(CleanroomApi.STATE_LABEL, (preserve ? PodState.SUSPECT : PodState.QUARANTINED).label());
        }
        if (!before.state().isHeld()) {
            ((ObjectNode) annotations).put(CleanroomApi.QUARANTINED_BY_ANNOTATION, user.name());
        }
    }

    private static boolean isPreservedFirst(JsonNode annotations) {
        return annotations.path(CleanroomApi.ORDER_ANNOTATION).asText().equals("PreserveFirst");
    }

    Optional<String> create(User user, ObjectKey key) {
        boolean claim = key.resource() == Resource.CLAIM;
        return when(
                user == User.TENANT && (KEPT.contains(key.resource()) || key.resource() == Resource.POD) && !claim,
                "objects of Cleanroom are made by the operator");
    }

    Optional<String> update(User user, Version before, Version after) {
        Resource kind = before.key().resource();
        if (kind == Resource.POD) {
            Optional<String> kept = forwardOnly ? stateMovesForward(user, before, after) : Optional.empty();
            if (kept.isPresent()) {
                return kept;
            }
            if (user != User.OPERATOR
                    && after.state() == PodState.SUSPECT
                    && before.state() == PodState.ACTIVE
                    && !isPreservedFirst(before.at("/metadata/annotations"))) {
                return Optional.of("a pod becomes suspect only where its order is PreserveFirst");
            }
            boolean labels = !others(before).equals(others(after));
            boolean owners = !before.at("/metadata/ownerReferences").equals(after.at("/metadata/ownerReferences"));
            return when(user != User.OPERATOR && (labels || owners), "labels and owners of build pods are kept");
        }
        boolean ours = KEPT.contains(kind) || kind == Resource.BUILD_INCIDENT;
        return when(
                ours && EnumSet.of(User.TENANT, User.ADMINISTRATOR).contains(user),
                "objects of Cleanroom are changed by the operator");
    }

    private Optional<String> stateMovesForward(User user, Version before, Version after) {
        if (after.state().ordinal() < before.state().ordinal()) {
            return Optional.of("the state moves forward only");
        }
        if (before.state() != PodState.PREPARING) {
            return Optional.empty();
        }
        boolean asked = Stream.of(before, after)
                .anyMatch(pod -> pod.at("/metadata/annotations").has(CleanroomApi.QUARANTINE_ANNOTATION));
        return switch (after.state()) {
            case PREPARING, QUARANTINED -> Optional.empty();
            case SUSPECT -> Optional.of("a preparing pod does not become suspect");
            case ACTIVE ->
                when(
                        (asked && suspectsDoNotStart) || user != User.OPERATOR,
                        "only the operator starts a build, and none whose quarantine is requested");
        };
    }

    Optional<String> delete(User user, Version seen) {
        return switch (seen.key().resource()) {
            case POD -> {
                boolean completing = user == User.KUBELET && seen.isTerminating();
                yield when(
                        seen.state().isHeld() && user != User.OPERATOR && !completing,
                        "a pod under investigation is held until its incident is closed");
            }
            case BUILD_INCIDENT -> {
                boolean may = user == User.OPERATOR
                        || (isReleased(seen) && (user == User.NAMESPACE_CONTROLLER || user == User.RESPONDER));
                yield when(!may, "an incident is kept until its pod is let go");
            }
            default -> when(KEPT.contains(seen.key().resource()) && !COLLECTORS.contains(user), "kept");
        };
    }

    /** Closed alone is not enough: the pod would be held for ever by an incident that is gone. */
    private static boolean isReleased(Version incident) {
        boolean gone = false;
        for (JsonNode entry : incident.at("/status/timeline")) {
            String step = entry.path("step").asText();
            gone |= step.equals("Released") || step.equals("PodGone");
        }
        return gone && incident.at("/spec").has("resolution");
    }

    private static JsonNode others(Version pod) {
        ObjectNode labels = pod.at("/metadata/labels").deepCopy();
        labels.remove(CleanroomApi.STATE_LABEL);
        return labels;
    }

    private static Optional<String> when(boolean refused, String message) {
        return refused ? Optional.of(message) : Optional.empty();
    }
}
