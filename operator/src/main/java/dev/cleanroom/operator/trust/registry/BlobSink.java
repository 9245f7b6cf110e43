package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.OutputStream;

/** Receives the bytes of a blob. They must not be used before the answer is {@link RegistryAnswer.Found}. */
public interface BlobSink {

    /** Opens a stream that starts over; called again after a mirror failed halfway. */
    OutputStream open() throws IOException;
}
