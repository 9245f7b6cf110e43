package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.Outcome;
import dev.cleanroom.operator.trust.registry.PullSecrets;
import java.nio.file.Path;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Pull secrets in files, each what a Secret has under {@code .dockerconfigjson}. */
final class PullSecretFiles {
    private PullSecretFiles() {}

    /** @throws IllegalArgumentException with the file, and nothing of what is in it */
    static Credentials read(List<Path> files) {
        List<Map.Entry<String, byte[]>> secrets = new ArrayList<>();
        for (Path file : files) {
            secrets.add(new SimpleImmutableEntry<>(file.toString(), InputFile.read(file, PullSecrets.MOST_BYTES)));
        }
        return switch (PullSecrets.read(secrets)) {
            case Outcome.Found<Credentials>(Credentials credentials) -> credentials;
            case Outcome.Failed<Credentials> failed -> throw new IllegalArgumentException(failed.message());
        };
    }
}
