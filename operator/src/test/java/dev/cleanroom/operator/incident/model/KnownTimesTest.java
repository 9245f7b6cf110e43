package dev.cleanroom.operator.incident.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cleanroom.operator.kube.FieldTimes;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Admission moves a state without a trace in managedFields, so that the last trace may be of another move. */
class KnownTimesTest {
    private static final Instant FIRST = Instant.parse("2026-01-01T00:00:01Z");
    private static final Instant LATER = Instant.parse("2026-01-01T00:00:09Z");

    @Test
    void theStepToActiveIsNotTheQuarantineThatFollowed() throws JsonProcessingException {
        assertThat(KnownTimes.isolated(answeredByAdmission(), times(FIRST, LATER)))
                .contains(LATER);
    }

    @Test
    void theOperatorsFlipOfASuspectIsTheQuarantine() throws JsonProcessingException {
        assertThat(KnownTimes.isolated(answeredByAdmission(), times(LATER, FIRST)))
                .contains(LATER);
    }

    @Test
    void soIsOneThatAnsweredTheAnnotation() throws JsonProcessingException {
        assertThat(KnownTimes.isolated(
                        new PodBuilder().withNewMetadata().endMetadata().build(), times(LATER, FIRST)))
                .contains(LATER);
    }

    private static Pod answeredByAdmission() {
        return new PodBuilder()
                .withNewMetadata()
                .addToAnnotations("cleanroom.dev/quarantined-by", "anna")
                .endMetadata()
                .build();
    }

    private static FieldTimes times(Instant state, Instant annotation) throws JsonProcessingException {
        return FieldTimes.of(new ObjectMapper().readTree("""
                {"metadata": {"managedFields": [
                  {"manager": "cleanroom-containment", "operation": "Update", "time": "%s",
                   "fieldsV1": {"f:metadata": {"f:labels": {"f:cleanroom.dev/state": {}}}}},
                  {"manager": "kubectl-annotate", "operation": "Update", "time": "%s",
                   "fieldsV1": {"f:metadata": {"f:annotations": {"f:cleanroom.dev/quarantine": {}}}}}]}}
                """.formatted(state, annotation)));
    }
}
