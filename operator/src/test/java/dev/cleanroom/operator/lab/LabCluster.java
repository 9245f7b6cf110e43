package dev.cleanroom.operator.lab;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The cluster that tests share: a lab of the test JVM's own, or one that the caller has. */
public final class LabCluster implements AutoCloseable {
    /** Environment variable: the kubeconfig of a cluster to use in place of a lab. */
    public static final String OWN_CLUSTER = "CLEANROOM_TEST_KUBECONFIG";

    public static final String OPERATOR_NAMESPACE = "cleanroom-system";
    public static final String OPERATOR_ACCOUNT = "cleanroom-operator";

    private static final long TOKEN_SECONDS = Duration.ofHours(4).toSeconds();
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    private final @Nullable LabProcess process;
    private final Path directory;
    private final Config adminConfig;
    private final KubernetesClient admin;
    private @Nullable BoundPod boundPod;
    private @Nullable Builders builders;

    private LabCluster(@Nullable LabProcess process, Path directory, Path kubeconfig) {
        this.process = process;
        this.directory = directory;
        this.adminConfig = Kubeconfig.read(kubeconfig);
        // Bursts of writes over one HTTP/2 connection run into its limit of streams.
        adminConfig.setHttp2Disable(true);
        this.admin = new KubernetesClientBuilder().withConfig(adminConfig).build();
    }

    /** Starts a lab, or takes the cluster that {@value #OWN_CLUSTER} names, and installs the chart. */
    public static LabCluster start() {
        LabCluster cluster = bare();
        try {
            Builders builders = Builders.start(cluster.directory);
            cluster.builders = builders;
            try (KubernetesClient operator = cluster.as(Actor.operatorUnbounded())) {
                var installation = new Installation(cluster.admin(), operator);
                installation.install();
                installation.apply(builders.trustPolicy());
            }
            return cluster;
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** The same with nothing installed. */
    public static LabCluster bare() {
        try {
            Path directory = Files.createTempDirectory("cleanroom-lab");
            String own = System.getenv(OWN_CLUSTER);
            if (own != null && !own.isEmpty()) {
                return new LabCluster(null, directory, Path.of(own));
            }
            LabProcess process = LabProcess.start(directory, START_TIMEOUT);
            return new LabCluster(process, directory, process.kubeconfig());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public KubernetesClient admin() {
        return admin;
    }

    public Config adminConfig() {
        return adminConfig;
    }

    /** For the kubeconfigs and other small files of this run. */
    Path directory() {
        return directory;
    }

    /** The lab's own directory, as its commands take it; empty when this is a cluster of somebody's own. */
    public Optional<Path> labDirectory() {
        return Optional.ofNullable(process).map(lab -> directory.resolve(LabProcess.CLUSTER));
    }

    /** Whether this is a cluster of somebody's own, where tests do not reconfigure what all share. */
    public boolean isOwn() {
        return process == null;
    }

    /** What the operator must be told of registries. */
    List<String> operatorFlags() {
        return builders == null
                ? List.of()
                : List.of("--registries", builders.registries().toString());
    }

    /** Host and port of the registry that is the mirror of registry.example.com. */
    String registry() {
        return Objects.requireNonNull(builders).address();
    }

    /** A client whose requests come from somebody else; close it. */
    public KubernetesClient as(Actor actor) {
        return new KubernetesClientBuilder().withConfig(actor.on(adminConfig)).build();
    }

    /** Takes the mutating policy away; to be undone by what is returned. */
    Runnable withdrawMutatingQuarantine() {
        List<HasMetadata> removed = new ArrayList<>();
        try (KubernetesClient operator = as(Actor.operatorUnbounded())) {
            removed.addAll(new Installation(admin, operator).withdrawMutatingQuarantine());
        }
        return () -> {
            try (KubernetesClient operator = as(Actor.operatorUnbounded())) {
                new Installation(admin, operator).restore(removed);
            }
        };
    }

    /** Applies YAML in its order, and waits for CRDs to be served. */
    public void apply(String yaml) {
        try (KubernetesClient operator = as(Actor.operatorUnbounded())) {
            new Installation(admin, operator).apply(yaml);
        }
    }

    /**
     * Writes a kubeconfig of the operator's own service account, with the rights it is shipped with and no others. Its
     * token is bound to a pod, as the operator's in a cluster is; for the API server alone unless audiences are given.
     */
    public Path operatorKubeconfig(Path file, String... audiences) {
        return Kubeconfig.write(
                file,
                adminConfig.getMasterUrl(),
                Kubeconfig.certificateAuthority(adminConfig),
                boundPod().token(audiences));
    }

    /** Writes a kubeconfig of a service account. */
    Path kubeconfig(String namespace, String account, Path file) {
        TokenRequest request = new TokenRequestBuilder()
                .withNewSpec()
                .withExpirationSeconds(TOKEN_SECONDS)
                .endSpec()
                .build();
        TokenRequest issued =
                admin.serviceAccounts().inNamespace(namespace).withName(account).tokenRequest(request);
        return Kubeconfig.write(
                file,
                adminConfig.getMasterUrl(),
                Kubeconfig.certificateAuthority(adminConfig),
                issued.getStatus().getToken());
    }

    @Override
    public synchronized void close() {
        if (boundPod != null && process == null) {
            boundPod.close();
        }
        admin.close();
        if (builders != null) {
            builders.close();
        }
        if (process != null) {
            process.close();
        }
    }

    private synchronized BoundPod boundPod() {
        if (boundPod == null) {
            boundPod = BoundPod.create(admin, "tests-" + ProcessHandle.current().pid());
        }
        return boundPod;
    }
}
