package dev.cleanroom.operator.incident.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StoppedBuildsTest {
    private static ObjectKey environment(String namespace, String name) {
        return new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, name);
    }

    @Test
    void thoseOfOtherNamespacesAreANumber() {
        assertThat(StoppedBuilds.of(
                                List.of(
                                        environment("team", "web"),
                                        environment("team", "agents"),
                                        environment("secret", "project-x")),
                                "team")
                        .message())
                .isEqualTo("stops 2 environments of this namespace (agents, web) and 1 of other namespaces");
        assertThat(StoppedBuilds.of(List.of(environment("team", "web")), "team").message())
                .isEqualTo("stops 1 environment of this namespace (web) and 0 of other namespaces");
        assertThat(StoppedBuilds.of(List.of(environment("secret", "project-x")), "team")
                        .message())
                .isEqualTo("stops 0 environments of this namespace and 1 of other namespaces");
    }

    @Test
    void soManyAreNamedAndNoMore() {
        List<ObjectKey> many = IntStream.range(10, 40)
                .mapToObj(i -> environment("team", "e" + i))
                .toList();
        StoppedBuilds stops = StoppedBuilds.of(
                Stream.concat(many.stream(), Stream.of(environment("other", "x")))
                        .toList(),
                "team");
        assertThat(stops.named()).hasSize(StoppedBuilds.MOST_NAMED);
        assertThat(stops.message())
                .startsWith("stops 30 environments of this namespace (e10, e11,")
                .endsWith(", e19, and others) and 1 of other namespaces");
    }
}
