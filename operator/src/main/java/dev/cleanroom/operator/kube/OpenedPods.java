package dev.cleanroom.operator.kube;

import dev.cleanroom.api.v1alpha1.CleanroomApi;
import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out whose network a network policy opens. Network policies are additive, so one that allows anything opens the
 * pods that it selects. As for the guard rail {@code network-stays-closed}, only Cleanroom's own label excludes build
 * pods.
 */
final class OpenedPods {
    /** Stands for the build pods of any environment. */
    static final String ANY = "*";

    private OpenedPods() {}

    /** The one environment whose pods it opens, or {@link #ANY}; empty if it opens no build pod. */
    static Optional<String> by(@Nullable NetworkPolicySpec spec) {
        if (spec == null || (isEmpty(spec.getIngress()) && isEmpty(spec.getEgress()))) {
            return Optional.empty();
        }
        LabelSelector selector = spec.getPodSelector();
        if (selector == null) {
            return Optional.of(ANY);
        }
        boolean leavesOut = selector.getMatchExpressions().stream()
                .anyMatch(expression -> CleanroomApi.ENVIRONMENT_LABEL.equals(expression.getKey())
                        && "DoesNotExist".equals(expression.getOperator()));
        return leavesOut
                ? Optional.empty()
                : Optional.of(
                        selector.getMatchLabels() == null
                                ? ANY
                                : selector.getMatchLabels().getOrDefault(CleanroomApi.ENVIRONMENT_LABEL, ANY));
    }

    private static boolean isEmpty(@Nullable Collection<?> rules) {
        return rules == null || rules.isEmpty();
    }
}
