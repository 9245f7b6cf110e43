package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TolerantSerializationTest {
    private static final String STORED = """
            {"apiVersion": "cleanroom.dev/v1alpha1", "kind": "BuildEnvironment", "metadata": {"name": "payments"},
             "spec": {"image": "registry.example.com/maven", "command": ["build"], "maxLifetime": "%s"},
             "status": {"slots": [{"slot": 0, "attempt": 7}]%s}}
            """;

    @Test
    void aSpecThatIsNotUnderstoodForgetsNoAttempt() {
        BuildEnvironment read = read("soon", "");
        assertThat(read.unreadable()).contains("spec.maxLifetime");
        assertThat(read.getSpec()).isNull();
        assertThat(read.getStatus().slots().getFirst().attempt()).isEqualTo(7);
    }

    @Test
    void aStatusOfANewerVersionIsReadByAnOlderOne() {
        BuildEnvironment read = read("4h", ", \"quarantinedReplicas\": 0");
        assertThat(read.unreadable()).isNull();
        assertThat(read.getStatus().slots().getFirst().attempt()).isEqualTo(7);
    }

    /** The spec is as good as it was; what was counted is not known, which is no reason to forget it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"lastRun\": {\"exitCode\": \"three\"}",
                "\"lastRun\": {\"finishTime\": \"yesterday\"}",
                "\"slots\": [{\"slot\": 0, \"attempt\": []}]"
            })
    void aStatusThatIsNotUnderstoodIsToldApartFromTheSpec(String field) {
        BuildEnvironment read = read("4h", ", " + field);
        assertThat(read.unreadableStatus()).startsWith("status.");
        assertThat(read.unreadable()).isNull();
        assertThat(read.getSpec()).isNotNull();
    }

    private static BuildEnvironment read(String lifetime, String moreStatus) {
        return TolerantSerialization.create().unmarshal(STORED.formatted(lifetime, moreStatus), BuildEnvironment.class);
    }
}
