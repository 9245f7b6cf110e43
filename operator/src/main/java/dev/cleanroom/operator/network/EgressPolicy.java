package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.api.v1alpha1.EgressRule;
import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.pod.Names;
import dev.cleanroom.operator.pod.Phases;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRuleBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeerBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPortBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpec;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicySpecBuilder;
import java.util.ArrayList;
import java.util.List;

/**
 * Allows an environment's pods to reach what its egress list names for their phase. It selects them by state, so that
 * one change of a label closes their network. A suspect pod keeps its network while its evidence is collected. The policy
 * of the prepare steps also allows the fetch beacon: where that falls silent, this very policy no longer applies. The spec
 * contains every server-side default, so that the stored spec has the same hash.
 */
public final class EgressPolicy {
    private EgressPolicy() {}

    public static boolean isWanted(BuildEnvironment environment, Phase phase) {
        return switch (phase) {
            case Prepare -> Phases.areNamed(environment.getSpec());
            case Build -> !Phases.rules(environment.getSpec(), Phase.Build).isEmpty();
        };
    }

    /** @param operatorNamespace the namespace of the canaries */
    public static NetworkPolicy build(BuildEnvironment environment, Phase phase, String operatorNamespace) {
        String name = environment.getMetadata().getName();
        return new NetworkPolicyBuilder()
                .withNewMetadata()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(Names.egressPolicy(name, phase))
                .withLabels(Names.labels(environment, Names.COMPONENT_EGRESS))
                .withOwnerReferences(Names.owner(environment))
                .endMetadata()
                .withSpec(spec(environment, phase, operatorNamespace))
                .build();
    }

    public static NetworkPolicySpec spec(BuildEnvironment environment, Phase phase, String operatorNamespace) {
        return new NetworkPolicySpecBuilder()
                .withNewPodSelector()
                .addToMatchLabels(
                        CleanroomApi.ENVIRONMENT_LABEL,
                        environment.getMetadata().getName())
                .addNewMatchExpression()
                .withKey(CleanroomApi.STATE_LABEL)
                .withOperator("In")
                .withValues(states(phase))
                .endMatchExpression()
                .endPodSelector()
                .withPolicyTypes("Egress")
                .withEgress(egress(environment, phase, operatorNamespace))
                .build();
    }

    private static List<String> states(Phase phase) {
        return switch (phase) {
            case Prepare -> List.of(CleanroomApi.STATE_PREPARING);
            case Build -> List.of(CleanroomApi.STATE_ACTIVE, CleanroomApi.STATE_SUSPECT);
        };
    }

    private static List<NetworkPolicyEgressRule> egress(
            BuildEnvironment environment, Phase phase, String operatorNamespace) {
        List<NetworkPolicyEgressRule> egress = new ArrayList<>();
        if (phase == Phase.Prepare) {
            egress.add(BeaconPolicy.toCanaries(operatorNamespace, CleanroomApi.FETCH_BEACON_PORT));
        }
        Phases.rules(environment.getSpec(), phase).stream()
                .map(EgressPolicy::rule)
                .forEach(egress::add);
        return egress;
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
