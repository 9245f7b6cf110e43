package dev.cleanroom.operator.classes;

import dev.cleanroom.api.schema.TextKind;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.Reasons;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the API server's own audience, for which no build gets a token, whatever a class lists. The usual audiences are
 * recognised by their form, and those of this cluster by the operator's own token.
 */
public final class ApiAudience {
    private static final Pattern USUAL = Pattern.compile(TextKind.API_SERVER_AUDIENCE_PATTERN);

    private ApiAudience() {}

    public static Optional<Refusal> asked(BuildEnvironmentSpec spec, Set<String> own) {
        return spec.identity() == null
                ? Optional.empty()
                : first("spec.identity.audiences", spec.identity().audiences(), own)
                        .map(message -> new Refusal(Reasons.NOT_ALLOWED, message));
    }

    /** The message for a class that lists one. */
    public static Optional<String> listed(BuildEnvironmentClassSpec spec, Set<String> own) {
        return spec.identity() == null || spec.identity().allowed() == null
                ? Optional.empty()
                : first(
                        "spec.identity.allowed.audiences",
                        spec.identity().allowed().audiences(),
                        own);
    }

    private static Optional<String> first(String path, @Nullable List<String> audiences, Set<String> own) {
        return (audiences == null ? List.<String>of() : audiences)
                .stream()
                        .filter(audience -> own.contains(audience)
                                || USUAL.matcher(audience).find())
                        .findFirst()
                        .map(audience -> path + ": " + audience + " " + TextKind.API_SERVER_AUDIENCE_MESSAGE);
    }
}
