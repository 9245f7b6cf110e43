package dev.cleanroom.operator.environment.resources;

import dev.cleanroom.api.v1alpha1.BuildEnvironment;
import dev.cleanroom.api.v1alpha1.Identity;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import java.util.Map;

/** The ServiceAccount of an environment with {@code identity}. Clouds trust it by its name. */
public final class IdentityAccount {
    private IdentityAccount() {}

    public static boolean isWanted(BuildEnvironment environment) {
        return environment.getSpec().identity() != null;
    }

    public static Map<String, String> annotations(BuildEnvironment environment) {
        Identity identity = environment.getSpec().identity();
        Map<String, String> annotations = identity == null ? null : identity.annotations();
        return annotations == null ? Map.of() : annotations;
    }

    public static ServiceAccount build(BuildEnvironment environment) {
        return new ServiceAccountBuilder()
                .withNewMetadata()
                .withNamespace(environment.getMetadata().getNamespace())
                .withName(Names.account(environment.getMetadata().getName()))
                .withLabels(Names.labels(environment, Names.COMPONENT_IDENTITY))
                .withAnnotations(annotations(environment))
                .withOwnerReferences(Names.owner(environment))
                .endMetadata()
                .withAutomountServiceAccountToken(false)
                .build();
    }
}
