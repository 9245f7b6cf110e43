package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.InputStream;

/** Supplies the bytes of a blob that is pushed. */
public interface BlobSource {

    /** Opens a stream from the beginning; called again after the registry required authentication. */
    InputStream open() throws IOException;
}
