package dev.cleanroom.operator.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.lab.Chart;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The values in the remedies for a missing operator, given to the chart, make one run. */
@LabTest
class RemedyTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    static List<String> remedies() {
        return List.of(Stored.TARGET.install(), Stored.TARGET.start());
    }

    @ParameterizedTest
    @MethodSource("remedies")
    void anOperatorOfTheNamedImageRuns(String remedy) {
        List<String> flags = new ArrayList<>();
        List<String> words = List.of(remedy.replace("sha256:...", DIGEST).split(" "));
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).equals("--set")) {
                flags.addAll(words.subList(i, i + 2));
            }
        }
        Deployment deployment = Stream.of(Chart.render(List.of(Chart.CLASSES), flags.toArray(String[]::new))
                        .split("(?m)^---$"))
                .filter(document -> document.contains("kind: Deployment"))
                .map(document -> Serialization.unmarshal(document, Deployment.class))
                .filter(found -> found.getMetadata().getName().equals(Stored.TARGET.operatorName()))
                .findFirst()
                .orElseThrow();
        assertThat(deployment.getSpec().getReplicas()).isEqualTo(2);
        assertThat(deployment.getSpec().getTemplate().getSpec().getContainers())
                .singleElement()
                .satisfies(operator -> assertThat(operator.getImage()).endsWith("/operator@" + DIGEST));
    }
}
