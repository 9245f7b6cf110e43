package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/** What a platform team allows: defaults, and limits that a BuildEnvironment cannot exceed. */
@Group(CleanroomApi.GROUP)
@Version(CleanroomApi.VERSION)
@Plural("buildenvironmentclasses")
@ShortNames("benvclass")
@Categories("cleanroom")
@JsonClassDescription("What a platform team allows: defaults, and limits that a BuildEnvironment cannot exceed.")
@AdditionalPrinterColumn(
        name = "Default",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".metadata.annotations.cleanroom\\.dev/is-default-class")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class BuildEnvironmentClass extends CustomResource<BuildEnvironmentClassSpec, BuildEnvironmentClassStatus> {
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
