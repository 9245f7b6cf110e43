package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The kinds of the snapshot API, installed for one test, and a test's hand in place of the snapshot controller. */
public final class SnapshotApi {
    /** Of the lab's simulated volumes. */
    private static final String DRIVER = "simulated.lab.cleanroom.dev";

    private static final Duration SERVED_WITHIN = Duration.ofSeconds(30);

    /** The API server looks at once for what is left of a kind, and where that fails again later and later. */
    private static final long GONE_WITHIN_SECONDS = 180;

    private static final String API_VERSION = "snapshot.storage.k8s.io/v1";

    private final KubernetesClient client;

    private SnapshotApi(KubernetesClient client) {
        this.client = client;
    }

    public static SnapshotApi install(Lab lab) {
        List<HasMetadata> definitions = lab.admin()
                .load(SnapshotApi.class.getResourceAsStream("/snapshots/crds.yaml"))
                .items();
        lab.onClose(() -> definitions.forEach(definition -> {
            lab.admin().resource(definition).delete();
            lab.admin()
                    .resource(definition)
                    .waitUntilCondition(gone -> gone == null, GONE_WITHIN_SECONDS, TimeUnit.SECONDS);
        }));
        definitions.forEach(definition -> lab.admin().resource(definition).create());
        SnapshotApi api = new SnapshotApi(lab.admin());
        Environments.within(SERVED_WITHIN, "the snapshot API to be served")
                // Not found, until it is.
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(lab.admin()
                                .genericKubernetesResources(
                                        context("VolumeSnapshotClass", "volumesnapshotclasses", false))
                                .list()
                                .getItems())
                        .isEmpty());
        return api;
    }

    public void snapshotClass(String name, String deletionPolicy) {
        GenericKubernetesResource made = named("VolumeSnapshotClass", null, name);
        made.setAdditionalProperty("driver", DRIVER);
        made.setAdditionalProperty("deletionPolicy", deletionPolicy);
        client.resource(made).create();
    }

    public void content(String name, String snapshotUid) {
        GenericKubernetesResource made = named("VolumeSnapshotContent", null, name);
        made.setAdditionalProperty("spec", Map.of("volumeSnapshotRef", Map.of("uid", snapshotUid)));
        client.resource(made).create();
    }

    /** One of that claim, by whoever makes it. */
    public GenericKubernetesResource snapshot(KubernetesClient maker, String namespace, String name, String claim) {
        GenericKubernetesResource made = named("VolumeSnapshot", namespace, name);
        made.setAdditionalProperty("spec", Map.of("source", Map.of("persistentVolumeClaimName", claim)));
        return maker.resource(made).create();
    }

    public void own(GenericKubernetesResource snapshot, OwnerReference owner) {
        client.genericKubernetesResources(context("VolumeSnapshot", "volumesnapshots", true))
                .inNamespace(snapshot.getMetadata().getNamespace())
                .withName(snapshot.getMetadata().getName())
                .edit(stored -> {
                    stored.getMetadata().setOwnerReferences(List.of(owner));
                    return stored;
                });
    }

    public void delete(GenericKubernetesResource snapshot) {
        client.resource(snapshot).delete();
    }

    public GenericKubernetesResource await(String namespace, String name) {
        Environments.until(
                "snapshot " + name, () -> assertThat(find(namespace, name)).isPresent());
        return find(namespace, name).orElseThrow();
    }

    /** The snapshots of a namespace; none where the API is not served. */
    public static List<GenericKubernetesResource> in(KubernetesClient client, String namespace) {
        try {
            return client.genericKubernetesResources(context("VolumeSnapshot", "volumesnapshots", true))
                    .inNamespace(namespace)
                    .list()
                    .getItems();
        } catch (KubernetesClientException e) {
            if (e.getCode() == HttpURLConnection.HTTP_NOT_FOUND) {
                return List.of();
            }
            throw e;
        }
    }

    public Optional<GenericKubernetesResource> find(String namespace, String name) {
        return Optional.ofNullable(client.genericKubernetesResources(context("VolumeSnapshot", "volumesnapshots", true))
                .inNamespace(namespace)
                .withName(name)
                .get());
    }

    public void status(GenericKubernetesResource snapshot, Map<String, Object> status) {
        client.genericKubernetesResources(context("VolumeSnapshot", "volumesnapshots", true))
                .inNamespace(snapshot.getMetadata().getNamespace())
                .withName(snapshot.getMetadata().getName())
                .editStatus(stored -> {
                    stored.setAdditionalProperty("status", status);
                    return stored;
                });
    }

    private static GenericKubernetesResource named(String kind, String namespace, String name) {
        var made = new GenericKubernetesResource();
        made.setApiVersion(API_VERSION);
        made.setKind(kind);
        made.setMetadata(
                new ObjectMetaBuilder().withNamespace(namespace).withName(name).build());
        return made;
    }

    private static ResourceDefinitionContext context(String kind, String plural, boolean namespaced) {
        return new ResourceDefinitionContext.Builder()
                .withGroup("snapshot.storage.k8s.io")
                .withVersion("v1")
                .withKind(kind)
                .withPlural(plural)
                .withNamespaced(namespaced)
                .build();
    }
}
