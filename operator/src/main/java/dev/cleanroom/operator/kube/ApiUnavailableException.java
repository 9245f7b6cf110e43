package dev.cleanroom.operator.kube;

import org.jspecify.annotations.Nullable;

/** The API server could not be reached or could not answer: nobody's mistake, tried again with back-off, for ever. */
public final class ApiUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ApiUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
