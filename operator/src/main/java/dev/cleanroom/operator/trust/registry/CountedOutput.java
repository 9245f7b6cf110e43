package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.OutputStream;

/** Counts what goes through. Leaves the end of what is below to whoever opened it. */
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

    /** Bytes. */
    long count() {
        return count;
    }
}
