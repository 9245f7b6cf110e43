package dev.cleanroom.operator.rails;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.TrustPolicy;
import dev.cleanroom.operator.lab.Actor;
import dev.cleanroom.operator.lab.Environments;
import dev.cleanroom.operator.lab.Lab;
import dev.cleanroom.operator.lab.LabTest;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages ask people to read classes and policies, which belong to no namespace: this is who may. */
@LabTest
class ReadersTest {
    private static final List<Class<? extends HasMetadata>> KINDS =
            List.of(BuildEnvironmentClass.class, TrustPolicy.class);

    private Scene scene;

    @BeforeEach
    void open(Lab lab) {
        scene = Scene.open(lab);
    }

    @Test
    void anyoneWhoViewsTheWholeClusterReadsThem(Lab lab) {
        for (String role : List.of("view", "edit")) {
            KubernetesClient reader = scene.as(Actor.user(bind(lab, "cluster-" + role, role)));
            for (Class<? extends HasMetadata> kind : KINDS) {
                Environments.until(
                        "aggregation of the roles into " + role,
                        () -> assertThat(reader.resources(kind).list().getItems())
                                .isNotEmpty());
            }
        }
    }

    /** A RoleBinding gives no right outside of its namespace, whatever the role. */
    @Test
    void aTeamThatViewsItsNamespaceReadsThemWithABindingOfItsOwn(Lab lab) {
        String team = lab.unique("team");
        lab.cluster().apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata: {name: view, namespace: %s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                """.formatted(scene.namespace(), team));
        KubernetesClient reader = scene.as(Actor.user(team));
        Environments.until(
                "the team to read pods",
                () -> assertThatCode(() ->
                                reader.pods().inNamespace(scene.namespace()).list())
                        .doesNotThrowAnyException());
        for (Class<? extends HasMetadata> kind : KINDS) {
            assertThatExceptionOfType(KubernetesClientException.class)
                    .isThrownBy(() -> reader.resources(kind).list())
                    .satisfies(refused -> assertThat(refused.getCode()).isEqualTo(403));
        }
        bind(lab, team, "cleanroom-class-reader");
        bind(lab, team, "cleanroom-policy-reader");
        for (Class<? extends HasMetadata> kind : KINDS) {
            Environments.until(
                    "the bindings to be known",
                    () -> assertThatCode(() -> reader.resources(kind).list()).doesNotThrowAnyException());
        }
        assertThatExceptionOfType(KubernetesClientException.class)
                .isThrownBy(() -> reader.resources(TrustPolicy.class).delete())
                .satisfies(refused -> assertThat(refused.getCode()).isEqualTo(403));
    }

    private static String bind(Lab lab, String user, String role) {
        String binding = user + "-" + role;
        lab.cluster().apply("""
                apiVersion: rbac.authorization.k8s.io/v1
                kind: ClusterRoleBinding
                metadata: {name: %s}
                roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}
                subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]
                """.formatted(binding, role, user));
        lab.onClose(
                () -> lab.admin().rbac().clusterRoleBindings().withName(binding).delete());
        return user;
    }
}
