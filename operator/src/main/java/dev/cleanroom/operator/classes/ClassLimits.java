package dev.cleanroom.operator.classes;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.Limits;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.ComputeResources;
import dev.cleanroom.api.v1alpha1.FileSource;
import dev.cleanroom.api.v1alpha1.Identity;
import dev.cleanroom.api.v1alpha1.PrepareStep;
import dev.cleanroom.api.v1alpha1.Reasons;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Compares an environment with the limits of its class, and reports the first limit that it exceeds, with the field's
 * path. {@link ReplicaLimit} is apart, because it refuses no environment.
 */
public final class ClassLimits {
    private static final Set<String> COUNTED = Set.of("cpu", "memory", "ephemeral-storage");

    private final BuildEnvironmentSpec spec;
    private final String className;
    private final BuildEnvironmentClassSpec allowed;

    private ClassLimits(BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec allowed) {
        this.spec = spec;
        this.className = className;
        this.allowed = allowed;
    }

    public static Optional<Refusal> firstCrossed(
            BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec allowed) {
        var limits = new ClassLimits(spec, className, allowed);
        return Stream.<Supplier<Stream<Refusal>>>of(
                        limits::resources,
                        limits::platform,
                        limits::lifetime,
                        limits::workspace,
                        limits::secrets,
                        limits::identity,
                        () -> EffectiveResponse.crossed(spec, className, allowed),
                        () -> EffectiveDetection.crossed(spec, className, allowed),
                        () -> EgressCeiling.crossed(spec, className, allowed.egress()))
                .flatMap(Supplier::get)
                .findFirst();
    }

    private Stream<Refusal> resources() {
        Stream<Refusal> build = resources("spec.resources", spec.resources());
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        Stream<Refusal> steps = Stream.iterate(0, i -> i < prepare.size(), i -> i + 1)
                .flatMap(i -> resources(
                        "spec.prepare[" + i + "].resources", prepare.get(i).resources()));
        return Stream.concat(build, steps);
    }

    private Stream<Refusal> resources(String path, @Nullable ComputeResources asked) {
        if (asked == null) {
            return Stream.empty();
        }
        return Stream.concat(
                quantities(path + ".requests", asked.requests()), quantities(path + ".limits", asked.limits()));
    }

    private Stream<Refusal> quantities(String path, @Nullable Map<String, Quantity> asked) {
        Limits limits = allowed.limits();
        if (asked == null) {
            return Stream.empty();
        }
        return asked.entrySet().stream().sorted(Map.Entry.comparingByKey()).flatMap(entry -> {
            String field = path + "." + entry.getKey();
            Quantity most = limits == null || limits.resources() == null
                    ? null
                    : limits.resources().get(entry.getKey());
            if (most == null && !COUNTED.contains(entry.getKey())) {
                return extended(field, entry.getKey(), limits);
            }
            return over(field, entry.getValue(), most);
        });
    }

    /** Fails closed: a resource that the class does not list is not allowed, also if the class has no limits at all. */
    private Stream<Refusal> extended(String field, String name, @Nullable Limits limits) {
        return limits != null
                        && limits.extendedResources() != null
                        && limits.extendedResources().contains(name)
                ? Stream.empty()
                : Stream.of(new Refusal(
                        Reasons.NOT_ALLOWED,
                        field + ": class " + className + " does not allow the extended resource " + name
                                + "; leave it out, or use another class"));
    }

    private Stream<Refusal> platform() {
        Limits limits = allowed.limits();
        if (limits == null || limits.platforms() == null || limits.platforms().contains(spec.platform())) {
            return Stream.empty();
        }
        return Stream.of(new Refusal(
                Reasons.NOT_ALLOWED,
                "spec.platform: class " + className + " does not allow "
                        + (spec.platform() == null ? "the node's own" : spec.platform()) + "; use one of: "
                        + String.join(", ", limits.platforms())));
    }

    private Stream<Refusal> lifetime() {
        Limits limits = allowed.limits();
        if (limits == null) {
            return Stream.empty();
        }
        if (limits.maxLifetime() != null
                && Durations.parse(Durations.or(spec.maxLifetime(), Durations.DEFAULT_MAX_LIFETIME))
                                .compareTo(Durations.parse(limits.maxLifetime()))
                        > 0) {
            return exceeded(
                    "spec.maxLifetime",
                    Durations.or(spec.maxLifetime(), Durations.DEFAULT_MAX_LIFETIME),
                    limits.maxLifetime());
        }
        return Stream.empty();
    }

