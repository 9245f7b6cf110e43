package dev.cleanroom.operator.trust.registry;

import java.time.Duration;
import java.util.Optional;

/** The answer of a registry to one question, or why it cannot be used. */
public sealed interface RegistryAnswer<T> {

    record Found<T>(T value) implements RegistryAnswer<T> {}

    /**
     * @param message for people; contains nothing that a registry could have written, and no secret
     * @param retryAfter how long the registry asks clients to wait, at most {@link RetryAfter#MOST}
     */
    record Failed<T>(FailureCode code, String message, Optional<Duration> retryAfter) implements RegistryAnswer<T> {}

    /** Turns an exception into a failed answer. */
    static <T> RegistryAnswer<T> of(Question<T> question) {
        try {
            return new Found<>(question.ask());
        } catch (RegistryException e) {
            return new Failed<>(e.code(), e.message(), e.retryAfter());
        }
    }

    interface Question<T> {
        T ask() throws RegistryException;
    }
}
