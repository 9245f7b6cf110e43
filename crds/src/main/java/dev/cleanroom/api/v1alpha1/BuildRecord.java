package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run was made of and what it tried. The operator creates it once, when the run has ended, and nobody changes it.
 * It has no spec, because nobody asks for it, and no status, because it is all that was observed.
 */
@Group(CleanroomApi.GROUP)
@Version(CleanroomApi.VERSION)
@ShortNames("record")
@Categories("cleanroom")
@JsonClassDescription("What one run was made of and what it tried. Only the operator writes it.")
@AdditionalPrinterColumn(name = "Pod", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".observed.pod.name")
@AdditionalPrinterColumn(
        name = "Exit",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".observed.exitCode",
        getDescription = "The exit code of the step that ended the run")
@AdditionalPrinterColumn(
        name = "Observed",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".observed.observation.outcome",
        getDescription = "Whether all of the run was observed: Complete, Partial or Unobserved")
@AdditionalPrinterColumn(
        name = "Dependencies",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".observed.dependencies.count",
        getDescription = "How many different dependencies the lockfiles of the workspace name")
@AdditionalPrinterColumn(
        name = "New",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".newDependencies",
        getDescription = "How many of the dependencies the known-good run did not have in this version")
@AdditionalPrinterColumn(
        name = "Findings",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".findingsSummary",
        getDescription = "The highest severity of the findings, and how many there are")
@AdditionalPrinterColumn(
        name = "Verdict",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".verdict",
        getDescription = "How the run was judged: Clean, Learning, Open, Partial or Unobserved")
@AdditionalPrinterColumn(
        name = "Denied",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1,
        jsonPath = ".observed.network.denied",
        getDescription = "How many different names and addresses the run asked for without an answer")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class BuildRecord extends CustomResource<Void, Void> implements Namespaced {
    @Required
    private @Nullable BuildRecordObserved observed;

    @JsonPropertyDescription(
            "How the run was judged. Absent for an agent, and for a run without inputs, because nothing of it is judged.")
    private @Nullable Verdict verdict;

    @JsonPropertyDescription("Why the verdict is Partial or Unobserved, and what to do.")
    private @Nullable @Text(TextKind.SHORT) String verdictMessage;

    @JsonPropertyDescription("What was found, the highest severity first. The first 50.")
    @Size(max = 50) @ListKeys("key")
    private @Nullable List<Finding> findings;

    @JsonPropertyDescription("How many findings the list leaves out. Absent if it leaves none out.")
    @Min(0) private @Nullable Integer findingsOmitted;

    @JsonPropertyDescription(
            "The highest severity of all findings and how many there are, as in High (2); None if there are none.")
    private @Nullable @Text(TextKind.SHORT) String findingsSummary;

    @JsonPropertyDescription(
            "The record of the known-good run with which this run was compared. Absent if it was compared with none.")
    private @Nullable @Text(TextKind.SHORT) String comparedWith;

    @JsonPropertyDescription(
            "How many of the dependencies the known-good run did not have in this version. Absent if that is not known.")
    @Min(0) private @Nullable Integer newDependencies;

    /** Null if the object was read for its metadata alone, or could not be read. */
    public @Nullable BuildRecordObserved getObserved() {
        return observed;
    }

    public void setObserved(@Nullable BuildRecordObserved observed) {
        this.observed = observed;
    }

    public @Nullable Verdict getVerdict() {
        return verdict;
    }

    public void setVerdict(@Nullable Verdict verdict) {
        this.verdict = verdict;
    }

    public @Nullable String getVerdictMessage() {
        return verdictMessage;
    }

    public void setVerdictMessage(@Nullable String verdictMessage) {
        this.verdictMessage = verdictMessage;
    }

    public @Nullable List<Finding> getFindings() {
        return findings;
    }

    public void setFindings(@Nullable List<Finding> findings) {
        this.findings = findings;
    }

    public @Nullable Integer getFindingsOmitted() {
        return findingsOmitted;
    }

    public void setFindingsOmitted(@Nullable Integer findingsOmitted) {
        this.findingsOmitted = findingsOmitted;
    }

    public @Nullable String getFindingsSummary() {
        return findingsSummary;
    }

    public void setFindingsSummary(@Nullable String findingsSummary) {
        this.findingsSummary = findingsSummary;
    }

    public @Nullable String getComparedWith() {
        return comparedWith;
    }

    public void setComparedWith(@Nullable String comparedWith) {
        this.comparedWith = comparedWith;
    }

    public @Nullable Integer getNewDependencies() {
        return newDependencies;
    }

    public void setNewDependencies(@Nullable Integer newDependencies) {
        this.newDependencies = newDependencies;
    }
}
