package dev.cleanroom.operator.environment.acceptance;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.classes.ApiAudience;
import dev.cleanroom.operator.classes.ClassChoice;
import dev.cleanroom.operator.classes.ClassLimits;
import dev.cleanroom.operator.classes.Refusal;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Surroundings;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.VerifiedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Whether an environment may have pods: its namespace is open, a class allows what the spec asks for, and every
 * image is accepted. Anything that is unknown means no.
 */
public sealed interface Acceptance {

    /**
     * @param images each image reference in the spec, with the verified image that the pod gets
     * @param tools the verified tools image, with which every pod starts
     */
    record Accepted(
            String className, BuildEnvironmentClassSpec limits, Map<String, VerifiedImage> images, VerifiedImage tools)
            implements Acceptance {}

    /** A person must change something; the message names the field or the command. */
    record Refused(String reason, String message) implements Acceptance {}

    /** Not known yet: the operator asks again, and creates no pod until then. */
    record Undecided(String reason, String message) implements Acceptance {}

    static Acceptance of(Observed observed) {
        BuildEnvironment environment = observed.environment();
        Surroundings around = observed.surroundings();
        if (environment.unreadable() != null || environment.getSpec() == null) {
            return new Refused(
                    Reasons.UNREADABLE,
                    "The spec cannot be read: " + environment.unreadable()
                            + ". Correct the field, or upgrade the operator to the version of the CRD");
        }
        Optional<Map<String, String>> labels = around.namespaceLabels();
        if (labels.isEmpty()) {
            return new Refused(
                    Reasons.NAMESPACE_NOT_ENABLED,
                    "The namespace is not open for builds. An administrator opens it with: kubectl label"
                            + " namespace "
                            + observed.namespace() + " " + CleanroomApi.BUILDS_LABEL + "="
                            + CleanroomApi.BUILDS_ENABLED);
        }
        return switch (ClassChoice.of(environment.getSpec().className(), around.classes())) {
            case ClassChoice.None none -> new Refused(none.reason(), none.message());
            case ClassChoice.Chosen chosen -> within(observed, chosen, labels.get());
        };
    }

    private static Acceptance within(
            Observed observed, ClassChoice.Chosen chosen, Map<String, String> namespaceLabels) {
        BuildEnvironmentSpec spec = observed.environment().getSpec();
        String className = chosen.buildClass().getMetadata().getName();
        BuildEnvironmentClassSpec limits = chosen.buildClass().getSpec();
        if (!chosen.allows(namespaceLabels)) {
            return new Refused(
                    Reasons.NAMESPACE_NOT_ALLOWED,
                    "spec.className: class " + className + " may not be used in namespace " + observed.namespace()
                            + ". Its allowedNamespaces selects namespaces by label, see: kubectl get benvclass "
                            + className
                            + " -o yaml");
        }
        Optional<Refusal> over = ApiAudience.asked(spec, observed.surroundings().apiAudiences())
                .or(() -> ClassLimits.firstCrossed(spec, className, limits));
        if (over.isPresent()) {
            return new Refused(over.get().reason(), over.get().message());
        }
        if (observed.surroundings().trustBundleMissing()) {
            return new Refused(
                    Reasons.TRUST_BUNDLE_MISSING,
                    "Class " + className + " mounts the ConfigMap " + limits.trustBundle()
                            + " into every step, and namespace " + observed.namespace()
                            + " does not have it. Create the ConfigMap there, or use another class");
        }
        return images(spec, className, limits, observed.surroundings().images());
    }

    private static Acceptance images(
            BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec limits, ImageDecisions decisions) {
        Map<String, VerifiedImage> verified = new LinkedHashMap<>();
        for (Map.Entry<String, String> image :
                imagesByPath(spec, decisions.tools()).entrySet()) {
            switch (decisions.byReference().get(image.getValue())) {
                case ImageDecision.Accepted accepted -> verified.put(image.getValue(), accepted.image());
                case ImageDecision.Rejected rejected -> {
                    return new Refused(rejected.code(), image.getKey() + ": " + rejected.message());
                }
                case ImageDecision.Unresolved unresolved -> {
                    return new Undecided(unresolved.code(), image.getKey() + ": " + unresolved.message());
                }
                case null -> {
                    return new Undecided(Reasons.PENDING, image.getKey() + ": the image is being verified");
                }
            }
        }
        return new Accepted(className, limits, verified, Objects.requireNonNull(verified.get(decisions.tools())));
    }

    /**
     * Every image of a pod, by the path of its field; all are verified in the same way. Empty if the spec is
     * unreadable.
     */
    static Map<String, String> imagesByPath(BuildEnvironment environment, String tools) {
        return environment.getSpec() == null ? Map.of() : imagesByPath(environment.getSpec(), tools);
    }

    private static Map<String, String> imagesByPath(BuildEnvironmentSpec spec, String tools) {
        Map<String, String> images = new LinkedHashMap<>();
        images.put("spec.image", spec.image());
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        for (int i = 0; i < prepare.size(); i++) {
            images.put("spec.prepare[" + i + "].image", prepare.get(i).image());
        }
        images.put("the tools image (the operator's --tools-image)", tools);
        return images;
    }

    /** The image references of an environment that need decisions. */
    static Stream<String> imagesOf(BuildEnvironment environment, String tools) {
        return imagesByPath(environment, tools).values().stream().distinct();
    }
}
