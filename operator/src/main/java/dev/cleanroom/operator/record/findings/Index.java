package dev.cleanroom.operator.record.findings;

import dev.cleanroom.operator.record.facts.DetailEntry;
import dev.cleanroom.operator.record.findings.Identity.Release;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** The facts of a run, found by package, so that a comparison takes time in proportion to their number. */
final class Index {
    /** npm has a package that only one other package uses in the folder of that one. */
    private static final String NESTED = "/node_modules/";

    /**
     * Where a hash stands. Formats have different hashes of the same package, so only those of one format are compared.
     *
     * @param source of what is no registry's, because its hash is of that place alone; else empty
     */
    record Pin(Release release, String format, String source) {}

    /**
     * A fetched copy of a package. One that another package has in its own folder may have come with it, and need not be
     * what the registry has.
     *
     * @param within the packages in whose folders it is, the outermost first
     */
    record Copy(Release release, List<Release> within) {}

    private final Map<Pin, SortedSet<String>> hashes = new HashMap<>();
    private final Set<Release> pinned = new HashSet<>();
    private final Map<Release, Set<Source>> sources = new HashMap<>();
    private final Map<Identity, Set<String>> origins = new HashMap<>();
    private final Map<Identity, Set<Source>> sourcesOfAnyVersion = new HashMap<>();
    private final Map<String, Set<Source>> sourcesOfEcosystem = new HashMap<>();
    private final Map<Copy, SortedSet<String>> contents = new HashMap<>();
    private final Set<Release> fetchedOnItsOwn = new HashSet<>();
    private final Set<Release> fetched = new HashSet<>();
    private final Map<Identity, Set<String>> installCode = new HashMap<>();
    private final Set<Identity> names = new HashSet<>();
    private final Set<Identity> installing = new HashSet<>();

    Index(RunFacts facts) {
        Map<String, String> formats = new HashMap<>();
        for (DetailEntry.File file : facts.files()) {
            if (file.lockfile() != null) {
                formats.putIfAbsent(file.file(), file.lockfile());
            }
        }
        facts.dependencies().forEach(each -> add(each, formats));
        Map<String, Release> folders = new HashMap<>();
        facts.packages().forEach(each -> folders.put(each.packageFolder(), Release.of(each)));
        facts.packages().forEach(each -> add(each, folders));
    }

    private void add(DetailEntry.Dependency each, Map<String, String> formats) {
        Release release = Release.of(each);
        names.add(release.identity());
        if (Boolean.TRUE.equals(each.installCode())) {
            installing.add(release.identity());
        }
        SortedSet<String> texts = hashes.computeIfAbsent(pin(each, formats), _ -> new TreeSet<>());
        if (each.integrity() != null) {
            texts.add(each.integrity());
            pinned.add(release);
        }
        for (Source source : Source.of(each)) {
            sources.computeIfAbsent(release, _ -> new HashSet<>()).add(source);
            sourcesOfAnyVersion
                    .computeIfAbsent(release.identity(), _ -> new HashSet<>())
                    .add(source);
            origins.computeIfAbsent(release.identity(), _ -> new HashSet<>()).add(source.origin(release.version()));
            sourcesOfEcosystem
                    .computeIfAbsent(release.identity().ecosystem(), _ -> new HashSet<>())
                    .add(source);
        }
    }

    private static Pin pin(DetailEntry.Dependency each, Map<String, String> formats) {
        String lockfile = Objects.requireNonNullElse(each.lockfile(), "");
        boolean registry = Source.of(each).stream().allMatch(Source::registry);
        String source = registry ? "" : Objects.requireNonNullElse(each.source(), "");
        return new Pin(Release.of(each), formats.getOrDefault(lockfile, ""), source);
    }

    private static List<Release> within(String folder, Map<String, Release> folders) {
        List<Release> within = new ArrayList<>();
        for (int tree = folder.indexOf(NESTED); tree >= 0; tree = folder.indexOf(NESTED, tree + 1)) {
            Release outer = folders.get(folder.substring(0, tree));
            if (outer != null) {
                within.add(outer);
            }
        }
        return within;
    }

    private void add(DetailEntry.Package each, Map<String, Release> folders) {
        Release release = Release.of(each);
        names.add(release.identity());
        if (each.sha256() != null) {
            List<Release> within = within(each.packageFolder(), folders);
            contents.computeIfAbsent(new Copy(release, within), _ -> new TreeSet<>())
                    .add(each.sha256());
            fetched.add(release);
            if (within.isEmpty()) {
                fetchedOnItsOwn.add(release);
            }
        }
        if (each.installCode() != null) {
            installCode
                    .computeIfAbsent(release.identity(), _ -> new HashSet<>())
                    .add(each.installCode());
            installing.add(release.identity());
        }
    }

    Map<Pin, SortedSet<String>> hashes() {
        return hashes;
    }

    /** The sources that lockfiles give a version of a package; empty if none names it. */
    Map<Release, Set<Source>> sources() {
        return sources;
    }

    /** The digests of the fetched copies of a version. */
    Map<Copy, SortedSet<String>> contents() {
        return contents;
    }

    /** Whether all fetched copies of this version are in folders of other packages. */
    boolean isWithinOthers(Release release) {
        return fetched.contains(release) && !fetchedOnItsOwn.contains(release);
    }

    /** Whether a lockfile has a hash of this version. */
    boolean pins(Release release) {
        return pinned.contains(release);
    }

    /** Where lockfiles get any version of the package from, each without what changes with the version. */
    Set<String> originsOf(Identity identity) {
        return origins.getOrDefault(identity, Set.of());
    }

    Set<Source> sourcesOf(Identity identity) {
        return sourcesOfAnyVersion.getOrDefault(identity, Set.of());
    }

    Set<Source> sourcesOf(String ecosystem) {
        return sourcesOfEcosystem.getOrDefault(ecosystem, Set.of());
    }

    /** The digests of the install code of all fetched versions. */
    Set<String> installCodeOf(Identity identity) {
        return installCode.getOrDefault(identity, Set.of());
    }

    /** Whether a lockfile or a fetched package has this name. */
    boolean names(Identity identity) {
        return names.contains(identity);
    }

    /** Whether code of the package runs when it is installed, as a lockfile says or a fetched version has it. */
    boolean installs(Identity identity) {
        return installing.contains(identity);
    }
}
