package dev.cleanroom.operator.trustpolicy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.Policies;
import dev.cleanroom.operator.trust.sigstore.PrivateSigstore;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A change of a policy: its status says how many environments it rejects, each of these is told, and starts no new pod. */
@LabTest
class RejectedEnvironmentsTest {
    private static final List<String> NAMES = List.of("one", "two", "three");

    private static TrustPolicy policy(String name, String key) {
        return AgentUnderPolicies.trustPolicy(
                name, "images: [%s]\nauthorities: [%s]".formatted(AgentUnderPolicies.NODE, key));
    }

    private static void awaitRejected(Lab lab, String policy, long generation, int environments) {
        Environments.until(
                policy + " to reject " + environments,
                () -> assertThat(lab.admin()
                                .resources(TrustPolicy.class)
                                .withName(policy)
                                .get()
                                .getStatus())
                        .satisfies(status ->
                                assertThat(status.observedGeneration()).isEqualTo(generation))
                        .satisfies(status ->
                                assertThat(status.rejectedEnvironments()).isEqualTo(environments)));
    }

    @Test
    void aStrangersKeyRejectsAllThreeAndTheRightOneNone(Lab lab) {
        Environments environments = lab.environments(lab.namespace());
        lab.operator(lab.operatorKubeconfig(), "--namespaces", environments.namespace(), "--leader-elect=false");
        String releaseKey = "{name: release, key: {configMapRef: {name: builders-key, key: cosign.pub}}}";
        String strangersKey = Policies.byKey(
                "release",
                PrivateSigstore.pem(
                        "PUBLIC KEY",
                        PrivateSigstore.ec("secp256r1").getPublic().getEncoded()));
        String name = lab.unique("p");
        lab.admin().resource(policy(name, releaseKey)).create();
        lab.onClose(
                () -> lab.admin().resources(TrustPolicy.class).withName(name).delete());
        NAMES.forEach(environment -> environments.create(Manifests.environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  className: standard
                  image: registry.example.com/builders/node:22
                  command: [node, --version]
                  onExit: Replace
                """.formatted(environment))));
        NAMES.forEach(environment -> environments.awaitCondition(environment, "Ready", "True", "Running"));
        awaitRejected(lab, name, 1, 0);

        lab.admin().resource(policy(name, strangersKey)).update();
        awaitRejected(lab, name, 2, 3);
        NAMES.forEach(environment -> {
            environments.awaitCondition(environment, "ImageVerified", "False", "SignatureInvalid");
            environments.annotatePod(
                    environment + "-0-1",
                    Map.of("lab.cleanroom.dev/exit-code", "0", "lab.cleanroom.dev/exit-after", "1s"));
        });
        NAMES.forEach(environment -> {
            environments.await(
                    environment,
                    told -> assertThat(told.getStatus().slots())
                            .anySatisfy(slot -> assertThat(slot.attempt()).isEqualTo(2)));
            environments.awaitPods(environment);
        });

        lab.admin().resource(policy(name, releaseKey)).update();
        awaitRejected(lab, name, 3, 0);
        NAMES.forEach(environment -> environments.awaitPods(environment, environment + "-0-2"));
    }
}
