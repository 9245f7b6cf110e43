package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** One suspected compromise of one pod: what was done about it, in order, and how it ended. */
@Group(CleanroomApi.GROUP)
@Version(CleanroomApi.VERSION)
@ShortNames({"binc", "incident"})
@Categories("cleanroom")
@JsonClassDescription("One suspected compromise of one pod: what was done about it, in order, and how it ended.")
@ValidationRule(
        value = "self.metadata.name == self.spec.subject.name + '-' + self.spec.subject.uid.substring(0, 8)",
        fieldPath = ".metadata.name",
        message = "must be the pod's name, '-', and the first 8 characters of its uid, so that a pod has only"
                + " one incident")
@AdditionalPrinterColumn(name = "Subject", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.subject.name")
@AdditionalPrinterColumn(name = "Reason", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.trigger.reason")
@AdditionalPrinterColumn(
        name = "Isolated",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Isolated\")].status")
@AdditionalPrinterColumn(
        name = "Volumes",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"VolumesSnapshotted\")].reason",
        getDescription = "Whether the snapshots of the volumes are requested, cut or ready, or why there are none")
@AdditionalPrinterColumn(
        name = "Rebuilt",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Rebuilt\")].reason")
@AdditionalPrinterColumn(
        name = "Closed",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Closed\")].status")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class BuildIncident extends CustomResource<BuildIncidentSpec, BuildIncidentStatus> implements Namespaced {
    @JsonIgnore
    private transient @Nullable String unreadable;

    /** Why the stored object could not be read as this type, with the path; null if it could. */
    public @Nullable String unreadable() {
        return unreadable;
    }

    public void markUnreadable(String why) {
        this.unreadable = why;
    }
}
