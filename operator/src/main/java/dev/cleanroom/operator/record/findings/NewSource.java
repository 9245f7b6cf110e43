package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.operator.record.findings.Comparison.Before;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Indicator 1: a dependency comes from where none came from before. A registry is known if any dependency of the same
 * ecosystem came from it; a repository, an archive or a file only if this dependency did, in any version. An address without
 * encryption, or without a name, is suspicious without any change.
 */
final class NewSource implements Indicator {
    static final String NAME = "NewSource";

    private static final String NOT_WHOLE =
            " Not all dependencies of the last good run are known, so it may have been there.";

    @Override
    public List<Found> judge(Comparison comparison) {
        List<Found> found = new ArrayList<>();
        comparison
                .now()
                .sources()
                .forEach((release, sources) -> sources.forEach(
                        source -> judge(release, source, comparison.before()).ifPresent(found::add)));
        return found;
    }

    private static Optional<Found> judge(Release release, Source source, Optional<Before> before) {
        return source.forbidden()
                .map(why -> found(Severity.Critical, release, source, ", " + why + "."))
                .or(() -> before.flatMap(known -> changed(release, source, known)));
    }

    private static Optional<Found> changed(Release release, Source source, Before before) {
        return switch (source.kind()) {
            case CONFIGURED -> Optional.empty();
            case REGISTRY -> registry(release, source, before);
            case FOLDER ->
                direct(
                        release,
                        source,
                        before,
                        before.index().names(release.identity()) ? Severity.High : Severity.Low);
            case PATCH -> direct(release, source, before, Severity.Medium);
            case ARCHIVE, GIT, FILE, OTHER_PACKAGE, UNKNOWN -> direct(release, source, before, Severity.High);
        };
    }

    private static Optional<Found> registry(Release release, Source source, Before before) {
        Index index = before.index();
        Set<Source> known = index.sourcesOf(release.identity().ecosystem());
        if (!known.contains(source)) {
            return Optional.of(found(
                    Severity.High,
                    release,
                    source,
                    ", from which no dependency of the last good run came." + (before.whole() ? "" : NOT_WHOLE)));
        }
        Set<Source> own = index.sourcesOf(release.identity());
        boolean moved = !own.isEmpty()
                && !own.contains(source)
                && own.stream().allMatch(each -> each.kind() == Source.Kind.REGISTRY);
        return moved
                ? Optional.of(
                        found(Severity.High, release, source, ", and came from another registry in the last good run."))
                : Optional.empty();
    }

    private static Optional<Found> direct(Release release, Source source, Before before, Severity severity) {
        if (before.index().originsOf(release.identity()).contains(source.origin(release.version()))) {
            return Optional.empty();
        }
        boolean unknown = !before.whole() && !before.index().names(release.identity());
        boolean lower = unknown && severity == Severity.High;
        return Optional.of(found(
                lower ? Severity.Medium : severity,
                release,
                source,
                ", from which it did not come in the last good run." + (unknown ? NOT_WHOLE : "")));
    }

    private static Found found(Severity severity, Release release, Source source, String rest) {
        return new Found(
                NAME,
                severity,
                release,
                List.of(source.text()),
                "The dependency " + Found.quoted(release.toString()) + " comes from " + source + rest);
    }
}
