package dev.cleanroom.operator.trustpolicy;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.OperatorProcess;
import io.fabric8.kubernetes.client.utils.Serialization;

/** An environment of one agent, an operator that watches it, and the policies that match its image. */
final class AgentUnderPolicies {
    static final String NODE = "registry.example.com/builders/node";
    static final String AGENT = """
            apiVersion: cleanroom.dev/v1alpha1
            kind: BuildEnvironment
            metadata: {name: web}
            spec:
              className: standard
              image: %s:22
              command: [node, --version]
              onExit: Replace
            """.formatted(NODE);

    private AgentUnderPolicies() {}

    /** The operator runs; the environment does not exist yet. */
    static Environments start(Lab lab) {
        Environments environments = lab.environments(lab.namespace());
        operator(lab, environments);
        return environments;
    }

    static OperatorProcess operator(Lab lab, Environments environments) {
        return lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
    }

    /** It is deleted when the test ends, since policies match images in every namespace. */
    static void policy(Lab lab, String name, String spec) {
        lab.admin().resource(trustPolicy(name, spec)).create();
        lab.onClose(() -> lab.admin()
                .resources(TrustPolicy.class)
                .withName(name)
                .withGracePeriod(0)
                .delete());
    }

    /** @param spec YAML of the spec */
    static TrustPolicy trustPolicy(String name, String spec) {
        return Serialization.unmarshal(
                "apiVersion: cleanroom.dev/v1alpha1\nkind: TrustPolicy\nmetadata: {name: " + name + "}\nspec:\n"
                        + spec.indent(2),
                TrustPolicy.class);
    }
}
