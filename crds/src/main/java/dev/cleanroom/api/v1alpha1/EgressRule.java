package dev.cleanroom.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.cleanroom.api.schema.ListKeys;
import dev.cleanroom.api.schema.Text;
import dev.cleanroom.api.schema.TextKind;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One destination: a network, or pods. */
@JsonClassDescription("A destination that the pods may open TCP connections to.")
@ValidationRule(
        value = "has(self.cidr) != (has(self.podSelector) || has(self.namespaceSelector))",
        message = "needs either cidr, or podSelector and/or namespaceSelector")
@ValidationRule(
        value = "!has(self.hostnames) || has(self.cidr)",
        fieldPath = ".hostnames",
        message = "hostnames need a cidr that contains their addresses")
@ValidationRule(
        value = "!has(self.hostnames) || !has(self.cidr) || !isCIDR(self.cidr)"
                + " || self.hostnames.all(h, !isIP(h.address) || cidr(self.cidr).containsIP(h.address))",
        fieldPath = ".hostnames",
        message = "every address must be inside the cidr of the same rule")
@ValidationRule(
        value = "!self.ports.exists(p, p >= " + CleanroomApi.BEACON_PORT + " && p <= " + CleanroomApi.FETCH_BEACON_PORT
                + ")",
        fieldPath = ".ports",
        message = "ports 7801 to 7803 are those of the canaries, which prove that network policies are enforced: use"
                + " another port")
public record EgressRule(
        @JsonPropertyDescription("Name of the destination, for messages.") @Required @Text(TextKind.DNS_LABEL)
        String name,

        @JsonPropertyDescription("The destination as a network, such as 10.20.0.0/16.") @Nullable @Text(TextKind.CIDR)
        String cidr,

        @JsonPropertyDescription(
                "The destination as pods: those of the environment's namespace, or of the namespaces that"
                        + " namespaceSelector selects.")
        @Nullable LabelSelector podSelector,

        @JsonPropertyDescription(
                "The destination as namespaces: all their pods, or those that podSelector" + " selects.")
        @Nullable LabelSelector namespaceSelector,

        @JsonPropertyDescription("TCP ports, 1 to 65535.") @Required @Size(min = 1, max = 32) @ListKeys
        List<@Min(1) @Max(65_535) Integer> ports,

        @JsonPropertyDescription(
                "Names for addresses in the cidr, resolved by the pods' hosts file, because DNS stays closed. A"
                        + " change reaches new pods only and replaces no pod.")
        @Size(max = 32) @ListKeys("name")
        @Nullable List<Hostname> hostnames,

        @JsonPropertyDescription(
                "When the rule applies: Prepare, while the prepare steps run; Build, while the build runs. When absent,"
                        + " both. If a rule or identity names phases, the build does not start until no connection"
                        + " can be opened any more by a rule for Prepare alone.")
        @Size(min = 1, max = 2) @ListKeys
        @Nullable List<Phase> phases) {
    @JsonClassDescription("A name that the pods' hosts file resolves.")
    public record Hostname(
            @JsonPropertyDescription("The name, such as repo.example.com.") @Required @Text(TextKind.DNS_NAME)
            String name,

            @JsonPropertyDescription("Its address, inside the cidr of the rule.") @Required @Text(TextKind.IP)
            String address) {}
}
