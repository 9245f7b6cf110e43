package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.CleanroomApi;
import dev.cleanroom.operator.record.RunLogs;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What one test has of the shared cluster. Namespaces, classes, proxies and operators opened through it end with the
 * test, the last first; namespaces are deleted without waiting. Safe for use by several threads of a test.
 */
public final class Lab implements AutoCloseable {
    private static final String RUN = HexFormat.of().formatHex(new SecureRandom().generateSeed(3));
    private static final AtomicInteger SERIAL = new AtomicInteger();

    private final LabCluster cluster;
    private final String title;
    private final Deque<Runnable> cleanups = new ArrayDeque<>();
    private final List<OperatorProcess> operators = new CopyOnWriteArrayList<>();

    public Lab(LabCluster cluster, String title) {
        this.cluster = cluster;
        this.title = title;
    }

    public LabCluster cluster() {
        return cluster;
    }

    /** A client that may do everything. */
    public KubernetesClient admin() {
        return cluster.admin();
    }

    /** A client whose requests come from somebody else, until the test ends. */
    public KubernetesClient as(Actor actor) {
        KubernetesClient client = cluster.as(actor);
        onClose(client::close);
        return client;
    }

    /** A client of the operator: its account, its roles, and a token bound to a pod. */
    public KubernetesClient asOperator() {
        KubernetesClient client = new KubernetesClientBuilder()
                .withConfig(Kubeconfig.read(operatorKubeconfig()))
                .build();
        onClose(client::close);
        return client;
    }

    /** A fresh namespace, opened for builds, that enforces Pod Security {@code restricted}. The operator reads logs there. */
    public String namespace() {
        return namespace(Map.of(
                CleanroomApi.BUILDS_LABEL,
                CleanroomApi.BUILDS_ENABLED,
                "pod-security.kubernetes.io/enforce",
                "restricted",
                "pod-security.kubernetes.io/enforce-version",
                "latest"));
    }

    /** A fresh namespace with these labels. */
    public String namespace(Map<String, String> labels) {
        String name = unique("t");
        admin().namespaces()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
        onClose(() -> discard(name));
        if (CleanroomApi.BUILDS_ENABLED.equals(labels.get(CleanroomApi.BUILDS_LABEL))) {
            letReadLogs(name);
        }
        return name;
    }

    private void letReadLogs(String namespace) {
        admin().resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withNamespace(namespace)
                        .withName(RunLogs.ROLE)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", RunLogs.ROLE)
                        .addNewSubject("", "ServiceAccount", LabCluster.OPERATOR_ACCOUNT, LabCluster.OPERATOR_NAMESPACE)
                        .build())
                .create();
    }

    /** Ends a namespace with all that guard rails hold in it: closed for builds, none of them is asked. */
    private void discard(String namespace) {
        var resource = admin().namespaces().withName(namespace);
        if (resource.get() == null) {
            return;
        }
        resource.patch(
                PatchContext.of(PatchType.JSON_MERGE),
                "{\"metadata\":{\"labels\":{\"" + CleanroomApi.BUILDS_LABEL + "\":null}}}");
        // Admission knows a namespace's labels from a watch, so it may still ask the rails for a moment.
        Environments.until(
                "namespace " + namespace + " to be let go",
                () -> assertThatCode(resource::delete).doesNotThrowAnyException());
    }

    /** The environments of a namespace, as the administrator sees and changes them. */
    public Environments environments(String namespace) {
        return new Environments(admin(), namespace);
    }

    /** Creates a class whose pods carry these annotations: how a test tells simulated nodes what its builds do. */
    public String buildClass(Map<String, String> podAnnotations) {
        BuildEnvironmentClass made = Manifests.buildClass(unique("c"), podAnnotations);
        admin().resource(made).create();
        String name = made.getMetadata().getName();
        onClose(() ->
                admin().resources(BuildEnvironmentClass.class).withName(name).delete());
        return name;
    }

    /** A kubeconfig of the operator's own account, straight to the API server. */
    public Path operatorKubeconfig(String... audiences) {
        return cluster.operatorKubeconfig(freshFile("kubeconfig"), audiences);
    }

    /** A kubeconfig of any account, straight to the API server. */
    public Path kubeconfig(String namespace, String account) {
        return cluster.kubeconfig(namespace, account, freshFile("kubeconfig"));
    }

    /** A proxy for one operator, which connects as the operator's own account. */
    public RecordingProxy proxy() {
        RecordingProxy proxy = RecordingProxy.inFrontOf(Kubeconfig.read(operatorKubeconfig()));
        onClose(proxy::close);
        return proxy;
    }

    /** A kubeconfig that leads through the proxy. */
    public Path kubeconfig(RecordingProxy proxy) {
        return proxy.writeKubeconfig(freshFile("kubeconfig"));
    }

    /** Starts the operator and waits until it is ready. */
    public OperatorProcess operator(Path kubeconfig, String... flags) {
        return launch(kubeconfig, flags).awaitReady();
    }

    /** Starts the operator and does not wait. */
    public OperatorProcess launch(Path kubeconfig, String... flags) {
        return launch(JvmOptions.asShipped(), kubeconfig, flags);
    }

    /** Starts the operator with these options of the virtual machine, and does not wait. */
    public OperatorProcess launch(JvmOptions jvm, Path kubeconfig, String... flags) {
        Path log = Repository.testOutput().resolve(title + "-" + SERIAL.incrementAndGet() + ".log");
        List<String> all = new ArrayList<>(cluster.operatorFlags());
        all.addAll(List.of(flags));
        OperatorProcess operator = OperatorProcess.launch(kubeconfig, log, jvm, all);
        operators.add(operator);
        onClose(operator::close);
        return operator;
    }

    /** Until the test ends nothing is attached to an image of the lab's registry: no signature is found. */
    public void withdrawSignatures(String repository, String digest) {
        onClose(new RegistryContent("http://" + cluster.registry() + "/v2/" + repository).withdrawReferrers(digest));
    }

    /** Until the test ends the operator alone cuts off, as where the API server serves no mutating policies. */
    public void withdrawMutatingQuarantine() {
        onClose(cluster.withdrawMutatingQuarantine());
    }

    /** Runs when the test ends, before what was opened earlier is closed. */
    public void onClose(Runnable cleanup) {
        synchronized (cleanups) {
            cleanups.push(cleanup);
        }
    }

    @Override
    public void close() {
        RuntimeException first = null;
        synchronized (cleanups) {
            while (!cleanups.isEmpty()) {
                try {
                    cleanups.pop().run();
                } catch (RuntimeException e) {
                    // The rest must end all the same: a left operator would disturb the next test.
                    first = first == null ? e : first;
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }

    /** A name that no other test, and no other run on the same cluster, uses. */
    public String unique(String prefix) {
        String word = title.replaceAll("[^A-Za-z0-9]+", "-").toLowerCase(Locale.ROOT);
        String middle = word.substring(0, Math.min(word.length(), 24)).replaceAll("-+$", "");
        return prefix + "-" + middle + "-" + RUN + "-" + SERIAL.incrementAndGet();
    }

    void printOperatorLogs() {
        operators.forEach(operator -> System.err.println(operator.describe()));
    }

    private Path freshFile(String suffix) {
        return cluster.directory().resolve(SERIAL.incrementAndGet() + "." + suffix);
    }
}
