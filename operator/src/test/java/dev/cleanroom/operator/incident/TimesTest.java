package dev.cleanroom.operator.incident;

import static dev.cleanroom.operator.incident.Suspects.QUARANTINE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentStatus.TimelineEntry;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Comparator;
import org.junit.jupiter.api.Test;

/** A timeline says when things happened, as the API server knows it, and not when the operator came to record them. */
@LabTest
class TimesTest extends WithSuspects {
    @Test
    void eachStepHasTheTimeAtWhichItHappened() {
        suspects.run(Manifests.agent("agents", "standard", 1));
        String name = suspects.quarantine("agents-0-1");
        Pod held = suspects.awaitState("agents-0-1", "quarantined");
        incidents.awaitCondition(name, "Rebuilt", "True", "Replaced");
        Pod clean = environments.pod("agents-0-2");
        incidents.resolve(name, "FalsePositive", "");
        incidents.await(name, it -> assertThat(entry(it, "Released").detail()).endsWith(" (observed)"));

        BuildIncident incident = incidents.get(name);
        assertThat(entry(incident, "Opened").time())
                .isEqualTo(incident.getMetadata().getCreationTimestamp());
        assertThat(entry(incident, "Isolated").time())
                .as("when it was annotated, which is the write that moved its state")
                .isEqualTo(written(held, "f:" + QUARANTINE));
        assertThat(entry(incident, "Replaced").time())
                .isEqualTo(clean.getMetadata().getCreationTimestamp());
        assertThat(entry(incident, "Closed").time()).isEqualTo(written(incident, "f:resolution"));
        assertThat(incident.getStatus().timeline())
                .filteredOn(entry -> !entry.step().equals("Released"))
                .allSatisfy(entry -> assertThat(entry.detail()).doesNotContain("(observed)"));
        assertThat(incident.getStatus().timeline())
                .extracting(TimelineEntry::time)
                .isSortedAccordingTo(Comparator.comparing(Instant::parse));
    }

    /** The operator's next write, which makes the pod the incident's, must not pass for it. */
    @Test
    void soHasAFlipOfTheOperatorsOwn() {
        lab.withdrawMutatingQuarantine();
        suspects.run(Manifests.agent("agents", "standard", 1));
        String name = suspects.quarantine("agents-0-1");
        incidents.awaitCondition(name, "Isolated", "True", "Quarantined");

        Pod held = environments.pod("agents-0-1");
        assertThat(held.getMetadata().getManagedFields())
                .filteredOn(entry -> entry.getManager().equals("cleanroom-containment"))
                .singleElement()
                .extracting(ManagedFieldsEntry::getTime)
                .isEqualTo(entry(incidents.get(name), "Isolated").time());
    }

    private static TimelineEntry entry(BuildIncident incident, String step) {
        return incident.getStatus().timeline().stream()
                .filter(entry -> entry.step().equals(step))
                .findFirst()
                .orElseThrow(() ->
                        new AssertionError(step + " of " + incident.getStatus().timeline()));
    }

    private static String written(HasMetadata object, String field) {
        return object.getMetadata().getManagedFields().stream()
                .filter(entry -> String.valueOf(entry.getFieldsV1()).contains(field))
                .map(ManagedFieldsEntry::getTime)
                .findFirst()
                .orElseThrow();
    }
}
