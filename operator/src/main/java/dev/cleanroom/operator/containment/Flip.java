package dev.cleanroom.operator.containment;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.ResponseOrder;
import dev.cleanroom.operator.kube.Api;
import dev.cleanroom.operator.kube.Api.Operation;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.PodState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one PATCH that contains a pod and moves its state forward. It tests the uid and the state that it moves from, so
 * it is never applied to another pod of the same name, nor twice. It has no resourceVersion, because a kubelet's status
 * write must not delay it.
 *
 * @param annotate the reason to write onto the pod, if it came from elsewhere
 * @param by what asked for the quarantine, for the log; only admission knows which user did
 */
public record Flip(ObjectKey pod, String uid, PodState from, PodState to, Optional<String> annotate, String by) {
    private static final int MAX_REASON_LENGTH = 1_024;

    /** The flip that the annotation of the pod or its environment asks for; empty when there is nothing to do. */
    public static Optional<Flip> wanted(Pod pod, Optional<? extends HasMetadata> environment) {
        if (PodState.of(pod).isHeld()) {
            return Optional.empty();
        }
        Optional<String> own = QuarantineRequest.on(pod);
        if (own.isPresent()) {
            return Optional.of(to(pod, next(pod), Optional.empty(), "annotation on the pod"));
        }
        return environment
                .flatMap(it -> QuarantineRequest.unanswered(pod, it))
                .map(reason -> to(pod, next(pod), Optional.of(reason), "annotation on the environment"));
    }

    /** Moves the pod to quarantined, for a reason that came from elsewhere than the pod. */
    public static Flip quarantine(HasMetadata pod, String reason, String by) {
        return to(pod, PodState.QUARANTINED, Optional.of(reason), by);
    }

    private static Flip to(HasMetadata pod, PodState state, Optional<String> annotate, String by) {
        return new Flip(
                new ObjectKey(
                        Resource.POD,
                        pod.getMetadata().getNamespace(),
                        pod.getMetadata().getName()),
                pod.getMetadata().getUid(),
                PodState.of(pod),
                state,
                annotate.filter(reason -> QuarantineRequest.on(pod).isEmpty()),
                by);
    }

    /** A preparing pod is quarantined whatever its response order: a suspect would start its build. */
    private static PodState next(HasMetadata pod) {
        boolean preserveFirst = QuarantineRequest.annotation(pod, CleanroomApi.ORDER_ANNOTATION)
                .filter(ResponseOrder.PreserveFirst.name()::equals)
                .isPresent();
        return preserveFirst && PodState.of(pod) == PodState.ACTIVE ? PodState.SUSPECT : PodState.QUARANTINED;
    }

    public List<Operation> operations() {
        List<Operation> operations = new ArrayList<>(stateAlone());
        annotate.ifPresent(reason -> operations.add(Operation.set(
                annotation(CleanroomApi.QUARANTINE_ANNOTATION),
                reason.length() <= MAX_REASON_LENGTH ? reason : reason.substring(0, MAX_REASON_LENGTH))));
        return List.copyOf(operations);
    }

    /** The flip without the reason: a pod whose annotations have no room for it must still be isolated. */
    public List<Operation> stateAlone() {
        return state(uid, from, to);
    }

    /** Moves the state of exactly this pod, if it still has the state {@code from}. */
    public static List<Operation> state(String uid, PodState from, PodState to) {
        return List.of(
                new Operation("test", "/metadata/uid", uid),
                new Operation("test", label(CleanroomApi.STATE_LABEL), from.label()),
                new Operation("replace", label(CleanroomApi.STATE_LABEL), to.label()));
    }

    private static String label(String key) {
        return "/metadata/labels/" + Api.pointer(key);
    }

    private static String annotation(String key) {
        return "/metadata/annotations/" + Api.pointer(key);
    }
}
