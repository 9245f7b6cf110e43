package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.Required;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
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
        jsonPath = ".observed.observation.outcome",
        getDescription = "Whether all of the run was observed: Complete, Partial or Unobserved")
@AdditionalPrinterColumn(
        name = "Dependencies",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".observed.dependencies.count",
        getDescription = "How many different dependencies the lockfiles of the workspace name")
@AdditionalPrinterColumn(
        name = "Denied",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".observed.network.denied",
        getDescription = "How many different names and addresses the run asked for without an answer")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class BuildRecord extends CustomResource<Void, Void> implements Namespaced {
    @Required
    private @Nullable BuildRecordObserved observed;

    /** Null if the object was read for its metadata alone, or could not be read. */
    public @Nullable BuildRecordObserved getObserved() {
        return observed;
    }

    public void setObserved(@Nullable BuildRecordObserved observed) {
        this.observed = observed;
    }
}
