package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The images of an environment with a pod under suspicion are asked for with that in the question (I5). */
class AfreshImagesTest {
    private final List<ImageRequest> asked = new ArrayList<>();
    private final Images images = new Images(request -> {
        asked.add(request);
        return CompletableFuture.completedFuture(new ImageDecision.Unresolved("Unreachable", "nobody answers"));
    });

    private Collection<ImageDecision> decisions(Set<String> suspects) {
        BuildEnvironment environment = Manifests.agent("agents", "standard", 1);
        environment.getMetadata().setNamespace("team");
        environment.getMetadata().setUid("uid-1");
        return images.decisions(environment, suspects, new NothingKnown())
                .byReference()
                .values();
    }

    @Test
    void everyImageIsAskedForWithTheSuspectsThatAreKnown() {
        decisions(Set.of("pod-1"));
        assertThat(asked)
                .extracting(ImageRequest::reference)
                .containsExactlyInAnyOrder(Manifests.IMAGE, Manifests.TOOLS_IMAGE);
        assertThat(asked).extracting(ImageRequest::suspects).containsOnly(Set.of("pod-1"));
    }

    @Test
    void aRegistryThatDoesNotAnswerDecidesNothingAndTheMessageSaysWhatThatMeans() {
        assertThat(decisions(Set.of("pod-1")))
                .containsOnly(new ImageDecision.Unresolved(
                        "Unreachable",
                        "nobody answers. After an incident no earlier answer counts, so no pod is created until the image is"
                                + " verified again"));
        assertThat(decisions(Set.of())).containsOnly(new ImageDecision.Unresolved("Unreachable", "nobody answers"));
    }

    private static final class NothingKnown implements Known {
        @Override
        public Collection<Pod> pods(BuildEnvironment environment) {
            return List.of();
        }

        @Override
        public Stream<Pod> allPods() {
            return Stream.of();
        }

        @Override
        public Optional<NetworkPolicy> policy(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public List<NetworkPolicy> foreignPolicies(String namespace) {
            return List.of();
        }

        @Override
        public Optional<ServiceAccount> account(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Collection<BuildIncident> incidents(BuildEnvironment environment) {
            return List.of();
        }

        @Override
        public Optional<PodDisruptionBudget> budget(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Map<String, String>> namespaceLabels(String namespace) {
            return Optional.of(Map.of());
        }

        @Override
        public Optional<BuildIncident> incident(String namespace, String name) {
            return Optional.empty();
        }

        @Override
        public Optional<String> namespaceUid(String namespace) {
            return Optional.of("uid");
        }

        @Override
        public List<BuildEnvironmentClass> classes() {
            return List.of();
        }

        @Override
        public List<TrustPolicy> trustPolicies() {
            return List.of();
        }

        @Override
        public Installation installation() {
            return new Installation("cleanroom-system", Manifests.TOOLS_IMAGE);
        }

        @Override
        public Collection<Pod> canaries() {
            return List.of();
        }

        @Override
        public ConfigMaps configMaps() {
            return (name, key) -> Optional.empty();
        }

        @Override
        public void wake(BuildEnvironment environment) {
            throw new AssertionError("every decision is there");
        }
    }
}
