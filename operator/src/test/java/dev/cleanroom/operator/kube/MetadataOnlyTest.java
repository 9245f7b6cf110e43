package dev.cleanroom.operator.kube;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildRecord;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** This client would keep what records have observed: it is the API server that leaves it out. */
@LabTest
class MetadataOnlyTest {
    @Test
    void recordsAreListedAndWatchedWithoutWhatTheyHaveObserved(Lab lab) {
        String namespace = lab.namespace();
        create(lab, namespace, "payments-0-1-5f0c2a11");
        try (KubernetesClient client = client(lab)) {
            List<BuildRecord> listed = client.resources(BuildRecord.class)
                    .inNamespace(namespace)
                    .list()
                    .getItems();
            assertThat(listed).singleElement().satisfies(record -> {
                assertThat(record.getMetadata().getName()).isEqualTo("payments-0-1-5f0c2a11");
                assertThat(record.getMetadata().getLabels()).containsEntry("cleanroom.dev/environment", "payments");
                assertThat(record.getObserved()).isNull();
            });
            List<BuildRecord> watched = new CopyOnWriteArrayList<>();
            try (var watch =
                    client.resources(BuildRecord.class).inNamespace(namespace).watch(into(watched))) {
                assertThat(watch).isNotNull();
                create(lab, namespace, "payments-0-2-5f0c2a12");
                Environments.until(
                        "the event",
                        () -> assertThat(watched)
                                .extracting(record -> record.getMetadata().getName())
                                .contains("payments-0-2-5f0c2a12"));
            }
            assertThat(watched).allMatch(record -> record.getObserved() == null);
        }
        assertThat(lab.admin()
                        .resources(BuildRecord.class)
                        .inNamespace(namespace)
                        .withName("payments-0-1-5f0c2a11")
                        .get()
                        .getObserved())
                .as("it has observed something")
                .isNotNull();
    }

    private static KubernetesClient client(Lab lab) {
        return new KubernetesClientBuilder()
                .withConfig(lab.admin().getConfiguration())
                .withHttpClientBuilderConsumer(
                        http -> http.addOrReplaceInterceptor("metadata-only", new MetadataOnly()))
                .build();
    }

    private static void create(Lab lab, String namespace, String name) {
        BuildRecord record = Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildRecord
                metadata: {namespace: %s, name: %s, labels: {cleanroom.dev/environment: payments}}
                observed:
                  pod: {name: payments-0-1, uid: 5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d}
                  observation: {outcome: Complete}
                """.formatted(namespace, name), BuildRecord.class);
        lab.asOperator().resource(record).create();
    }

    private static Watcher<BuildRecord> into(List<BuildRecord> records) {
        return new Watcher<>() {
            @Override
            public void eventReceived(Action action, BuildRecord record) {
                records.add(record);
            }

            @Override
            public void onClose(WatcherException cause) {}
        };
    }
}
