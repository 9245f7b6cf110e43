package dev.cleanroom.operator.trust.registry;

import dev.cleanroom.operator.trust.registry.RegistryAnswer.Failed;
import dev.cleanroom.operator.trust.registry.RegistryAnswer.Found;

/** Takes outcomes apart, and says what they were where a test expected the other. */
final class Asked {
    private Asked() {}

    static <T> T found(RegistryAnswer<T> outcome) {
        return switch (outcome) {
            case Found<T> found -> found.value();
            case Failed<T> failed -> throw new AssertionError(failed.code() + ": " + failed.message());
        };
    }

    static <T> FailureCode code(RegistryAnswer<T> outcome) {
        return failed(outcome).code();
    }

    static <T> Failed<T> failed(RegistryAnswer<T> outcome) {
        return switch (outcome) {
            case Found<T> found -> throw new AssertionError("found " + found.value());
            case Failed<T> failed -> failed;
        };
    }
}
