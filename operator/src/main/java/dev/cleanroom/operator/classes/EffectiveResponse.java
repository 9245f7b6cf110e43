package dev.cleanroom.operator.classes;

import dev.cleanroom.api.schema.Durations;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.RebuildLimit;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec.ResponsePolicy;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.api.v1alpha1.Rebuild;
import dev.cleanroom.api.v1alpha1.Response;
import dev.cleanroom.api.v1alpha1.ResponseOrder;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The response to a suspicion: the environment's setting, otherwise the class's, otherwise the default. */
public record EffectiveResponse(ResponseOrder order, Rebuild rebuild) {
    private static final int DEFAULT_LIMIT = 3;
    private static final String DEFAULT_WINDOW = "1h";

    public static EffectiveResponse of(BuildEnvironmentSpec spec, BuildEnvironmentClassSpec buildClass) {
        ResponsePolicy policy = buildClass.response();
        Response asked = spec.response();
        return new EffectiveResponse(
                first(
                        asked == null ? null : asked.order(),
                        policy == null ? null : policy.order(),
                        ResponseOrder.IsolateFirst),
                first(
                        asked == null ? null : asked.rebuild(),
                        policy == null ? null : policy.rebuild(),
                        Rebuild.Automatic));
    }

    /** Refuses an environment with another response than its class, if the class locks it. */
    static Stream<Refusal> crossed(BuildEnvironmentSpec spec, String className, BuildEnvironmentClassSpec buildClass) {
        ResponsePolicy policy = buildClass.response();
        if (policy == null || !Boolean.TRUE.equals(policy.locked()) || spec.response() == null) {
            return Stream.empty();
        }
        ResponseOrder order = first(null, policy.order(), ResponseOrder.IsolateFirst);
        Rebuild rebuild = first(null, policy.rebuild(), Rebuild.Automatic);
        return Stream.of(
                        crossed(
                                "spec.response.order",
                                className,
                                spec.response().order(),
                                order),
                        crossed(
                                "spec.response.rebuild",
                                className,
                                spec.response().rebuild(),
                                rebuild))
                .flatMap(Optional::stream);
    }

    static Optional<Refusal> crossed(String path, String className, @Nullable Object asked, Object locked) {
        return asked == null || asked.equals(locked)
                ? Optional.empty()
                : Optional.of(new Refusal(
                        Reasons.NOT_ALLOWED,
                        path + ": class " + className + " locks this field to " + locked
                                + "; leave it out, or use another class"));
    }

    /** The rebuild limit: after how many incidents within which time no replacement starts any more. */
    public static Limit limit(BuildEnvironmentClassSpec buildClass) {
        RebuildLimit limit = buildClass.rebuildLimit();
        return new Limit(
                limit == null || limit.incidents() == null ? DEFAULT_LIMIT : limit.incidents(),
                Durations.parse(Durations.or(limit == null ? null : limit.window(), DEFAULT_WINDOW)));
    }

    public record Limit(int incidents, Duration window) {}

    static <T> T first(@Nullable T asked, @Nullable T policy, T otherwise) {
        return asked != null ? asked : policy != null ? policy : otherwise;
    }
}
