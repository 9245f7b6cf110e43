package dev.cleanroom.operator.pod;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.EgressRule;
import dev.cleanroom.api.v1alpha1.Phase;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which pods have phases: those of an environment that names phases in an egress rule or in its identity. They are
 * created preparing; all others are created active. What a pod was created as does not change with the spec.
 */
public final class Phases {
    private Phases() {}

    public static boolean areNamed(BuildEnvironmentSpec spec) {
        return (spec.identity() != null && spec.identity().phases() != null)
                || rules(spec).stream().anyMatch(rule -> rule.phases() != null);
    }

    /** @param named the phases that a rule or an identity names; absent for both */
    public static boolean include(@Nullable List<Phase> named, Phase phase) {
        return named == null || named.contains(phase);
    }

    /** The egress rules that apply in this phase. */
    public static List<EgressRule> rules(BuildEnvironmentSpec spec, Phase phase) {
        return rules(spec).stream()
                .filter(rule -> include(rule.phases(), phase))
                .toList();
    }

    private static List<EgressRule> rules(BuildEnvironmentSpec spec) {
        return spec.egress() == null ? List.of() : spec.egress();
    }
}
