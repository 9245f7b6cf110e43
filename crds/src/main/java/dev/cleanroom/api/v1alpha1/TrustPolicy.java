package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnore;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;
import org.jspecify.annotations.Nullable;

/**
 * Which images may run: every policy whose pattern matches an image must accept it, and an image that one policy
 * denies runs nowhere.
 */
@Group(CleanroomApi.GROUP)
@Version(CleanroomApi.VERSION)
@Plural("trustpolicies")
@ShortNames("tpol")
@Categories("cleanroom")
@JsonClassDescription("Which images may run: every policy whose pattern matches an image must accept it, and an"
        + " image that one policy denies runs nowhere. An image that no policy matches does not run.")
@ValidationRule(
        value = "self.metadata.name != '" + CleanroomApi.DENIED_POLICY + "' || !has(self.spec.authorities)",
        fieldPath = ".metadata.name",
        message = "must not be " + CleanroomApi.DENIED_POLICY + " in a policy with authorities: the policy of that"
                + " name contains the images that responders deny, and only denies")
@AdditionalPrinterColumn(
        name = "Ready",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(
        name = "Reason",
        type = AdditionalPrinterColumn.Type.STRING,
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
        name = "Rejects",
        type = AdditionalPrinterColumn.Type.INTEGER,
        jsonPath = ".status.rejectedEnvironments")
@AdditionalPrinterColumn(name = "Images", type = AdditionalPrinterColumn.Type.STRING, jsonPath = ".spec.images")
@AdditionalPrinterColumn(
        name = "Age",
        type = AdditionalPrinterColumn.Type.DATE,
        jsonPath = ".metadata.creationTimestamp")
public class TrustPolicy extends CustomResource<TrustPolicySpec, TrustPolicyStatus> {
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
