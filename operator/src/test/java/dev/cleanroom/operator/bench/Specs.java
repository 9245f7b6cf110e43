package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Manifests;
import io.fabric8.kubernetes.client.utils.Serialization;

/** What the benchmarks' environments are. */
final class Specs {
    /** One pod and one policy. */
    static final String WITH_EGRESS = """
              image: %s
              command: [mvn, --batch-mode, verify]
              env: [{name: MAVEN_OPTS, value: -Xmx1g}]
              egress:
                - {name: store, cidr: 192.0.2.0/24, ports: [443], hostnames: [{name: repo.example.com, address: 192.0.2.7}]}
            """.formatted(Manifests.IMAGE);

    /** Two policies, and the step from one phase to the next. */
    static final String WITH_PHASES = WITH_EGRESS + """
                - {name: mirror, cidr: 198.51.100.0/24, ports: [443], phases: [Prepare]}
              prepare: [{name: fetch, image: %s, command: [mvn, dependency:go-offline]}]
            """.formatted(Manifests.IMAGE);

    static final String THREE_REPLICAS = WITH_EGRESS + """
              onExit: Replace
              replicas: 3
            """;

    private Specs() {}

    /** A pool whose quarantined pods are not replaced. */
    static String manyAgents(int replicas) {
        return WITH_EGRESS + """
                  onExit: Replace
                  replicas: %d
                  response: {rebuild: Manual}
                """.formatted(replicas);
    }

    static String withIdentity(String className) {
        return WITH_EGRESS + """
                  className: %s
                  identity: {audiences: [sts.example.com]}
                """.formatted(className);
    }

    static BuildEnvironment environment(String name, String spec) {
        return Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                """.formatted(name) + spec.indent(2));
    }

    static String json(String name, String spec) {
        return Serialization.asJson(environment(name, spec));
    }
}
