package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.EgressPolicy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.EgressRule;
import dev.cleanroom.api.v1alpha1.Reasons;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The ceiling of a class: every CIDR must lie within one of the class's, and every namespace selector equal one of the
 * class's.
 */
final class EgressCeiling {
    private EgressCeiling() {}

    static Stream<Refusal> crossed(BuildEnvironmentSpec spec, String className, @Nullable EgressPolicy policy) {
        if (policy == null || policy.ceiling() == null || spec.egress() == null) {
            return Stream.empty();
        }
        return spec.egress().stream()
                .filter(rule -> !within(rule, policy.ceiling()))
                .map(rule -> new Refusal(
                        Reasons.NOT_ALLOWED,
                        "spec.egress[name=" + rule.name() + "]: "
                                + (rule.cidr() != null
                                        ? rule.cidr() + " is not within a range that class " + className + " allows"
                                        : "class " + className + " does not allow this selector")
                                + "; to see what it allows: kubectl get benvclass " + className + " -o yaml"));
    }

    private static boolean within(EgressRule rule, EgressPolicy.Ceiling ceiling) {
        if (rule.cidr() != null) {
            List<String> ranges = ceiling.cidrs() == null ? List.of() : ceiling.cidrs();
            Cidr asked = Cidr.parse(rule.cidr());
            return ranges.stream().map(Cidr::parse).anyMatch(range -> range.contains(asked));
        }
        if (rule.namespaceSelector() == null) {
            return Boolean.TRUE.equals(ceiling.ownNamespace());
        }
        return ceiling.namespaceSelectors() != null
                && ceiling.namespaceSelectors().contains(rule.namespaceSelector());
    }
}
