package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.ComputeResources;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What a step requests and is limited to: what the environment sets, else what the class sets, else these defaults. */
public final class StepResources {
    private static final Map<String, Quantity> DEFAULT_LIMITS =
            Map.of("cpu", new Quantity("2"), "memory", new Quantity("2Gi"), "ephemeral-storage", new Quantity("10Gi"));

    private static final Map<String, Quantity> DEFAULT_REQUESTS = Map.of(
            "cpu", new Quantity("500m"), "memory", new Quantity("512Mi"), "ephemeral-storage", new Quantity("1Gi"));

    /** What a message calls the observer, whose resources no field sets. */
    public static final String OBSERVER = "the observer's";

    private StepResources() {}

    /** The resources of the observer, which nobody sets. */
    public static ResourceRequirements ofObserver() {
        return new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity("10m"))
                .addToRequests("memory", new Quantity("32Mi"))
                .addToRequests("ephemeral-storage", new Quantity("16Mi"))
                .addToLimits("cpu", new Quantity("500m"))
                .addToLimits("memory", new Quantity("256Mi"))
                .addToLimits("ephemeral-storage", new Quantity("64Mi"))
                .build();
    }

    /** The field in which an environment sets the resources of its build. */
    public static String buildField() {
        return "spec.resources";
    }

    /** The field in which an environment sets the resources of its step {@code index}. */
    public static String prepareField(int index) {
        return "spec.prepare[" + index + "].resources";
    }

    /** The resources of every step, by field, and those of the observer. The build comes first. */
    public static SequencedMap<String, ResourceRequirements> byField(
            BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass) {
        SequencedMap<String, ResourceRequirements> steps = new LinkedHashMap<>();
        steps.put(buildField(), of(spec.resources(), buildClass));
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        for (int i = 0; i < prepare.size(); i++) {
            steps.put(prepareField(i), of(prepare.get(i).resources(), buildClass));
        }
        if (EffectiveDetection.hasObserver(spec, buildClass)) {
            steps.put(OBSERVER, ofObserver());
        }
        return steps;
    }

    /** @param asked what the environment sets for the step */
    public static ResourceRequirements of(@Nullable ComputeResources asked, BuildEnvironmentClassSpec buildClass) {
        ComputeResources byClass =
                buildClass.defaults() == null ? null : buildClass.defaults().resources();
        Map<String, Quantity> limits = new LinkedHashMap<>(DEFAULT_LIMITS);
        putAll(limits, byClass == null ? null : byClass.limits());
        Map<String, Quantity> requests = new LinkedHashMap<>(DEFAULT_REQUESTS);
        putAll(requests, byClass == null ? null : byClass.requests());
        // What an environment asks for was checked against these limits; the defaults must not exceed them either.
        Map<String, Quantity> most =
                buildClass.limits() == null || buildClass.limits().resources() == null
                        ? Map.of()
                        : buildClass.limits().resources();
        limits.replaceAll((name, limit) -> lower(limit, most.get(name)));
        if (asked != null) {
            putAll(limits, asked.limits());
            putAll(requests, asked.requests());
            raiseLimits(limits, asked);
        }
        // The API server would refuse a default request that is above the limit that was asked for.
        requests.replaceAll((name, request) -> lower(request, limits.get(name)));
        return new ResourceRequirementsBuilder()
                .withLimits(limits)
                .withRequests(requests)
                .build();
    }

    /** A step that sets a request and no limit gets at least what it requested. */
    private static void raiseLimits(Map<String, Quantity> limits, ComputeResources asked) {
        if (asked.requests() == null) {
            return;
        }
        asked.requests().forEach((name, request) -> {
            if (asked.limits() == null || !asked.limits().containsKey(name)) {
                limits.merge(
                        name, request, (limit, wanted) -> lower(limit, wanted).equals(limit) ? wanted : limit);
            }
        });
    }

    private static Quantity lower(Quantity quantity, @Nullable Quantity other) {
        return other != null && quantity.getNumericalAmount().compareTo(other.getNumericalAmount()) > 0
                ? other
                : quantity;
    }

    private static void putAll(Map<String, Quantity> into, @Nullable Map<String, Quantity> from) {
        if (from != null) {
            into.putAll(from);
        }
    }
}
