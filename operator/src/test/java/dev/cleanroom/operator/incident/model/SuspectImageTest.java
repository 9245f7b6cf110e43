package dev.cleanroom.operator.incident.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SuspectImageTest {
    private static final String MAVEN = "sha256:" + "a".repeat(64);

    private static Pod pod(Map<String, String> annotations) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("payments-0-1")
                .withAnnotations(annotations)
                .endMetadata()
                .build();
    }

    @Test
    void itIsTheOneThatThePodWasMadeWith() {
        assertThat(SuspectImage.digest(
                        pod(Map.of("cleanroom.dev/build-image", "registry.example.com/builders/maven@" + MAVEN))))
                .contains(MAVEN);
        assertThat(SuspectImage.digest(pod(Map.of("cleanroom.dev/images", "registry.example.com/tools@" + MAVEN))))
                .isEmpty();
        assertThat(SuspectImage.digest(pod(null))).isEmpty();
    }

    @Test
    void whatIsNoDigestIsNone() {
        for (String image :
                new String[] {"", "maven", "maven:3.9", "maven@sha256:1", "maven@x", "maven@" + MAVEN + "0"}) {
            assertThat(SuspectImage.digest(pod(Map.of("cleanroom.dev/build-image", image))))
                    .as(image)
                    .isEmpty();
        }
    }
}
