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

/** What a team asks for: hardened, ephemeral build pods of one image, which reach only what is listed. */
@Group(CleanroomApi.GROUP)
@Version(CleanroomApi.VERSION)
@ShortNames("benv")
@Categories("cleanroom")
@JsonClassDescription(
        "What a team asks for: hardened, ephemeral build pods of one image, which reach only what is listed.")
@ValidationRule(
        value = "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?$')",
        fieldPath = ".metadata.name",
        message = "must be at most 40 lower-case letters, digits or '-', without '.', because the names of pods"
                + " and policies begin with it")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Image",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.image.shortDigest",
        getDescription = "The digest that runs, shortened")
@AdditionalPrinterColumn(
        name = "Replicas",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.readyReplicas",
        getDescription = "Pods that have started their build")
@AdditionalPrinterColumn(
        name = "Quarantined",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.quarantinedReplicas",
        getDescription = "Pods under investigation")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
@AdditionalPrinterColumn(
        name = "Verified",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".status.conditions[?(@.type==\"ImageVerified\")].status")
@AdditionalPrinterColumn(
        name = "Network",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".status.conditions[?(@.type==\"NetworkEnforced\")].reason",
        getDescription = "Whether network policies are enforced, as the gate measured it")
@AdditionalPrinterColumn(
        name = "Class",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1,
        jsonPath = ".status.className")
public class BuildEnvironment extends CustomResource<BuildEnvironmentSpec, BuildEnvironmentStatus>
        implements Namespaced {
    @JsonIgnore
    private transient @Nullable String unreadable;

    @JsonIgnore
    private transient @Nullable String unreadableStatus;

    /** Why the stored object could not be read as this type, with the path; null if it could. */
    public @Nullable String unreadable() {
        return unreadable;
    }

    /** Why the stored status could not be read, with the path; what was counted is then not known. */
    public @Nullable String unreadableStatus() {
        return unreadableStatus;
    }

    public void markStatusUnreadable(String why) {
        this.unreadableStatus = why;
    }

    public void markUnreadable(String why) {
        this.unreadable = why;
    }
}
