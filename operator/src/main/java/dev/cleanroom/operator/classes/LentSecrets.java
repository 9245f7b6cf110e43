package dev.cleanroom.operator.classes;

import dev.cleanroom.api.v1alpha1.BuildEnvironmentClass;
import dev.cleanroom.api.v1alpha1.BuildEnvironmentSpec;
import dev.cleanroom.api.v1alpha1.PullSecret;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The pull secrets that an environment's class lends to verification, if the environment may use the class. */
public final class LentSecrets {
    private LentSecrets() {}

    /**
     * @param namespaceLabels the labels of the environment's namespace; empty when it is not open for builds
     * @return the names of Secrets in the operator's namespace
     */
    public static List<String> of(
            BuildEnvironmentSpec spec,
            List<BuildEnvironmentClass> classes,
            Optional<Map<String, String>> namespaceLabels) {
        if (namespaceLabels.isEmpty()
                || !(ClassChoice.of(spec.className(), classes) instanceof ClassChoice.Chosen chosen)
                || !chosen.allows(namespaceLabels.get())) {
            return List.of();
        }
        List<PullSecret> lent = chosen.buildClass().getSpec().verificationPullSecrets();
        return lent == null ? List.of() : lent.stream().map(PullSecret::name).toList();
    }
}
