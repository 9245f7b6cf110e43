package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions.Verdict;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a class can be used, and if not, what to do. */
final class ClassDecision {
    private ClassDecision() {}

    static Verdict ready(
            BuildEnvironmentClass buildClass, Collection<BuildEnvironmentClass> all, Set<String> apiAudiences) {
        if (buildClass.unreadable() != null || buildClass.getSpec() == null) {
            return Verdict.no(
                    Reasons.UNREADABLE,
                    "not understood: " + buildClass.unreadable()
                            + "; correct the field, or upgrade the operator to the version of the CRD");
        }
        List<String> defaults = all.stream()
                .filter(ClassChoice::isDefault)
                .map(c -> c.getMetadata().getName())
                .sorted()
                .toList();
        if (ClassChoice.isDefault(buildClass) && defaults.size() > 1) {
            return Verdict.no(
                    Reasons.SEVERAL_DEFAULT_CLASSES,
                    "several classes are the default (" + String.join(", ", defaults)
                            + "), so environments that name none get none; take the annotation off all but one");
        }
        Optional<String> apiAudience = ApiAudience.listed(buildClass.getSpec(), apiAudiences);
        if (apiAudience.isPresent()) {
            return Verdict.no(Reasons.NOT_ALLOWED, apiAudience.get());
        }
        return Verdict.yes(Reasons.ACCEPTED, "environments may use it");
    }
}
