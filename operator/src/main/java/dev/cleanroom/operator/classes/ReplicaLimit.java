package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import java.util.Optional;

/**
 * The class's limit of replicas, for an environment that asks for more. Every other limit refuses the environment, because
 * a new pod would exceed it. A pod that keeps within this one exceeds nothing, so as many pods as the class allows are
 * kept, and status reports that the others are missing.
 *
 * @param most how many pods the environment may have, at least 1
 * @param message names the field, its value and the limit
 */
public record ReplicaLimit(int most, String message) {

    /** Empty if the class allows every replica that the environment asks for. */
    public static Optional<ReplicaLimit> exceeded(
            BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec allowed) {
        Integer most = allowed.limits() == null ? null : allowed.limits().replicas();
        return most == null || spec.replicas() == null || spec.replicas() <= most
                ? Optional.empty()
                : Optional.of(new ReplicaLimit(
                        most,
                        "spec.replicas: " + spec.replicas() + " exceeds the limit of class " + className + ", " + most
                                + ", and only that many pods are kept; use less (if an autoscaler sets it, lower its"
                                + " maxReplicas), or another class"));
    }
}
