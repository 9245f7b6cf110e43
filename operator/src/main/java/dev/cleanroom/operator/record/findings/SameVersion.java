package dev.cleanroom.operator.record.findings;

import dev.cleanroom.api.v1alpha1.Severity;
import dev.cleanroom.operator.record.findings.Comparison.Before;
import dev.cleanroom.operator.record.findings.Identity.Release;
import dev.cleanroom.operator.record.findings.Index.Copy;
import dev.cleanroom.operator.record.findings.Index.Pin;
import dev.cleanroom.operator.record.findings.Source.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Indicator 2: the same version of a package has other content than before, or comes from elsewhere. Registries do not
 * change what they published. What the last good run does not have is not compared.
 */
final class SameVersion implements Indicator {
    static final String NAME = "SameVersionOtherContent";

    /** Formats with one hash for all files of a version, to which a registry lets its author add files later. */
    private static final Set<String> SEVERAL_FILES =
            Set.of("uv", "poetry", "pylock", "pipfile", "requirements", "gradle-verification");

    @Override
    public List<Found> judge(Comparison comparison) {
        List<Found> found = new ArrayList<>();
        comparison.before().ifPresent(before -> {
            comparison.now().hashes().forEach((pin, hashes) -> hashes(pin, hashes, comparison.now(), before, found));
            comparison.now().sources().forEach((release, sources) -> sources(release, sources, before, found));
            comparison
                    .now()
                    .contents()
                    .forEach((copy, digests) -> contents(copy, digests, comparison.now(), before, found));
        });
        return found;
    }

    private static void hashes(Pin pin, SortedSet<String> hashes, Index now, Before before, List<Found> found) {
        SortedSet<String> old = before.index().hashes().getOrDefault(pin, new TreeSet<>());
        boolean own = Source.of(pin.source()).own();
        boolean same = !hashes.isEmpty() && old.containsAll(hashes);
        if (old.isEmpty() || same || own || pin.release().version().isEmpty()) {
            return;
        }
        if (hashes.isEmpty()) {
            boolean brought = now.isWithinOthers(pin.release());
            found.add(new Found(
                    NAME,
                    brought ? Severity.Medium : Severity.High,
                    pin.release(),
                    content("hash lost", old, hashes),
                    "The lockfile had a hash of %s, and has none now: %s."
                            .formatted(
                                    Found.quoted(pin.release().toString()),
                                    brought
                                            ? "it comes with another package now, with any content"
                                            : "the same version could have any content")));
            return;
        }
        boolean files = SEVERAL_FILES.contains(pin.format());
        found.add(new Found(
                NAME,
                files ? Severity.Medium : Severity.Critical,
                pin.release(),
                content("hash", old, hashes),
                "The lockfile has other hashes for the same version of %s: %s."
                        .formatted(
                                Found.quoted(pin.release().toString()),
                                files
                                        ? "either its author added files to it, or a file was replaced"
                                        : "what will be fetched is not what it was")));
    }

    private static void sources(Release release, Set<Source> sources, Before before, List<Found> found) {
        Set<Source> old = before.index().sources().getOrDefault(release, Set.of());
        if (old.isEmpty() || release.version().isEmpty()) {
            return;
        }
        List<Source> other = sources.stream()
                .filter(source -> old.stream().noneMatch(each -> sameOrigin(each, source)))
                .toList();
        if (other.isEmpty()) {
            return;
        }
        found.add(new Found(
                NAME,
                Severity.Critical,
                release,
                content("source", texts(old), texts(sources)),
                "The same version of %s comes from elsewhere: it came from %s, and now comes from %s."
                        .formatted(Found.quoted(release.toString()), first(old), first(other))));
    }

    /**
     * Whether both are one host, or the configured registry, which may be any. A repository or an archive is another origin
     * than a registry on the same host.
     */
    private static boolean sameOrigin(Source before, Source now) {
        if (before.registry() && now.registry()) {
            return before.kind() == Kind.CONFIGURED
                    || now.kind() == Kind.CONFIGURED
                    || before.host().equals(now.host());
        }
        return before.kind() == now.kind() && (now.own() || before.origin("").equals(now.origin("")));
    }

    /**
     * Not of Python packages, into which installers write compiled files that differ each time. Install code writes into its
     * package as well, so there a hash in the lockfile is what counts.
     */
    private static void contents(Copy copy, SortedSet<String> digests, Index now, Before before, List<Found> found) {
        Release release = copy.release();
        SortedSet<String> old = before.index().contents().getOrDefault(copy, new TreeSet<>());
        boolean own = !now.sources().getOrDefault(release, Set.of()).stream().allMatch(Source::registry);
        boolean writes = !now.installCodeOf(release.identity()).isEmpty();
        if (old.isEmpty()
                || old.containsAll(digests)
                || own
                || (writes && now.pins(release))
                || release.version().isEmpty()
                || release.identity().ecosystem().equals("pypi")) {
            return;
        }
        found.add(new Found(
                NAME,
                writes ? Severity.Low : Severity.Critical,
                release,
                content("package", old, digests),
                "The files of the fetched package %s are not those that the same version had.%s"
                        .formatted(
                                Found.quoted(release.toString()),
                                writes ? " Code that runs when it is installed may have written them." : "")));
    }

    private static List<String> content(String what, Collection<String> old, Collection<String> now) {
        List<String> content = new ArrayList<>(List.of(what, String.valueOf(old.size())));
        content.addAll(old);
        content.addAll(now);
        return content;
    }

    private static SortedSet<String> texts(Collection<Source> sources) {
        SortedSet<String> texts = new TreeSet<>();
        sources.forEach(source -> texts.add(source.text()));
        return texts;
    }

    private static String first(Collection<Source> sources) {
        return sources.stream().map(Source::toString).sorted().findFirst().orElse("");
    }
}
