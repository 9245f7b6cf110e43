package dev.cleanroom.operator.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where the parts of the repository are, whichever directory the tests are run from. */
public final class Repository {
    private Repository() {}

    public static Path root() {
        Path start = Path.of("").toAbsolutePath();
        for (Path at = start; at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("crds/src")) && Files.isDirectory(at.resolve("operator/src"))) {
                return at;
            }
        }
        throw new IllegalStateException("the repository's root is not above " + start);
    }

    /** {@code LAB_BIN} in the environment wins over the repository's own. */
    public static Path labBinary() {
        String named = System.getenv("LAB_BIN");
        Path file = named == null || named.isEmpty() ? root().resolve("lab/bin/lab") : Path.of(named);
        if (!Files.isExecutable(file)) {
            throw new IllegalStateException("no lab binary at " + file + ": run `make lab`");
        }
        return file;
    }

    /** The real cosign of that major version. */
    public static Path cosignBinary(int version) {
        return existing(root().resolve("lab/bin/cosign-" + version), "lab/build.sh cosign");
    }

    public static Path operatorJar() {
        return existing(root().resolve("operator/target/cleanroom.jar"), "mvn package");
    }

    /** Where failing tests leave what a person wants to read. */
    public static Path testOutput() {
        try {
            return Files.createDirectories(root().resolve("operator/target/lab-tests"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path existing(Path file, String madeBy) {
        if (!Files.exists(file)) {
            throw new IllegalStateException("missing " + root().relativize(file) + ": run `" + madeBy + "`");
        }
        return file;
    }
}
