package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.kube.Conditions.Content;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Decides whether a class can be used, and says what to do if not. */
final class ClassDecision {
    private ClassDecision() {}

    static Content ready(
            BuildEnvironmentClass buildClass, Collection<BuildEnvironmentClass> all, Set<String> apiAudiences) {
        if (buildClass.unreadable() != null || buildClass.getSpec() == null) {
            return Content.no(
                    Reasons.UNREADABLE,
                    "the spec cannot be read: " + buildClass.unreadable()
                            + "; correct the field, or upgrade the operator to the version of the CRD");
        }
        List<String> defaults = all.stream()
                .filter(ClassChoice::isDefault)
                .map(c -> c.getMetadata().getName())
                .sorted()
                .toList();
        if (ClassChoice.isDefault(buildClass) && defaults.size() > 1) {
            return Content.no(
                    Reasons.SEVERAL_DEFAULT_CLASSES,
                    "several classes are marked as default (" + String.join(", ", defaults)
                            + "), so environments that name no class get none; remove the annotation "
                            + CleanroomApi.DEFAULT_CLASS_ANNOTATION + " from all but one");
        }
        Optional<String> apiAudience = ApiAudience.listed(buildClass.getSpec(), apiAudiences);
        if (apiAudience.isPresent()) {
            return Content.no(Reasons.NOT_ALLOWED, apiAudience.get());
        }
        return Content.yes(Reasons.ACCEPTED, "environments can use this class");
    }
}
