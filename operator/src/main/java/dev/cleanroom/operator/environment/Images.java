package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.PullSecret;
import dev.cleanroom.operator.environment.acceptance.Acceptance;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.ImageTrust;
import dev.cleanroom.operator.trust.policy.PolicySet;
import dev.cleanroom.operator.trust.policy.PolicySets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The decisions on an environment's images: those that are there, and a wake-up for the others. */
final class Images {
    private final ImageTrust trust;
    private final PolicySets policies = new PolicySets();

    Images(ImageTrust trust) {
        this.trust = trust;
    }

    Map<String, ImageDecision> decisions(BuildEnvironment environment, Known known) {
        Map<String, ImageDecision> decided = new LinkedHashMap<>();
        if (environment.getSpec() == null) {
            return decided;
        }
        PolicySet now = policies.of(known.trustPolicies(), known.configMaps());
        Acceptance.imagesOf(environment).forEach(reference -> {
            CompletableFuture<ImageDecision> decision = trust.decide(request(environment, reference, now));
            if (decision.isDone()) {
                decided.put(reference, decision.join());
            } else {
                // Never exceptional by contract, so nothing is lost by not keeping what this returns.
                CompletableFuture<ImageDecision> unused =
                        decision.whenComplete((outcome, error) -> known.wake(environment));
            }
        });
        return decided;
    }

    private static ImageRequest request(BuildEnvironment environment, String reference, PolicySet policies) {
        BuildEnvironmentSpec spec = environment.getSpec();
        List<PullSecret> secrets = spec.imagePullSecrets() == null ? List.of() : spec.imagePullSecrets();
        return new ImageRequest(
                reference,
                spec.platform(),
                new ImageRequest.Tenant(
                        environment.getMetadata().getNamespace(),
                        secrets.stream().map(PullSecret::name).toList()),
                policies);
    }
}
