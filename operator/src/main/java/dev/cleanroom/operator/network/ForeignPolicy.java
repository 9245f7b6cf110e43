package dev.cleanroom.operator.network;

import dev.cleanroom.api.v1alpha1.Phase;
import dev.cleanroom.operator.kube.Trim;
import dev.cleanroom.operator.pod.Names;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network policy that opens build pods and is not Cleanroom's, such as one that existed before its namespace was
 * opened for builds. The gate cannot detect it, and a quarantine would not close it. A label does not prove that a
 * policy is Cleanroom's, since a tenant may have set it. What proves it is a name whose reconciler restores the spec,
 * together with the pods that the policy opens.
 */
public final class ForeignPolicy {
    private ForeignPolicy() {}

    /** @param policy the policy as {@link Trim} reads it */
    public static boolean is(NetworkPolicy policy, String operatorNamespace) {
        Optional<String> opened = Trim.opens(policy);
        String name = policy.getMetadata().getName();
        return opened.isPresent()
                && Stream.of(Phase.values()).noneMatch(phase -> name.equals(Names.egressPolicy(opened.get(), phase)))
                && !(name.equals(Names.BEACON)
                        && Trim.hashOf(policy).equals(Trim.hash(BeaconPolicy.spec(operatorNamespace))));
    }
}
