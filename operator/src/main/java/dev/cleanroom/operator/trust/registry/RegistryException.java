package dev.cleanroom.operator.trust.registry;

import java.time.Duration;
import java.util.Optional;

/** Becomes a {@link RegistryAnswer.Failed}; it never leaves this package. */
public final class RegistryException extends Exception {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String message;
    private final transient Optional<Duration> retryAfter;

    RegistryException(FailureCode code, String message) {
        this(code, message, Optional.empty());
    }

    RegistryException(FailureCode code, String message, Optional<Duration> retryAfter) {
        super(code + ": " + message);
        this.code = code;
        this.message = message;
        this.retryAfter = retryAfter;
    }

    FailureCode code() {
        return code;
    }

    String message() {
        return message;
    }

    Optional<Duration> retryAfter() {
        return retryAfter;
    }
}
