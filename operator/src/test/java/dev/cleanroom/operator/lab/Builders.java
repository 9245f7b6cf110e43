package dev.cleanroom.operator.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * The images that builds run in tests: in a registry of this machine, signed, under the names of registry.example.com,
 * whose mirror it is for the operator. Nodes are simulated and pull none.
 */
final class Builders implements AutoCloseable {
    private final LabRegistry registry;
    private final Path registries;
    private final String trustPolicy;

    private Builders(LabRegistry registry, Path registries, String trustPolicy) {
        this.registry = registry;
        this.registries = registries;
        this.trustPolicy = trustPolicy;
    }

    static Builders start(Path directory) {
        LabRegistry registry = LabRegistry.start("--builders", directory.toString());
        try {
            Path registries =
                    Files.writeString(directory.resolve("registries.yaml"), """
                    registry.example.com:
                      mirrors: ["%1$s"]
                      mirrorsOnly: true
                    "%1$s":
                      plainHttp: true
                      anyAddress: true
                    """.formatted(registry.address()));
            return new Builders(registry, registries, trustPolicy(Files.readString(directory.resolve("cosign.pub"))));
        } catch (IOException e) {
            registry.close();
            throw new UncheckedIOException(e);
        }
    }

    /** The examples' own, with the key where it says. */
    private static String trustPolicy(String pem) throws IOException {
        String example = Files.readString(Repository.root().resolve("examples/quickstart.yaml"));
        String policy = Stream.of(example.split("(?m)^---$"))
                .filter(document -> document.contains("kind: TrustPolicy"))
                .findFirst()
                .orElseThrow();
        return """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: builders-key, namespace: %s}
                data:
                  cosign.pub: |
                %s---
                %s
                """.formatted(LabCluster.OPERATOR_NAMESPACE, pem.indent(4), policy);
    }

    /** The registry's host and port. */
    String address() {
        return registry.address();
    }

    /** A file for the operator's flag {@code --registries}. */
    Path registries() {
        return registries;
    }

    /** Whose key has signed them. */
    String trustPolicy() {
        return trustPolicy;
    }

    @Override
    public void close() {
        registry.close();
    }
}
