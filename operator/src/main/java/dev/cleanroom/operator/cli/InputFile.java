package dev.cleanroom.operator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the files that are given to a command. */
final class InputFile {
    private InputFile() {}

    /** Parses a file's content. */
    interface Reader<T> {
        T read(InputStream content) throws IOException;
    }

    /**
     * Reads one byte more than is accepted, so that a file that is too long is refused and not truncated.
     * @throws IllegalArgumentException when it cannot be read
     */
    static byte[] read(Path file, int max) {
        return read(file, content -> content.readNBytes(max + 1));
    }

    /** @throws IllegalArgumentException when it cannot be read */
    static <T> T read(Path file, Reader<T> reader) {
        try (InputStream content = Files.newInputStream(file)) {
            return reader.read(content);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read " + file, e);
        }
    }
}
