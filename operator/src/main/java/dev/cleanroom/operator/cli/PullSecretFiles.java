package dev.cleanroom.operator.cli;

import dev.cleanroom.operator.trust.registry.Credentials;
import dev.cleanroom.operator.trust.registry.PullSecrets;
import dev.cleanroom.operator.trust.registry.RegistryAnswer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads pull secrets from files, each with the value that a Secret has under {@code .dockerconfigjson}, or under
 * {@code .dockercfg} if the file's name ends so.
 */
final class PullSecretFiles {
    private PullSecretFiles() {}

    /** @throws IllegalArgumentException with the name of the file, and nothing from its content */
    static Credentials read(List<Path> files) {
        List<PullSecrets.Source> secrets = new ArrayList<>();
        for (Path file : files) {
            PullSecrets.Form form = file.toString().endsWith(PullSecrets.Form.LEGACY.key())
                    ? PullSecrets.Form.LEGACY
                    : PullSecrets.Form.CONFIG;
            secrets.add(new PullSecrets.Source(file.toString(), form, InputFile.read(file, PullSecrets.MOST_BYTES)));
        }
        return switch (PullSecrets.read(secrets)) {
            case RegistryAnswer.Found<Credentials>(Credentials credentials) -> credentials;
            case RegistryAnswer.Failed<Credentials> failed -> throw new IllegalArgumentException(failed.message());
        };
    }
}
