package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Manifests;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Which updates of an environment wake it. */
class AsksTest {
    private static boolean asks(Consumer<BuildEnvironment> before, Consumer<BuildEnvironment> after) {
        return new EnvironmentReconciler.Asks().accept(environment(after), environment(before));
    }

    private static BuildEnvironment environment(Consumer<BuildEnvironment> change) {
        BuildEnvironment environment = Manifests.agent("agents", "standard", 1);
        environment.getMetadata().setGeneration(1L);
        change.accept(environment);
        return environment;
    }

    @Test
    void anotherVersionAloneDoesNot() {
        assertThat(asks(before -> {}, after -> after.getMetadata().setResourceVersion("2")))
                .isFalse();
    }

    @Test
    void anotherSpecAndADeletionDo() {
        assertThat(asks(before -> {}, after -> after.getMetadata().setGeneration(2L)))
                .isTrue();
        assertThat(asks(before -> {}, after -> after.getMetadata().setDeletionTimestamp("2026-01-01T00:00:00Z")))
                .isTrue();
    }

    @Test
    void aStatusThatCanBeReadAgainDoes() {
        assertThat(asks(before -> before.markStatusUnreadable("status.slots[0].lastFailure: not a time"), after -> {}))
                .isTrue();
    }
}
