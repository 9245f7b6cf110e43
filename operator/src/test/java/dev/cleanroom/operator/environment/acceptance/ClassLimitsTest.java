package dev.cleanroom.operator.environment.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.ComputeResources;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.Reasons;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassLimitsTest {
    private static final BuildEnvironmentClassSpec NO_LIMITS =
            new BuildEnvironmentClassSpec(null, null, null, null, null, null, null, null, null, null, null, null);

    @Test
    void aClassWithoutLimitsAllowsNoExtendedResource() {
        assertThat(ClassLimits.firstCrossed(asking("example.com/gpu"), "open", NO_LIMITS))
                .hasValueSatisfying(refused -> {
                    assertThat(refused.reason()).isEqualTo(Reasons.NOT_ALLOWED);
                    assertThat(refused.message()).contains("spec.resources.limits.example.com/gpu");
                });
    }

    @Test
    void aClassWithoutLimitsBoundsNoOrdinaryResource() {
        assertThat(ClassLimits.firstCrossed(asking("cpu"), "open", NO_LIMITS)).isEmpty();
    }

    private static BuildEnvironmentSpec asking(String resource) {
        return new BuildEnvironmentSpec(
                null,
                "image",
                List.of("build"),
                null,
                null,
                null,
                new ComputeResources(null, Map.of(resource, new Quantity("1"))),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                OnExit.Complete,
                1,
                0,
                "4h",
                "1h",
                null);
    }
}
