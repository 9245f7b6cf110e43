package dev.cleanroom.operator.lab;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import io.fabric8.kubernetes.api.model.LimitRange;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/** The resources that tests create, written as a user would write them. */
public final class Manifests {
    /** The lab's builders/maven:3.9, signed; nothing pulls it on a simulated node. */
    public static final String IMAGE = "registry.example.com/builders/maven@sha256:"
            + "2c0281e1a5b3088503efb924846444b26c7f144f38234f7cc15495e5375ebf06";

    /** The lab's builders/maven:3.10. */
    public static final String OTHER_IMAGE = "registry.example.com/builders/maven@sha256:"
            + "9dea4e2690b40829ed4aafc42065748d2a979392dde782326f4febdd2510c60e";

    /** The lab's tools image, as the operator is told of it. */
    public static final String TOOLS = "registry.example.com/cleanroom/tools:1";

    /** A tools image by digest, for tests whose verifier looks at no registry. */
    public static final String TOOLS_IMAGE = "registry.example.com/cleanroom/tools@sha256:" + "7".repeat(64);

    private Manifests() {}

    /** A build that runs once. */
    public static BuildEnvironment task(String name, String className) {
        return environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  className: %s
                  image: %s
                  command: ["/bin/sh", "-c", "mvn -B verify"]
                """.formatted(name, className, IMAGE));
    }

    /** Build agents, each replaced when it ends. */
    public static BuildEnvironment agent(String name, String className, int replicas) {
        return environment("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s}
                spec:
                  className: %s
                  image: %s
                  command: ["/opt/agent/run", "--once"]
                  onExit: Replace
                  replicas: %d
                """.formatted(name, className, IMAGE, replicas));
    }

    /** @param item of {@code spec.limits}, as YAML */
    public static LimitRange limitRange(String namespace, String item) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: LimitRange
                metadata: {name: team, namespace: %s}
                spec: {limits: [%s]}
                """.formatted(namespace, item), LimitRange.class);
    }

    /** A build pod that no node ever runs, with the labels that admission reads. */
    public static Pod neverScheduled(String namespace, String name, String environment, String state) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata:
                  namespace: %s
                  name: %s
                  labels: {cleanroom.dev/environment: %s, cleanroom.dev/state: %s}
                  annotations: {"cleanroom.dev/images": "%5$s"}
                spec:
                  automountServiceAccountToken: false
                  schedulingGates: [{name: cleanroom.dev/never-scheduled}]
                  containers: [{name: build, image: "%5$s"}]
                """.formatted(namespace, name, environment, state, IMAGE), Pod.class);
    }

    public static BuildEnvironment environment(String yaml) {
        return Serialization.unmarshal(yaml, BuildEnvironment.class);
    }

    static BuildEnvironmentClass buildClass(String name, Map<String, String> podAnnotations) {
        return Serialization.unmarshal(
                """
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironmentClass
                metadata: {name: %s}
                spec:
                  identity: {allowed: {audiences: [sts.example.com]}}
                  rebuildLimit: {incidents: 100}
                  pod:
                    annotations: %s
                """.formatted(name, Serialization.asJson(podAnnotations)), BuildEnvironmentClass.class);
    }
}
