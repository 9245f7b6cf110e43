package dev.cleanroom.operator.environment;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.kube.ObjectKey;
import dev.cleanroom.operator.kube.Resource;
import dev.cleanroom.operator.pod.BuildPod;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The environments that use an image: those whose status names it as the build's, and those with a pod that was
 * created with it, in any step.
 */
final class ImageUsers {
    private ImageUsers() {}

    static Set<ObjectKey> of(String digest, Stream<BuildEnvironment> environments, Stream<Pod> pods) {
        return Stream.concat(
                        environments
                                .filter(environment -> digest.equals(buildImage(environment)))
                                .map(environment -> key(
                                        environment, environment.getMetadata().getName())),
                        pods.filter(pod -> BuildPod.images(pod).contains(digest))
                                .map(pod -> key(
                                        pod,
                                        pod.getMetadata()
                                                .getLabels()
                                                .getOrDefault(CleanroomApi.ENVIRONMENT_LABEL, ""))))
                .collect(Collectors.toUnmodifiableSet());
    }

    private static @Nullable String buildImage(BuildEnvironment environment) {
        return environment.getStatus() == null || environment.getStatus().image() == null
                ? null
                : environment.getStatus().image().digest();
    }

    private static ObjectKey key(HasMetadata inNamespaceOf, String environment) {
        return new ObjectKey(
                Resource.BUILD_ENVIRONMENT, inNamespaceOf.getMetadata().getNamespace(), environment);
    }
}
