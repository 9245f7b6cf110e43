package dev.cleanroom.operator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files that a command is given. */
final class InputFile {
    private InputFile() {}

    /**
     * One byte more than is taken, so that what is too long is refused and not cut.
     *
     * @throws IllegalArgumentException when it cannot be read
     */
    static byte[] read(Path file, int max) {
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(max + 1);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file, e);
        }
    }
}
