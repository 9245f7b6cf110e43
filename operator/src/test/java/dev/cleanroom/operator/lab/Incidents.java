package dev.cleanroom.operator.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleanroom.api.v1alpha1.BuildIncident;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Subject;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.Trigger;
import dev.cleanroom.api.v1alpha1.BuildIncidentSpec.TriggerSource;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.function.Consumer;

/** The incidents of one namespace, as a responder sees and closes them. */
public final class Incidents {
    private final KubernetesClient client;
    private final String namespace;

    public Incidents(KubernetesClient client, String namespace) {
        this.client = client;
        this.namespace = namespace;
    }

    public List<String> names() {
        return client.resources(BuildIncident.class).inNamespace(namespace).list().getItems().stream()
                .map(incident -> incident.getMetadata().getName())
                .sorted()
                .toList();
    }

    public BuildIncident get(String name) {
        BuildIncident incident = resource(name).get();
        assertThat(incident).as("incident " + name).isNotNull();
        return incident;
    }

    /** The name of the incident about this very pod, once it is there. */
    public String awaitOf(Pod pod) {
        String name =
                pod.getMetadata().getName() + "-" + pod.getMetadata().getUid().substring(0, 8);
        Environments.until("incident " + name, () -> get(name));
        return name;
    }

    /** There is one, and it has this condition. */
    public void assertOnly(String type, String status, String reason) {
        assertThat(names()).hasSize(1);
        assertCondition(get(names().getFirst()), type, status, reason);
    }

    /** Closes the one there is. */
    public void resolveOnly(String verdict) {
        assertThat(names()).hasSize(1);
        resolve(names().getFirst(), verdict, "");
    }

    public void awaitCondition(String name, String type, String status, String reason) {
        await(name, incident -> assertCondition(incident, type, status, reason));
    }

    private static void assertCondition(BuildIncident incident, String type, String status, String reason) {
        assertThat(incident.getStatus().conditions())
                .as(
                        "%s, timeline %s",
                        incident.getMetadata().getName(), incident.getStatus().timeline())
                .filteredOn(condition -> condition.getType().equals(type))
                .singleElement()
                .extracting(Condition::getStatus, Condition::getReason)
                .containsExactly(status, reason);
    }

    public void await(String name, Consumer<BuildIncident> assertion) {
        Environments.until("incident " + name, () -> assertion.accept(get(name)));
    }

    public void resolve(String name, String verdict, String note) {
        resolve(name, "{\"verdict\":\"" + verdict + "\",\"note\":\"" + note + "\"}");
    }

    /** @param resolution as JSON */
    public void resolve(String name, String resolution) {
        resource(name).patch(PatchContext.of(PatchType.JSON_MERGE), "{\"spec\":{\"resolution\":" + resolution + "}}");
    }

    /** The message of a condition that there is. */
    public String message(String name, String type) {
        return get(name).getStatus().conditions().stream()
                .filter(condition -> condition.getType().equals(type))
                .map(Condition::getMessage)
                .findFirst()
                .orElseThrow();
    }

    public void delete(String name) {
        resource(name).delete();
    }

    /** As a person would, from a pod's name and uid. */
    public String create(Pod pod, String reason) {
        var incident = new BuildIncident();
        incident.setMetadata(new ObjectMetaBuilder()
                .withNamespace(namespace)
                .withName(pod.getMetadata().getName() + "-"
                        + pod.getMetadata().getUid().substring(0, 8))
                .build());
        incident.setSpec(new BuildIncidentSpec(
                new Subject(
                        pod.getMetadata().getName(),
                        pod.getMetadata().getUid(),
                        pod.getMetadata().getNamespace().equals(namespace)
                                ? null
                                : pod.getMetadata().getNamespace()),
                new Trigger(TriggerSource.Manual, reason, null),
                null));
        return client.resource(incident).create().getMetadata().getName();
    }

    private Resource<BuildIncident> resource(String name) {
        return client.resources(BuildIncident.class).inNamespace(namespace).withName(name);
    }
}
