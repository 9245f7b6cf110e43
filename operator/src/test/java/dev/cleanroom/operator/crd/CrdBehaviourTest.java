package dev.cleanroom.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.EnvironmentVariable;
import dev.cleanroom.api.v1alpha1.OnExit;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the API server does with our kinds beyond refusing: defaults, the status at birth, scaling, merging. */
@LabTest
class CrdBehaviourTest {
    private KubernetesClient client;
    private String namespace;

    @BeforeEach
    void open(Lab lab) {
        client = lab.admin();
        namespace = lab.namespace();
    }

    @Test
    void whatATeamLeavesOutHasADefault() {
        var spec = apply("one", "team", "{image: 'r/i:1', command: [x], workspace: {size: 1Gi}}")
                .getSpec();

        assertThat(spec.onExit()).isEqualTo(OnExit.Complete);
        assertThat(spec.replicas()).isOne();
        assertThat(spec.retries()).isZero();
        assertThat(spec.maxLifetime()).isEqualTo("4h");
        assertThat(spec.ttlAfterFinished()).isEqualTo("1h");
        assertThat(spec.workspace()).isNotNull();
        assertThat(spec.workspace().mountPath()).isEqualTo("/workspace");
        assertThat(spec.workingDir()).isNull();
        assertThat(spec.className()).isNull();
        assertThat(spec.resources()).isNull();
    }

    @Test
    void anEnvironmentIsBornNotReadyAndReconciling() {
        var status = apply("one", "team", "{image: 'r/i:1', command: [x]}").getStatus();

        assertThat(status.conditions())
                .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
                .containsExactly(tuple("Ready", "Unknown", "Pending"), tuple("Reconciling", "True", "Pending"));
    }

    @Test
    void aClassIsBornNotReady(Lab lab) {
        String name = lab.buildClass(Map.of());

        var status = client.resources(BuildEnvironmentClass.class)
                .withName(name)
                .get()
                .getStatus();

        assertThat(status.conditions())
                .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
                .containsExactly(tuple("Ready", "Unknown", "Pending"));
    }

    @Test
    void aPolicyIsBornNotReady() {
        var policy = client.resource(Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: TrustPolicy
                metadata: {name: %s}
                spec: {deny: {}}
                """.formatted(namespace), TrustPolicy.class));
        policy.create();
        try {
            assertThat(policy.get().getStatus().conditions())
                    .extracting(Condition::getType, Condition::getStatus, Condition::getReason)
                    .containsExactly(tuple("Ready", "Unknown", "Pending"));
        } finally {
            policy.delete();
        }
    }

    @Test
    void anAgentScales() {
        apply("agent", "team", "{image: 'r/i:1', command: [x], onExit: Replace}");

        environment("agent").scale(3);

        assertThat(environment("agent").get().getSpec().replicas()).isEqualTo(3);
    }

    @Test
    void aTaskDoesNotScale() {
        apply("task", "team", "{image: 'r/i:1', command: [x]}");

        assertThatThrownBy(() -> environment("task").scale(3))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("onExit Complete runs once");
    }

    @Test
    void twoWritersOwnAnItemEachOfAKeyedList() {
        apply("one", "team", "{image: 'r/i:1', command: [x], env: [{name: A, value: a}]}");
        var merged = apply("one", "platform", "{image: 'r/i:1', command: [x], env: [{name: B, value: b}]}");
        assertThat(merged.getSpec().env()).extracting(EnvironmentVariable::name).containsExactlyInAnyOrder("A", "B");

        var left = apply("one", "platform", "{image: 'r/i:1', command: [x]}");
        assertThat(left.getSpec().env()).extracting(EnvironmentVariable::name).containsExactly("A");
    }

    /** Server-side apply of a spec in YAML's short form, as the user sees it afterwards. */
    private BuildEnvironment apply(String name, String manager, String spec) {
        var resource = Serialization.unmarshal("""
                apiVersion: cleanroom.dev/v1alpha1
                kind: BuildEnvironment
                metadata: {name: %s, namespace: %s}
                spec: %s
                """.formatted(name, namespace, spec), GenericKubernetesResource.class);
        client.resource(resource).fieldManager(manager).serverSideApply();
        return environment(name).get();
    }

    private Resource<BuildEnvironment> environment(String name) {
        return client.resources(BuildEnvironment.class).inNamespace(namespace).withName(name);
    }
}
