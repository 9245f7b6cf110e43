package dev.cleanroom.operator.bench;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.environment.decide.EnvironmentDecision;
import dev.cleanroom.operator.environment.model.ImageDecisions;
import dev.cleanroom.operator.environment.model.Observed;
import dev.cleanroom.operator.environment.model.Owned;
import dev.cleanroom.operator.environment.model.RunRecords;
import dev.cleanroom.operator.environment.model.StatusTiming;
import dev.cleanroom.operator.environment.model.Surroundings;
import dev.cleanroom.operator.environment.model.Surroundings.DenyAll;
import dev.cleanroom.operator.environment.model.Surroundings.Network;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.kube.plan.Plan;
import dev.cleanroom.operator.kube.plan.Write;
import dev.cleanroom.operator.lab.LabCluster;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.network.Canaries;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.PinnedByDigest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The requests for one environment, made once by the operator's own decision, into which names and uids are filled:
 * what a bare client writes is byte for byte what the operator writes.
 */
record Template(String environment, String policy, String pod) {
    private static final String NAME = "name-of-an-environment";
    private static final String UID = "uid-of-an-environment";

    /** @param spec as in {@link Specs} */
    static Template of(KubernetesClient admin, String namespace, String spec) {
        BuildEnvironment written = Specs.environment(NAME, spec);
        written.getMetadata().setNamespace(namespace);
        // The decision sees what is stored: with the API's defaults.
        BuildEnvironment stored = admin.resource(written).dryRun().create();
        stored.getMetadata().setUid(UID);
        Plan plan = EnvironmentDecision.decide(observed(admin, stored), Instant.now());
        return new Template(
                Serialization.asJson(written), json(plan, Resource.NETWORK_POLICY), json(plan, Resource.POD));
    }

    String environment(String name) {
        return environment.replace(NAME, name);
    }

    String policy(String name, String uid) {
        return policy.replace(NAME, name).replace(UID, uid);
    }

    String pod(String name, String uid) {
        return pod.replace(NAME, name).replace(UID, uid);
    }

    private static Observed observed(KubernetesClient admin, BuildEnvironment stored) {
        Map<String, ImageDecision> images = new LinkedHashMap<>();
        Acceptance.imagesOf(stored, Manifests.TOOLS_IMAGE)
                .forEach(image -> images.put(image, PinnedByDigest.decision(image)));
        var surroundings = new Surroundings(
                Optional.of(Map.of()),
                admin.resources(BuildEnvironmentClass.class).list().getItems(),
                new ImageDecisions(images, Map.of(), Manifests.TOOLS_IMAGE),
                new Network(
                        DenyAll.STORED,
                        true,
                        new Canaries(LabCluster.OPERATOR_NAMESPACE, List.of("10.128.0.1", "10.128.0.2")),
                        List.of()),
                true,
                Set.of(),
                false,
                Optional.empty());
        return new Observed(
                stored,
                surroundings,
                new Owned(List.of(), Map.of(), Optional.empty(), List.of(), Set.of(), Map.of(), RunRecords.NONE),
                List.of(),
                new StatusTiming(Optional.empty(), false));
    }

    private static String json(Plan plan, Resource resource) {
        return plan.writes().stream()
                .<Write.Create>mapMulti((write, creates) -> {
                    if (write instanceof Write.Create create && create.target().resource() == resource) {
                        creates.accept(create);
                    }
                })
                .map(create -> Serialization.asJson(create.object()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no " + resource + " in " + plan));
    }
}
