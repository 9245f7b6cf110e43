package dev.cleanroom.operator.record;

import dev.cleanroom.operator.kube.ContentHash;
import dev.cleanroom.operator.record.facts.Coordinates;
import dev.cleanroom.operator.record.facts.RecordDetail;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What somebody looks for in records: a name, {@code name@version}, a package URL, the path or name of a file, a SHA-256, or the
 * hashes of a lockfile as they are written there. Case is ignored: an advisory may write a name in another way, and a hit too many
 * is seen, while one too few is not.
 */
public final class Sought {
    private static final int DIGITS = 16;

    /** A record has the first digits of a digest. */
    private static final Pattern DIGEST = Pattern.compile("(?:sha256:)?([0-9a-f]{" + DIGITS + "})[0-9a-f]*");

    private final String text;
    private final Optional<String> digest;
    private final String integrity;

    public Sought(String text) {
        this.integrity = ContentHash.ofText(text.strip()).substring(0, DIGITS);
        this.text = folded(text.strip().replace("==", "@"));
        Matcher digits = DIGEST.matcher(this.text);
        this.digest = digits.matches() ? Optional.of(digits.group(1)) : Optional.empty();
    }

    /** What was found, one line each. */
    public List<String> in(RecordDetail detail) {
        Stream<String> dependencies = detail.dependencies().stream()
                .filter(each -> is(Coordinates.of(each)) || integrity.equals(each.integrity()) || is(each.integrity()))
                .map(each -> "dependency  " + Coordinates.of(each)
                        + more("source", each.source())
                        + more("lockfile", each.lockfile()));
        Stream<String> packages = detail.packages().stream()
                .filter(each -> is(Coordinates.of(each)) || is(each.sha256()) || is(each.installCode()))
                .map(each -> "package  " + Coordinates.of(each)
                        + more("path", each.packageFolder())
                        + more("install code", each.installCode()));
        Stream<String> files = detail.files().stream()
                .filter(each -> isPath(each.file()) || is(each.sha256()))
                .map(each -> "file  " + each.file() + more("sha256", each.sha256()));
        return Stream.of(dependencies, packages, files)
                .flatMap(lines -> lines)
                .distinct()
                .toList();
    }

    /** What was found in what the build made, one line each. */
    public List<String> in(RecordArtifacts made) {
        Stream<String> artifacts = made.artifacts().stream()
                .filter(each -> isPath(each.path()) || isWhole(each.sha256()))
                .map(each -> "artifact  " + each.path() + more("sha256", each.sha256()));
        Stream<String> entries = made.lists().entries().stream()
                .filter(each -> isPath(each.entry()) || is(each.sha256()))
                .map(each -> "entry  " + each.in() + "!" + each.entry() + more("sha256", each.sha256()));
        return Stream.concat(artifacts, entries).distinct().toList();
    }

    /** A record has all digits of an artifact's digest, and people may write the first of them. */
    private boolean isWhole(@Nullable String foundDigest) {
        return digest.isPresent() && foundDigest != null && foundDigest.startsWith(text.replace("sha256:", ""));
    }

    private boolean is(Coordinates at) {
        return at.spellings().map(Sought::folded).anyMatch(text::equals);
    }

    private boolean is(@Nullable String foundDigest) {
        return digest.isPresent() && digest.get().equals(foundDigest);
    }

    private boolean isPath(String path) {
        String lower = folded(path);
        return lower.equals(text) || lower.endsWith("/" + text);
    }

    /** PyPI knows one package by names with any of these separators. */
    private static String folded(String text) {
        return text.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String more(String what, @Nullable String value) {
        return value == null ? "" : "  " + what + " " + value;
    }
}
