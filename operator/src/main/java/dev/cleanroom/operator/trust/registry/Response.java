package dev.cleanroom.operator.trust.registry;

import java.net.URI;
import java.net.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP response whose body was written to its sink, or is not needed.
 *
 * @param uri the address that answered, after redirects
 */
record Response(URI uri, int status, HttpHeaders headers) {

    boolean successful() {
        return status / 100 == 2;
    }

    @Nullable String header(String name) {
        return headers.firstValue(name).orElse(null);
    }
}
