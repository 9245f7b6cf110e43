package dev.cleanroom.operator.kube;

import org.jspecify.annotations.Nullable;

/** The API server could not be reached or could not answer. The run is tried again with back-off, without end. */
public final class ApiUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ApiUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