    private Stream<Refusal> workspace() {
        boolean required = allowed.workspace() != null
                && Boolean.TRUE.equals(allowed.workspace().requireClaim());
        if (spec.workspace() == null) {
            return required
                    ? Stream.of(new Refusal(
                            Reasons.CLAIM_REQUIRED,
                            "spec.workspace: class " + className
                                    + " requires a claim, so that the workspace is kept as evidence; set"
                                    + " spec.workspace.size, for example 10Gi"))
                    : Stream.empty();
        }
        Limits limits = allowed.limits();
        if (limits == null) {
            return Stream.empty();
        }
        // An environment that names none would get the cluster's default, which the class may not allow.
        String storageClass = Objects.requireNonNullElse(spec.workspace().storageClassName(), "");
        if (limits.storageClasses() != null && !limits.storageClasses().contains(storageClass)) {
            return Stream.of(new Refusal(
                    Reasons.NOT_ALLOWED,
                    "spec.workspace.storageClassName: class " + className
                            + (limits.storageClasses().isEmpty()
                                    ? " allows no storage class; leave spec.workspace out, or use another class"
                                    : " does not allow "
                                            + (storageClass.isEmpty() ? "the cluster's default" : storageClass)
                                            + "; use one of: " + String.join(", ", limits.storageClasses()))));
        }
        return over("spec.workspace.size", spec.workspace().size(), limits.workspaceSize());
    }

    private Stream<Refusal> secrets() {
        if (allowed.secrets() == null || allowed.secrets().allowed() == null) {
            return Stream.empty();
        }
        List<String> patterns = allowed.secrets().allowed();
        Stream<Refusal> build = secrets("spec.secrets", spec.secrets(), patterns);
        List<PrepareStep> prepare = spec.prepare() == null ? List.of() : spec.prepare();
        Stream<Refusal> steps = Stream.iterate(0, i -> i < prepare.size(), i -> i + 1)
                .flatMap(i -> secrets(
                        "spec.prepare[" + i + "].secrets", prepare.get(i).secrets(), patterns));
        return Stream.concat(build, steps);
    }

    private Stream<Refusal> secrets(String path, @Nullable List<FileSource> asked, List<String> patterns) {
        return (asked == null ? List.<FileSource>of() : asked)
                .stream()
                        .filter(secret -> patterns.stream().noneMatch(pattern -> named(pattern, secret.name())))
                        .map(secret -> new Refusal(
                                Reasons.NOT_ALLOWED,
                                path + ": class " + className + " does not allow the Secret " + secret.name()
                                        + "; use one that matches: " + String.join(", ", patterns)));
    }

    private static boolean named(String pattern, String name) {
        return pattern.endsWith("*")
                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                : name.equals(pattern);
    }

    private Stream<Refusal> identity() {
        Identity asked = spec.identity();
        if (asked == null) {
            return Stream.empty();
        }
        var policy = allowed.identity() == null ? null : allowed.identity().allowed();
        List<String> audiences = policy == null || policy.audiences() == null ? List.of() : policy.audiences();
        Map<String, String> annotations =
                policy == null || policy.annotations() == null ? Map.of() : policy.annotations();
        Stream<Refusal> wrongAudience = asked.audiences().stream()
                .filter(audience -> !audiences.contains(audience))
                .map(audience -> new Refusal(
                        Reasons.NOT_ALLOWED,
                        "spec.identity.audiences: class " + className + " does not allow the audience " + audience
                                + (audiences.isEmpty()
                                        ? "; it allows no audience"
                                        : "; use one of: " + String.join(", ", audiences))));
        Map<String, String> wanted = asked.annotations() == null ? Map.of() : asked.annotations();
        Stream<Refusal> wrongAnnotation = wanted.entrySet().stream()
                .filter(e -> !e.getValue().equals(annotations.get(e.getKey())))
                .map(e -> new Refusal(
                        Reasons.NOT_ALLOWED,
                        "spec.identity.annotations: class " + className + " does not allow " + e.getKey()
                                + " with this value; to see what it allows: kubectl get benvclass " + className
                                + " -o yaml"));
        return Stream.concat(wrongAudience, wrongAnnotation);
    }

    private Stream<Refusal> over(String field, Quantity asked, @Nullable Quantity most) {
        return most != null && asked.getNumericalAmount().compareTo(most.getNumericalAmount()) > 0
                ? exceeded(field, asked, most)
                : Stream.empty();
    }

    private Stream<Refusal> exceeded(String field, Object asked, Object most) {
        return Stream.of(new Refusal(
                Reasons.LIMIT_EXCEEDED,
                field + ": " + asked + " exceeds the limit of class " + className + ", " + most
                        + "; use less, or another class"));
    }
}
