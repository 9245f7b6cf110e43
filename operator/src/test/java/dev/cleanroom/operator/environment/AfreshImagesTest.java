package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.lab.Manifests;
import dev.cleanroom.operator.trust.ImageDecision;
import dev.cleanroom.operator.trust.ImageRequest;
import dev.cleanroom.operator.trust.policy.ConfigMaps;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The images of an environment with a pod under suspicion are asked for with that in the question (I5). */
class AfreshImagesTest {
    private final List<ImageRequest> asked = new ArrayList<>();
    private final Images images = new Images(request -> {
        asked.add(request);
        return CompletableFuture.completedFuture(new ImageDecision.Unresolved("Unreachable", "nobody answers"));
    });

    /** Every decision is there, so that nobody waits to be woken. */
    private static final Known KNOWN = (Known) Proxy.newProxyInstance(
            Known.class.getClassLoader(),
            new Class<?>[] {Known.class},
            (proxy, method, args) -> switch (method.getName()) {
                case "openNamespace" -> Optional.of(new ObjectMeta());
                case "classes", "trustPolicies" -> List.of();
                case "installation" -> new Installation("cleanroom-system", Manifests.TOOLS_IMAGE);
                case "configMaps" -> ConfigMaps.NONE;
                default -> throw new AssertionError("not asked for: " + method.getName());
            });

    private Collection<ImageDecision> decisions(Set<String> suspects) {
        BuildEnvironment environment = Manifests.agent("agents", "standard", 1);
        environment.getMetadata().setNamespace("team");
        environment.getMetadata().setUid("uid-1");
        return images.decisions(environment, suspects, KNOWN).byReference().values();
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
}
