package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Indicator 14, the part that is exact: a name that is the user's own comes from a public host, or from another host than
 * in the last good run. Where the lockfile has no source, as in Maven, nothing is known of it.
 */
final class InternalName implements Indicator {
    static final String NAME = "InternalName";

    @Override
    public List<Found> judge(Comparison comparison) {
        List<Found> found = new ArrayList<>();
        Predicate<String> internal = internal(comparison.rules().internalNames());
        comparison.now().sources().forEach((release, sources) -> {
            if (internal.test(release.identity().name())) {
                sources.forEach(source -> where(release, source, comparison)
                        .map(where -> found(release, source, where))
                        .ifPresent(found::add));
            }
        });
        return found;
    }

    private static Optional<String> where(Release release, Source source, Comparison comparison) {
        if (PublicHosts.any(source.host())) {
            return Optional.of("where anyone can publish");
        }
        boolean other = !source.host().isEmpty()
                && comparison
                        .before()
                        .map(before -> before.index().sourcesOf(release.identity()))
                        .filter(known ->
                                known.stream().anyMatch(each -> !each.host().isEmpty()))
                        .filter(known ->
                                known.stream().noneMatch(each -> each.host().equals(source.host())))
                        .isPresent();
        return other ? Optional.of("which is another host than in the last good run") : Optional.empty();
    }

    private static Found found(Release release, Source source, String where) {
        return new Found(
                NAME,
                Severity.Critical,
                release,
                List.of(source.text()),
                "The internal name %s comes from %s, %s.".formatted(Found.quoted(release.toString()), source, where));
    }

    /** A star stands for any characters, and case does not matter. */
    private static Predicate<String> internal(List<String> names) {
        if (names.isEmpty()) {
            return _ -> false;
        }
        String any = names.stream()
                .map(name ->
                        Arrays.stream(name.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")))
                .collect(Collectors.joining("|"));
        return Pattern.compile(any, Pattern.CASE_INSENSITIVE).asMatchPredicate();
    }
}
