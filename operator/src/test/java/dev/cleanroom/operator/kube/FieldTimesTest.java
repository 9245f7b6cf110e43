package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FieldTimesTest {
    private static final String STATE = "cleanroom.dev/state";

    private static FieldTimes of(String managedFields) throws JsonProcessingException {
        return FieldTimes.of(new ObjectMapper().readTree("{\"metadata\": {\"managedFields\": " + managedFields + "}}"));
    }

    private static String entry(String manager, String time, String label) {
        return """
                {"manager": "%s", "operation": "Update", "time": "%s",
                 "fieldsV1": {"f:metadata": {"f:labels": {"f:%s": {}}}}}""".formatted(manager, time, label);
    }

    @Test
    void aFieldWasWrittenWhenItsLastManagerWrote() throws JsonProcessingException {
        FieldTimes times = of("[" + entry("a", "2026-01-01T00:00:01Z", STATE) + ","
                + entry("b", "2026-01-01T00:00:09Z", STATE) + "," + entry("c", "2026-01-01T00:01:00Z", "other") + "]");
        assertThat(times.of("metadata", "labels", STATE)).contains(Instant.parse("2026-01-01T00:00:09Z"));
        assertThat(times.by("a").of("metadata", "labels", STATE)).contains(Instant.parse("2026-01-01T00:00:01Z"));
        assertThat(times.by("c").of("metadata", "labels", STATE)).isEmpty();
        assertThat(times.of("metadata", "annotations", STATE)).isEmpty();
    }

    @Test
    void whatSaysNoTimeIsNotKnown() throws JsonProcessingException {
        assertThat(of("[" + entry("a", "yesterday", STATE) + ", {}, 7]").of("metadata", "labels", STATE))
                .isEmpty();
        assertThat(of("null").of("metadata")).isEmpty();
        assertThat(FieldTimes.UNKNOWN.of("metadata")).isEmpty();
    }
}
