package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;

/** Builds the clients of this process: that which reads and watches, that which writes, the hot path's, a person's. */
public final class Clients {
    public static final String USER_AGENT = "cleanroom-operator";
    private static final int MAX_CONCURRENT_REQUESTS = 512;

    /** After 0.1, 0.2 and 0.4 s, or when the answer says: an API server makes a kind's storage ready in a second. */
    private static final int ASKED_AGAIN = 3;

    private Clients() {}

    /** As KUBECONFIG or the pod's service account says. */
    public static KubernetesClient forWatching() {
        return build(base(Config.autoConfigure(null)), TolerantSerialization.create());
    }

    /** A write is retried by deciding again, never by the transport: see {@link Api}. */
    public static KubernetesClient forWriting(Config config) {
        return build(base(config).withRequestRetryBackoffLimit(0), TolerantSerialization.create());
    }

    /**
     * For the hot path: connections of its own, and of what is read only what identifies it. The transport may send a flip
     * again, which tests what it moves from; and an API server that is just starting is asked again, not given up.
     */
    public static KubernetesClient forContainment(Config config) {
        return build(base(config).withUserAgent(USER_AGENT + "-containment"), TolerantSerialization.ofIdentities());
    }

    /**
     * For a command that a person runs, with that person's own rights: asked again a few times where the server is busy, as
     * just after a definition was installed, then told.
     *
     * @param kubeconfig empty for what KUBECONFIG or the pod's service account says
     */
    public static KubernetesClient forAsking(Optional<Path> kubeconfig) {
        Config config = kubeconfig
                .map(file -> Config.fromKubeconfig(file.toFile()))
                .orElseGet(() -> Config.autoConfigure(null));
        return build(
                base(config).withUserAgent("cleanroom").withRequestRetryBackoffLimit(ASKED_AGAIN),
                TolerantSerialization.create());
    }

    private static ConfigBuilder base(Config config) {
        return new ConfigBuilder(config)
                .withUserAgent(USER_AGENT)
                // One HTTP/2 connection carries 100 streams, watches counted: bursts fail, and are not retried.
                .withHttp2Disable(true)
                .withMaxConcurrentRequests(MAX_CONCURRENT_REQUESTS)
                .withMaxConcurrentRequestsPerHost(MAX_CONCURRENT_REQUESTS);
    }

    private static KubernetesClient build(ConfigBuilder config, KubernetesSerialization serialization) {
        return new KubernetesClientBuilder()
                .withConfig(config.build())
                .withKubernetesSerialization(serialization)
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .build();
    }
}
