package dev.cleanroom.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Verdict;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.APIResource;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the API server holds about an incident, whoever writes: one a pod, its cause fixed, its verdict once. */
@LabTest
class IncidentBehaviourTest {
    private static final String NAME = "payments-0-1-5f0c2a11";
    private static final String SUBJECT = "{name: payments-0-1, uid: 5f0c2a11-7d3e-4c2b-9a41-0d6f1e2b3c4d}";

    private KubernetesClient client;
    private String namespace;

    @BeforeEach
    void open(Lab lab) {
        client = lab.admin();
        // Not open for builds: what is answered here is the definition's, and not a guard rail's.
        namespace = lab.namespace(Map.of());
    }

    @Test
    void aPodHasOneIncident() {
        create(NAME);

        assertThatThrownBy(() -> create(NAME))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("already exists");
        assertThatThrownBy(() -> create("another-name"))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("must be the pod's name, '-', and the first 8 characters of its uid");
    }

    @Test
    void anIncidentIsBornNotReady() {
        assertThat(create(NAME).getStatus().conditions())
                .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
                .containsExactly(tuple("Ready", "Unknown", "Pending"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {"spec":{"subject":{"name":"payments-0-2"}}} ; spec.subject: Invalid value: is immutable: an incident is about one pod
            {"spec":{"subject":{"namespace":"other"}}} ; spec.subject: Invalid value: is immutable: an incident is about one pod
            {"spec":{"trigger":{"reason":"nothing"}}} ; spec.trigger: Invalid value: is immutable: it records why the pod was isolated
            {"spec":{"trigger":{"source":"Alert"}}} ; spec.trigger: Invalid value: is immutable: it records why the pod was isolated
            {"spec":{"trigger":{"requestedBy":"me"}}} ; spec.trigger: Invalid value: is immutable: it records why the pod was isolated
            """)
    void whatItIsAboutAndWhyNeverChange(String change, String answer) {
        create(NAME);

        assertThatThrownBy(() -> patch(change))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(answer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            {"spec":{"resolution":{"verdict":"FalsePositive"}}}
            {"spec":{"resolution":{"note":"seen again"}}}
            {"spec":{"resolution":{"note":null}}}
            {"spec":{"resolution":{"denyImage":true}}}
            {"spec":{"resolution":{"cause":"Image"}}}
            {"spec":{"resolution":null}}
            """)
    void aVerdictIsWrittenOnce(String change) {
        create(NAME);
        patch("{\"spec\":{\"resolution\":{\"verdict\":\"Confirmed\",\"note\":\"seen\"}}}");

        assertThatThrownBy(() -> patch(change))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.resolution: Invalid value: is written once: a decision cannot be changed");
        var resolution = incident().get().getSpec().resolution();
        assertThat(resolution).isNotNull();
        assertThat(resolution.verdict()).isEqualTo(Verdict.Confirmed);
        assertThat(resolution.note()).isEqualTo("seen");
    }

    @Test
    void kubectlShowsWhatAPersonAsksFirst() {
        create(NAME);
        incident().editStatus(incident -> {
            incident.setStatus(Serialization.unmarshal("""
                    apiVersion: cleanroom.dev/v1alpha1
                    kind: BuildIncident
                    status:
                      conditions:
                      - {type: Isolated, status: "True", reason: Quarantined, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                      - {type: VolumesSnapshotted, status: "False", reason: NoClaim, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                      - {type: Rebuilt, status: "True", reason: Replaced, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                      - {type: Closed, status: "False", reason: Open, message: m, lastTransitionTime: "2026-01-01T00:00:00Z"}
                    """, BuildIncident.class).getStatus());
            return incident;
        });

        var table = table();

        assertThat(table.path("columnDefinitions")
                        .valueStream()
                        .map(column -> column.path("name").asText()))
                .containsExactly("Name", "Subject", "Reason", "Isolated", "Volumes", "Rebuilt", "Closed", "Age");
        assertThat(table.at("/rows/0/cells").valueStream().limit(7).map(JsonNode::asText))
                .containsExactly(NAME, "payments-0-1", "odd egress", "True", "NoClaim", "Replaced", "False");
    }

    @Test
    void shortNamesAndCategory() {
        List<APIResource> served =
                client.getApiResources("cleanroom.dev/v1alpha1").getResources();

        assertThat(served)
                .filteredOn(resource -> resource.getName().equals("buildincidents"))
                .singleElement()
                .satisfies(incidents -> {
                    assertThat(incidents.getShortNames()).containsExactlyInAnyOrder("binc", "incident");
                    assertThat(incidents.getCategories()).containsExactly("cleanroom");
                    assertThat(incidents.getNamespaced()).isTrue();
                });
        assertThat(served)
                .filteredOn(resource -> !resource.getName().contains("/"))
                .allSatisfy(resource -> assertThat(resource.getCategories()).containsExactly("cleanroom"));
    }

    private BuildIncident create(String name) {
        client.resource(Serialization.unmarshal(
                        """
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildIncident
                metadata: {name: %s, namespace: %s}
                spec:
                  subject: %s
                  trigger: {source: Manual, reason: odd egress}
                """.formatted(name, namespace, SUBJECT), GenericKubernetesResource.class))
                .create();
        return incident().get();
    }

    private void patch(String change) {
        incident().patch(PatchContext.of(PatchType.JSON_MERGE), change);
    }

    private Resource<BuildIncident> incident() {
        return client.resources(BuildIncident.class).inNamespace(namespace).withName(NAME);
    }

    /** As {@code kubectl get} asks for it. */
    private JsonNode table() {
        var request = client.getHttpClient()
                .newHttpRequestBuilder()
                .uri(client.getMasterUrl() + "apis/cleanroom.dev/v1alpha1/namespaces/" + namespace + "/buildincidents")
                .header("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
                .build();
        var answer = client.getHttpClient().sendAsync(request, String.class).join();
        assertThat(answer.code()).isEqualTo(200);
        return Serialization.unmarshal(answer.body(), JsonNode.class);
    }
}
