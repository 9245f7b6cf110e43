package dev.cleanroom.operator.record.facts;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which package, in which version, as a lockfile or a fetched package names it.
 *
 * @param ecosystem a type of package URL: npm, pypi, golang, maven, cargo; another one has no package URL here
 * @param version empty if it is not known
 */
public record Coordinates(String ecosystem, String name, String version) implements Comparable<Coordinates> {
    private static final Comparator<Coordinates> ORDER = Comparator.comparing(Coordinates::ecosystem)
            .thenComparing(Coordinates::name)
            .thenComparing(Coordinates::version);

    /** What a package URL has unescaped. */
    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_~:";

    public static Coordinates of(DetailEntry.Dependency entry) {
        return new Coordinates(text(entry.ecosystem()), entry.dependency(), text(entry.version()));
    }

    /** A folder without a name of its own, such as one without a manifest, is named by its path. */
    public static Coordinates of(DetailEntry.Package entry) {
        String name = entry.name() == null ? entry.packageFolder() : entry.name();
        return new Coordinates(text(entry.ecosystem()), name, text(entry.version()));
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    @Override
    public int compareTo(Coordinates other) {
        return ORDER.compare(this, other);
    }

    /** The package URL, as https://github.com/package-url/purl-spec says; empty if the ecosystem or the name has none. */
    public Optional<String> purl() {
        List<String> parts = parts();
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        String path = parts.stream().map(Coordinates::escaped).collect(Collectors.joining("/"));
        return Optional.of("pkg:" + ecosystem + "/" + path + (version.isEmpty() ? "" : "@" + escaped(version)));
    }

    /** The namespace of the package URL, such as the scope of npm and the group of Maven. */
    public Optional<String> namespace() {
        List<String> parts = parts();
        return parts.size() < 2 ? Optional.empty() : Optional.of(String.join("/", parts.subList(0, parts.size() - 1)));
    }

    /** The name without its namespace. */
    public String shortName() {
        List<String> parts = parts();
        return parts.isEmpty() ? name : parts.getLast();
    }

    /** The same package in no version. */
    public Coordinates unversioned() {
        return new Coordinates(ecosystem, name, "");
    }

    /** The package URL, or {@code name@version} where there is none. */
    @Override
    public String toString() {
        return purl().orElseGet(() -> version.isEmpty() ? name : name + "@" + version);
    }

    /** The segments of the namespace, and the name; empty if the name is not one of the ecosystem. */
    private List<String> parts() {
        List<String> parts = switch (ecosystem) {
            case "npm" -> segments(name, "/");
            case "golang" -> segments(name.toLowerCase(Locale.ROOT), "/");
            case "pypi" -> List.of(name.toLowerCase(Locale.ROOT).replace('_', '-'));
            case "cargo" -> List.of(name);
            case "maven" ->
                Optional.of(segments(name, ":"))
                        .filter(both -> both.size() == 2)
                        .orElse(List.of());
            default -> List.of();
        };
        return parts.stream().anyMatch(String::isEmpty) ? List.of() : parts;
    }

    private static List<String> segments(String text, String separator) {
        return Arrays.asList(text.split(separator, -1));
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            if (PLAIN.indexOf(each) >= 0) {
                escaped.append((char) each);
            } else {
                escaped.append(String.format(Locale.ROOT, "%%%02X", each & 0xff));
            }
        }
        return escaped.toString();
    }

    /** The ways in which people write this package, without and with its version. */
    public Stream<String> spellings() {
        Stream<String> names = ecosystem.equals("maven") ? Stream.of(name, shortName()) : Stream.of(name);
        return Stream.concat(
                names.flatMap(each -> Stream.of(each, each + "@" + version, each + ":" + version)),
                Stream.of(unversioned().toString(), toString()));
    }
}
