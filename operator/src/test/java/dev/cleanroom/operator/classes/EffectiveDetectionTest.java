package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EffectiveDetectionTest {
    @ParameterizedTest
    @CsvSource({",, Report", "'Off',, 'Off'", ",'Off', 'Off'", "Report, 'Off', Report", "'Off', Report, 'Off'"})
    void theEnvironmentComesBeforeTheClass(String asked, String byClass, DetectionMode expected) {
        assertThat(EffectiveDetection.of(spec(asked), classOf(byClass, false)).mode())
                .isEqualTo(expected);
    }

    /** The observer and the pod need two users more. */
    @ParameterizedTest
    @CsvSource({"65532, true", "65533, false"})
    void aUidLeavesRoomForTheObserver(long uid, boolean expected) {
        BuildEnvironmentClassSpec buildClass = Serialization.unmarshal(
                        "spec: {pod: {uid: " + uid + "}}", BuildEnvironmentClass.class)
                .getSpec();
        assertThat(EffectiveDetection.hasObserver(spec(null), buildClass)).isEqualTo(expected);
        assertThat(EffectiveDetection.hasObserver(spec("Off"), buildClass)).isFalse();
    }

    @Test
    void withoutAClassRunsAreObserved() {
        assertThat(EffectiveDetection.of(spec(null), List.of()).mode()).isEqualTo(DetectionMode.Report);
    }

    @ParameterizedTest
    @CsvSource({"Report, true", "'Off', false", ", true"})
    void aLockedModeIsTheOnlyOne(String asked, boolean allowed) {
        assertThat(ClassLimits.firstCrossed(spec(asked), "strict", classOf("Report", true))
                        .map(Refusal::message)
                        .orElse(""))
                .isEqualTo(
                        allowed
                                ? ""
                                : "spec.detection.mode: class strict locks this field to Report; leave it out, or use"
                                        + " another class");
    }

    private static BuildEnvironmentSpec spec(String mode) {
        return Manifests.environment("spec: {image: a, command: [a]"
                        + (mode == null ? "" : ", detection: {mode: '" + mode + "'}") + "}")
                .getSpec();
    }

    private static BuildEnvironmentClassSpec classOf(String mode, boolean locked) {
        return Serialization.unmarshal(
                        "spec: {detection: {" + (mode == null ? "" : "mode: '" + mode + "', ") + "locked: " + locked
                                + "}}",
                        BuildEnvironmentClass.class)
                .getSpec();
    }
}
