package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.OutputStream;

/** Where a blob goes. What it holds is nobody's until the question is answered with {@link Outcome.Found}. */
public interface BlobSink {

    /** A stream to the sink's beginning; called again where a mirror failed halfway. */
    OutputStream open() throws IOException;
}
