package dev.cleanroom.operator.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ImageUsersTest {
    private static final String MAVEN = "sha256:" + "a".repeat(64);
    private static final String GIT = "sha256:" + "b".repeat(64);

    private static BuildEnvironment environment(String name, String status) {
        return Serialization.unmarshal(
                "metadata: {name: %s, namespace: team}\nstatus: %s\n".formatted(name, status), BuildEnvironment.class);
    }

    private static Pod pod(String environment, String images) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata:
                  name: %1$s-0-1
                  namespace: other
                  labels: {cleanroom.dev/environment: %1$s, cleanroom.dev/state: quarantined}
                  annotations: {cleanroom.dev/images: "%2$s"}
                """.formatted(environment, images), Pod.class);
    }

    private static ObjectKey key(String namespace, String name) {
        return new ObjectKey(Resource.BUILD_ENVIRONMENT, namespace, name);
    }

    @Test
    void thoseThatBuildWithItAndThoseThatHaveAPodOfIt() {
        assertThat(ImageUsers.of(
                        MAVEN,
                        Stream.of(
                                environment("web", "{image: {reference: maven, digest: \"" + MAVEN + "\"}}"),
                                environment("other", "{image: {reference: git, digest: \"" + GIT + "\"}}"),
                                environment("new", "null")),
                        Stream.of(
                                pod("agents", "r.example.com/git@" + GIT + " r.example.com/maven@" + MAVEN),
                                pod("agents", "r.example.com/maven@" + MAVEN),
                                pod("tools", "r.example.com/git@" + GIT))))
                .containsExactlyInAnyOrder(key("team", "web"), key("other", "agents"));
    }
}
