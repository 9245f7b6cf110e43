package dev.cleanroom.operator.kube;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executors;

/**
 * Builds the clients of this process: for watching, for writing, for the hot path, and for commands that people run.
 */
public final class Clients {
    public static final String USER_AGENT = "cleanroom-operator";

    /**
     * How many objects one answer to a list has, of kinds of which there are many. Informers list everything when the
     * operator starts, at the same time, and an answer is held whole while it is read.
     */
    public static final long PAGE = 100;

    private static final int MAX_CONCURRENT_REQUESTS = 512;

    /** After 0.1, 0.2 and 0.4 s, or when the answer says: an API server can serve a new kind within a second. */
    private static final int RETRIES = 3;

    private Clients() {}

    /**
     * The client for watching, configured by KUBECONFIG or the pod's service account.
     *
     * @param clock learns the API server's time from the answers
     */
    public static KubernetesClient forWatching(ServerClock clock) {
        return builder(base(Config.autoConfigure(null)), TolerantSerialization.create())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("clock", clock)
                        .addOrReplaceInterceptor("metadata-only", new MetadataOnly()))
                .build();
    }

    /**
     * The client for writing. Its transport never retries a write, because the operator decides again: see {@link Api}.
     */
    public static KubernetesClient forWriting(Config config) {
        return builder(base(config).withRequestRetryBackoffLimit(0), TolerantSerialization.create())
                .build();
    }

    /** @param clock learns the API server's time from the answers */
    public static KubernetesClient forWriting(Config config, ServerClock clock) {
        return builder(base(config).withRequestRetryBackoffLimit(0), TolerantSerialization.create())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("clock", clock))
                .build();
    }

    /**
     * The hot path's client: it has separate connections, and keeps only metadata of what it reads. Its transport may
     * retry a flip, because the flip tests the state that it moves from, and retries requests to an API server that is
     * starting.
     */
    public static KubernetesClient forContainment(Config config) {
        return builder(base(config).withUserAgent(USER_AGENT + "-containment"), TolerantSerialization.ofMetadata())
                .build();
    }

    /**
     * The client for a command that a person runs, with that person's rights. It retries a few times while the server
     * is busy, for example just after a CRD was installed, and then reports the error.
     *
     * @param kubeconfig the file to use; empty for KUBECONFIG or the pod's service account
     */
    public static KubernetesClient forAsking(Optional<Path> kubeconfig) {
        Config config = kubeconfig
                .map(file -> Config.fromKubeconfig(file.toFile()))
                .orElseGet(() -> Config.autoConfigure(null));
        return builder(
                        base(config).withUserAgent("cleanroom").withRequestRetryBackoffLimit(RETRIES),
                        TolerantSerialization.withRecords())
                .build();
    }

    private static ConfigBuilder base(Config config) {
        return new ConfigBuilder(config)
                .withUserAgent(USER_AGENT)
                // One HTTP/2 connection has at most 100 streams, watches included: bursts would fail without a retry.
                .withHttp2Disable(true)
                .withMaxConcurrentRequests(MAX_CONCURRENT_REQUESTS)
                .withMaxConcurrentRequestsPerHost(MAX_CONCURRENT_REQUESTS);
    }

    private static KubernetesClientBuilder builder(ConfigBuilder config, KubernetesSerialization serialization) {
        return new KubernetesClientBuilder()
                .withConfig(config.build())
                .withKubernetesSerialization(serialization)
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor());
    }
}
