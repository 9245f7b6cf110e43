package dev.cleanroom.operator.trust.registry;

import java.io.IOException;
import java.io.InputStream;

/** Where a blob that is pushed comes from. */
public interface BlobSource {

    /** A stream from its beginning; called again where the registry asks who is there. */
    InputStream open() throws IOException;
}
