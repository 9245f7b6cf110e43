package dev.cleanroom.operator.check;

import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the operator said of an object in its Ready condition. */
record Judged(Optional<Boolean> ready, String message) {

    /** What it said of an earlier spec says nothing of this one. */
    static Judged of(HasMetadata object, @Nullable List<Condition> conditions) {
        return Conditions.find(conditions, Reasons.READY)
                .filter(condition -> condition.getObservedGeneration() == null
                        || condition
                                .getObservedGeneration()
                                .equals(object.getMetadata().getGeneration()))
                // What the definition fills in for an operator that has not looked yet.
                .filter(condition -> !"Unknown".equals(condition.getStatus()))
                .map(condition -> new Judged(
                        Optional.of("True".equals(condition.getStatus())),
                        condition.getReason() + ", " + condition.getMessage()))
                .orElseGet(() -> new Judged(Optional.empty(), "the operator has not said whether it can be used"));
    }

    boolean isReady() {
        return ready.orElse(false);
    }

    /** Of an object that is not ready: what to correct, or what to wait for. */
    String remedy(String kubectlName) {
        return ready.isPresent() ? "kubectl edit " + kubectlName : "kubectl wait --for=condition=Ready " + kubectlName;
    }
}
