package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.findings.Comparison.Before;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * Indicator 3: code that runs when a package is installed, and that the last good run had in no version of the package. Of a
 * fetched package it is known by its digest. Of another one the lockfile says only whether there is any.
 */
final class InstallCode implements Indicator {
    static final String NAME = "InstallCode";

    @Override
    public List<Found> judge(Comparison comparison) {
        List<Found> found = new ArrayList<>();
        comparison.before().ifPresent(before -> {
            Set<Identity> fetched = new HashSet<>();
            for (DetailEntry.Package each : comparison.run().packages()) {
                if (each.installCode() != null) {
                    fetched.add(Identity.of(each));
                    fetched(each, before, found);
                }
            }
            for (DetailEntry.Dependency each : comparison.run().dependencies()) {
                if (Boolean.TRUE.equals(each.installCode()) && !fetched.contains(Identity.of(each))) {
                    locked(each, before, found);
                }
            }
        });
        return found;
    }

    private static void fetched(DetailEntry.Package each, Before before, List<Found> found) {
        Release release = Release.of(each);
        String digest = Objects.requireNonNull(each.installCode());
        // A last good run that fetched nothing knows of install code only what its lockfiles say.
        boolean known = before.index().installCodeOf(release.identity()).contains(digest)
                || (before.facts().packages().isEmpty() && before.index().installs(release.identity()));
        if (!known) {
            List<String> hooks = Objects.requireNonNullElse(each.hooks(), List.of());
            String what = hooks.isEmpty() ? "" : " (" + Found.quoted(String.join(", ", hooks)) + ")";
            found.add(found(release, digest, "has code that runs when it is installed" + what, before));
        }
    }

    private static void locked(DetailEntry.Dependency each, Before before, List<Found> found) {
        Release release = Release.of(each);
        if (!before.index().installs(release.identity())) {
            found.add(found(release, "", "runs code when it is installed, as the lockfile says", before));
        }
    }

    private static Found found(Release release, String digest, String what, Before before) {
        boolean existing = before.index().names(release.identity());
        boolean unknown = !existing && !before.whole();
        boolean installer = KnownInstallers.contains(release.identity());
        String since = existing
                ? ", and none of its versions in the last good run has the same code."
                : unknown
                        ? ". Not all dependencies of the last good run are known, so it may have been there."
                        : ", and is new.";
        boolean updated = installer && before.index().installs(release.identity());
        return new Found(
                NAME,
                updated ? Severity.Medium : severity(release, digest.isEmpty(), !existing && !unknown, installer),
                release,
                List.of(digest),
                "The package " + Found.quoted(release.toString()) + " " + what + since
                        + (installer ? " It is known to need that." : ""));
    }

    /**
     * Crates and plugins of Maven run code as a rule, and so do Python packages without a wheel, so there a new one alone is
     * no sign of an attack.
     */
    private static Severity severity(Release release, boolean locked, boolean isNew, boolean installer) {
        return switch (release.identity().ecosystem()) {
            case "cargo", "maven" -> Severity.Medium;
            case "pypi" -> locked && isNew ? Severity.Medium : isNew && !installer ? Severity.Critical : Severity.High;
            default -> isNew && !installer ? Severity.Critical : Severity.High;
        };
    }
}
