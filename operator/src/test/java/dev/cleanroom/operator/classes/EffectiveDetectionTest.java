package dev.cleanroom.operator.classes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClassSpec;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.DetectionMode;
import dev.cleanroom.api.v1alpha1.WorkspacePattern;
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

    @Test
    void theListsOfTheEnvironmentComeBeforeThoseOfTheClass() {
        BuildEnvironmentClassSpec byClass = withLists("artifacts: [{path: dist/**}], reports: [{path: a.sarif}]");
        EffectiveDetection none = EffectiveDetection.of(spec(null), byClass);
        assertThat(none.artifacts()).containsExactly(new WorkspacePattern("dist/**"));
        assertThat(none.reports()).containsExactly(new WorkspacePattern("a.sarif"));
        EffectiveDetection own = EffectiveDetection.of(specWith("artifacts: [{path: app.jar}], reports: []"), byClass);
        assertThat(own.artifacts()).containsExactly(new WorkspacePattern("app.jar"));
        assertThat(own.reports()).isEmpty();
        assertThat(EffectiveDetection.of(spec(null), List.of()).artifacts()).isEmpty();
    }

    /** What a build makes differs by project, so a class that names nothing locks nothing. */
    @Test
    void aLockedListIsTheOnlyOne() {
        BuildEnvironmentSpec asked = specWith("artifacts: [{path: app.jar}], reports: [{path: b.sarif}]");
        assertThat(crossed(asked, "locked: true")).isEmpty();
        assertThat(crossed(asked, "locked: true, artifacts: [{path: app.jar}]")).isEmpty();
        assertThat(crossed(asked, "artifacts: [{path: dist/**}]")).isEmpty();
        assertThat(crossed(asked, "locked: true, artifacts: [{path: dist/**}]"))
                .isEqualTo("spec.detection.artifacts: class strict locks this field to [dist/**]; leave it out, or use"
                        + " another class");
        assertThat(crossed(asked, "locked: true, reports: [{path: a.sarif}]")).startsWith("spec.detection.reports: ");
    }

    private static String crossed(BuildEnvironmentSpec asked, String byClass) {
        return ClassLimits.firstCrossed(asked, "strict", withLists(byClass))
                .map(Refusal::message)
                .orElse("");
    }

    private static BuildEnvironmentSpec specWith(String detection) {
        return Manifests.environment("spec: {image: a, command: [a], detection: {" + detection + "}}")
                .getSpec();
    }

    private static BuildEnvironmentClassSpec withLists(String detection) {
        return Serialization.unmarshal("spec: {detection: {" + detection + "}}", BuildEnvironmentClass.class)
                .getSpec();
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
