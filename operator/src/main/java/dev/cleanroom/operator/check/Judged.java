package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the Ready condition of an object reports. */
record Judged(Optional<Boolean> ready, String message) {

    /** Ignores a condition for an earlier spec. */
    static Judged of(HasMetadata object, @Nullable List<Condition> conditions) {
        return Conditions.find(conditions, Reasons.READY)
                .filter(condition -> condition.getObservedGeneration() == null
                        || condition
                                .getObservedGeneration()
                                .equals(object.getMetadata().getGeneration()))
                // Unknown is the default in the CRD, before the operator has reconciled the object.
                .filter(condition -> !"Unknown".equals(condition.getStatus()))
                .map(condition -> new Judged(
                        Optional.of("True".equals(condition.getStatus())),
                        condition.getReason() + ", " + condition.getMessage()))
                .orElseGet(
                        () -> new Judged(Optional.empty(), "the operator has not checked yet whether it can be used"));
    }

    boolean isReady() {
        return ready.orElse(false);
    }

    /** For an object that is not ready: the command to correct it, or to wait for the operator. */
    String remedy(String kubectlName) {
        return ready.isPresent() ? "kubectl edit " + kubectlName : "kubectl wait --for=condition=Ready " + kubectlName;
    }
}
