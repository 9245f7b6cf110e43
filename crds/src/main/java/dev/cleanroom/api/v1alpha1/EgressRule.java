package dev.cleanroom.api.v1alpha1;

import io.fabric8.kubernetes.api.model.LabelSelector;
import java.util.List;

public record EgressRule(
        String name,
        String cidr,
        LabelSelector podSelector,
        LabelSelector namespaceSelector,
        List<Integer> ports,
        List<Hostname> hostnames) {
    public record Hostname(String name, String address) {}
}
