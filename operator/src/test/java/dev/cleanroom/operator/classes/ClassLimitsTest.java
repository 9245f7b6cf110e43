package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.Reasons;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassLimitsTest {
    private static final BuildEnvironmentClassSpec NO_LIMITS =
            Serialization.unmarshal("{}", BuildEnvironmentClassSpec.class);

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

    /** A workspace without a storage class gets the cluster's default, which the class may not allow. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "{}, {}, true",
                "{}, {storageClassName: slow}, true",
                "{storageClasses: [fast]}, {storageClassName: fast}, true",
                "{storageClasses: [fast]}, {storageClassName: slow}, false",
                "{storageClasses: [fast]}, {}, false",
                "{storageClasses: []}, {}, false"
            })
    void aClassThatLimitsStorageClassesWantsOneNamed(String limits, String workspace, boolean allowed) {
        Optional<Refusal> crossed = ClassLimits.firstCrossed(
                Manifests.environment("spec: {image: a, command: [a], workspace: "
                                + workspace.replace("{", "{size: 1Gi, ").replace(", }", "}") + "}")
                        .getSpec(),
                "open",
                Serialization.unmarshal("spec: {limits: " + limits + "}", BuildEnvironmentClass.class)
                        .getSpec());
        assertThat(crossed.map(Refusal::reason))
                .isEqualTo(allowed ? Optional.empty() : Optional.of(Reasons.NOT_ALLOWED));
        assertThat(crossed.map(Refusal::message).orElse("spec.workspace.storageClassName"))
                .startsWith("spec.workspace.storageClassName");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"linux/arm64, linux/arm64", ", the node's own"})
    void aPlatformThatIsNotAllowedIsNamedAlsoWhenTheSpecNamesNone(String asked, String named) {
        BuildEnvironmentSpec spec = Manifests.environment(
                        "spec: {image: a, command: [a]" + (asked == null ? "" : ", platform: " + asked) + "}")
                .getSpec();
        assertThat(ClassLimits.firstCrossed(
                        spec,
                        "amd",
                        Serialization.unmarshal(
                                        "spec: {limits: {platforms: [linux/amd64]}}", BuildEnvironmentClass.class)
                                .getSpec()))
                .map(Refusal::message)
                .hasValue("spec.platform: class amd does not allow " + named + "; use one of: linux/amd64");
    }

    private static BuildEnvironmentSpec asking(String resource) {
        return Manifests.environment("spec: {image: a, command: [a], resources: {limits: {" + resource + ": 1}}}")
                .getSpec();
    }
}
