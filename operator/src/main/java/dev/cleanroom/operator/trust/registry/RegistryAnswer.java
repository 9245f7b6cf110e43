package dev.cleanroom.operator.trust.registry;

import java.time.Duration;
import java.util.Optional;

/** What a question to a registry came to. */
public sealed interface Outcome<T> {

    record Found<T>(T value) implements Outcome<T> {}

    /**
     * @param message for people; says nothing that a registry could have put in, and no secret
     * @param retryAfter how long the registry wants to be left alone, within {@link RetryAfter#MOST}
     */
    record Failed<T>(FailureCode code, String message, Optional<Duration> retryAfter) implements Outcome<T> {}

    /** Turns what a question threw into its outcome. */
    static <T> Outcome<T> of(Question<T> question) {
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
