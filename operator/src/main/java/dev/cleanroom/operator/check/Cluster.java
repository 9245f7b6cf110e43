package dev.cleanroom.operator.check;

import dev.cleanroom.operator.kube.ApiUnavailableException;
import dev.cleanroom.operator.kube.NoAnswer;
import dev.cleanroom.operator.kube.Resource;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.APIResourceList;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.authorization.v1.ResourceAttributesBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads from the API server for commands that people run. It never reads a Secret, but asks whether the operator may.
 *
 * <p>Every method throws {@link ApiUnavailableException} when the API server gives no answer.
 */
public final class Cluster {
    private final KubernetesClient client;

    public Cluster(KubernetesClient client) {
        this.client = client;
    }

    /** The version that the API server reports, such as {@code v1.37.2}. */
    Lookup<String> version() {
        return read("get /version", () -> client.getKubernetesVersion().getGitVersion());
    }

    /** The plural names of the kinds that are served at a group and version. */
    Lookup<Set<String>> served(String apiVersion) {
        return read("get /apis/" + apiVersion, () -> {
            @Nullable APIResourceList found = client.getApiResources(apiVersion);
            return found == null
                    ? null
                    : found.getResources().stream().map(APIResource::getName).collect(Collectors.toSet());
        });
    }

    Lookup<Deployment> deployment(String namespace, String name) {
        return read(
                "get deployments.apps in namespace " + namespace,
                () -> client.apps()
                        .deployments()
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
    }

    Lookup<Lease> lease(String namespace, String name) {
        return read(
                "get leases.coordination.k8s.io in namespace " + namespace,
                () -> client.leases().inNamespace(namespace).withName(name).get());
    }

    Lookup<Namespace> namespace(String name) {
        return read(
                "get namespaces " + name,
                () -> client.namespaces().withName(name).get());
    }

    /** Lists objects in all namespaces. */
    <T extends HasMetadata> Lookup<List<T>> list(Resource resource, Class<T> type) {
        return read(
                "list " + named(resource),
                () -> client.resources(type).inAnyNamespace().list().getItems());
    }

    <T extends HasMetadata> Lookup<List<T>> list(Resource resource, String namespace, Class<T> type) {
        return read(
                "list " + named(resource) + " in namespace " + namespace,
                () -> client.resources(type).inNamespace(namespace).list().getItems());
    }

    /** Lists objects with a label. */
    public <T extends HasMetadata> Lookup<List<T>> list(
            Resource resource, String namespace, Map<String, String> labels, Class<T> type) {
        return read(
                "list " + named(resource) + " in namespace " + namespace,
                () -> client.resources(type)
                        .inNamespace(namespace)
                        .withLabels(labels)
                        .list()
                        .getItems());
    }

    public <T extends HasMetadata> Lookup<T> get(Resource resource, String namespace, String name, Class<T> type) {
        return read(
                "get " + named(resource) + " in namespace " + namespace,
                () -> client.resources(type)
                        .inNamespace(namespace)
                        .withName(name)
                        .get());
    }

    /**
     * Lists objects page by page, in the order of namespaces and names.
     *
     * @param namespace empty for all of them
     */
    public <T extends HasMetadata> Lookup<KubernetesResourceList<T>> page(
            Resource resource, Optional<String> namespace, ListOptions page, Class<T> type) {
        String where = namespace.map(name -> " in namespace " + name).orElse(" in all namespaces");
        return read("list " + named(resource) + where, () -> {
            var all = client.resources(type);
            return namespace.isPresent()
                    ? all.inNamespace(namespace.get()).list(page)
                    : all.inAnyNamespace().list(page);
        });
    }

    /** Lists cluster-scoped objects of a kind without a Java type, by a label selector that may be empty. */
    Lookup<List<GenericKubernetesResource>> list(Resource resource, String labelSelector) {
        var context = new ResourceDefinitionContext.Builder()
                .withGroup(group(resource))
                .withVersion(
                        resource.apiVersion().substring(resource.apiVersion().indexOf('/') + 1))
                .withKind(resource.kind())
                .withPlural(resource.plural())
                .withNamespaced(false)
                .build();
        return read(
                "list " + named(resource),
                () -> client.genericKubernetesResources(context)
                        .withLabelSelector(labelSelector)
                        .list()
                        .getItems());
    }

    /** Whether an account may get a Secret. */
    Lookup<Boolean> mayGetSecret(String accountNamespace, String account, String namespace, String secret) {
        return mayGet(
                accountNamespace,
                account,
                new ResourceAttributesBuilder()
                        .withResource(Resource.SECRET.plural())
                        .withNamespace(namespace)
                        .withName(secret));
    }

    /** Whether an account may read the log of any pod in a namespace. */
    Lookup<Boolean> mayGetLogs(String accountNamespace, String account, String namespace) {
        return mayGet(
                accountNamespace,
                account,
                new ResourceAttributesBuilder()
                        .withResource(Resource.POD.plural())
                        .withSubresource("log")
                        .withNamespace(namespace));
    }

    private Lookup<Boolean> mayGet(String accountNamespace, String account, ResourceAttributesBuilder what) {
        SubjectAccessReview question = new SubjectAccessReviewBuilder()
                .withNewSpec()
                .withUser("system:serviceaccount:" + accountNamespace + ":" + account)
                .withGroups(
                        "system:serviceaccounts", "system:serviceaccounts:" + accountNamespace, "system:authenticated")
                .withResourceAttributes(what.withVerb("get").build())
                .endSpec()
                .build();
        return read(
                "create subjectaccessreviews.authorization.k8s.io",
                () -> client.authorization()
                        .v1()
                        .subjectAccessReview()
                        .create(question)
                        .getStatus()
                        .getAllowed());
    }

    /** The resource as in {@code kubectl auth can-i}. */
    private static String named(Resource resource) {
        String group = group(resource);
        return group.isEmpty() ? resource.plural() : resource.plural() + "." + group;
    }

    private static String group(Resource resource) {
        int slash = resource.apiVersion().indexOf('/');
        return slash < 0 ? "" : resource.apiVersion().substring(0, slash);
    }

    private static <T> Lookup<T> read(String right, Supplier<@Nullable T> question) {
        try {
            @Nullable T value = question.get();
            return value == null ? new Lookup.Absent<>() : new Lookup.Found<>(value);
        } catch (KubernetesClientException e) {
            return switch (e.getCode()) {
                case HttpURLConnection.HTTP_NOT_FOUND -> new Lookup.Absent<>();
                case HttpURLConnection.HTTP_FORBIDDEN -> new Lookup.Denied<>(right);
                case HttpURLConnection.HTTP_UNAUTHORIZED ->
                    throw new ApiUnavailableException(
                            "it did not accept your credentials (HTTP 401); sign in again", e);
                default -> throw new ApiUnavailableException(NoAnswer.why(e), e);
            };
        }
    }
}
