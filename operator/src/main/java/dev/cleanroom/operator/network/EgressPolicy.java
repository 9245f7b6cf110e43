package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.EgressRule;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import java.util.List;

/**
 * Allows an environment's pods to reach what its egress list names. It selects them by state, so that one change of a
 * label closes their network. A suspect pod keeps its network while its evidence is collected. The spec contains every
 * server-side default, so that the stored spec has the same hash.
 */
public final class EgressPolicy {
    private EgressPolicy() {}

    public static boolean isWanted(BuildEnvironment environment) {
        return !rules(environment).isEmpty();
    }

    private static List<EgressRule> rules(BuildEnvironment environment) {
        List<EgressRule> egress = environment.getSpec().egress();
        return egress == null ? List.of() : egress;
    }

    public static NetworkPolicy build(BuildEnvironment environment) {
        String name = environment.getMetadata().getName();
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(Names.egressPolicy(name))
                .withLabels(Names.labels(environment, Names.COMPONENT_EGRESS))
                .withOwnerReferences(Names.owner(environment))
                .endMetadata()
                .withSpec(spec(environment))
                .build();
    }

    public static NetworkPolicySpec spec(BuildEnvironment environment) {
        return new NetworkPolicySpecBuilder()
                .withNewPodSelector()
                .addToMatchLabels(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        environment.getMetadata().getName())
                .addNewMatchExpression()
                .withKey(CleanroomApi.STATE_LABEL)
                .withOperator("In")
                .withValues(CleanroomApi.STATE_ACTIVE, CleanroomApi.STATE_SUSPECT)
                .endMatchExpression()
                .endPodSelector()
                .withPolicyTypes("Egress")
                .withEgress(rules(environment).stream().map(EgressPolicy::rule).toList())
                .build();
    }

    private static NetworkPolicyEgressRule rule(EgressRule rule) {
        var peer = new NetworkPolicyPeerBuilder();
        if (rule.cidr() != null) {
            peer.withNewIpBlock().withCidr(rule.cidr()).endIpBlock();
        } else {
            peer.withPodSelector(rule.podSelector()).withNamespaceSelector(rule.namespaceSelector());
        }
        return new NetworkPolicyEgressRuleBuilder()
                .withTo(peer.build())
                .withPorts(rule.ports().stream()
                        .map(port -> new NetworkPolicyPortBuilder()
                                .withProtocol("TCP")
                                .withNewPort(port)
                                .build())
                        .toList())
                .build();
    }
}
