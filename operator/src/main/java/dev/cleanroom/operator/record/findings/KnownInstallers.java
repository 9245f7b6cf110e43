package dev.cleanroom.operator.record.findings;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Collectors;

/** Packages that need code at installation, each with its reason in {@code known-installers.txt}. */
final class KnownInstallers {
    private static final Set<Identity> ALL = read();

    private KnownInstallers() {}

    static boolean contains(Identity identity) {
        return ALL.contains(identity);
    }

    /** Lines of ecosystem, name and reason, separated by spaces. */
    private static Set<Identity> read() {
        try (InputStream file = KnownInstallers.class.getResourceAsStream("known-installers.txt")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> line.split(" +", 3))
                    .map(parts -> new Identity(parts[0], parts[1]))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
