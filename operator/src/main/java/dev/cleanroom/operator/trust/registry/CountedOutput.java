package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.OutputStream;

/** Counts the bytes that are written. Does not close the stream below: the code that opened it does. */
final class CountedOutput extends OutputStream {
    private final OutputStream below;
    private long count;

    CountedOutput(OutputStream below) {
        this.below = below;
    }

    @Override
    public void write(int value) throws IOException {
        below.write(value);
        count++;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        below.write(bytes, from, length);
        count += length;
    }

    /** The bytes written so far. */
    long count() {
        return count;
    }
}
